'use strict';
// A service that holds other people's secrets in every way that a heap can: secrets.js PORT.
// TIDEMARK_SECRETS is a JSON object of them, so that no secret stands in a source file.
const http = require('http');

const secrets = Object.entries(JSON.parse(process.env.TIDEMARK_SECRETS));
const held = { byName: {}, byKey: new Map(), things: [], users: {} };

function plant(kind, secret) {
	const bearer = { [secret]: { kind } }; // as an object's key
	held.things.push(bearer);
	held.byKey.set(secret, new Array(50).fill(0).map((_, i) => ({ kind, i }))); // as a Map's key
	held.things.push({ value: secret.split('').join('') }); // as a value
	held.things.push(Buffer.from(secret), new RegExp(secret.replace(/[^a-z0-9]/gi, '.')), Symbol(secret));
	held.things.push({ [secret]() { return kind; } }[secret]); // as a function's name
	const Named = { [secret]: class { constructor() { this.kind = kind; } } }[secret]; // as a class
	held.things.push(new Named(), new Named());
	held.things.push(new Error(`no access for ${secret}`), new URL(`http://shop/?token=${encodeURIComponent(secret)}`));
	// As the key under which many things pile up, so that it stands on a retaining path.
	held.byName[secret] = [];
	for (let i = 0; i < 800; i++)
		held.byName[secret].push({ kind, line: `${i} of ${secret}` });
	// As the names of what a plain object consists of, often enough to be an interface.
	for (let i = 0; i < 40; i++)
		held.things.push({ [secret]: i, [`${secret}_at`]: i });
}

// As keys of one object that look like names: what they are called is all that is secret.
function plantUser(kind, name) {
	held.users[name] = { kind, orders: [] };
	for (let i = 0; i < 800; i++)
		held.users[name].orders.push({ kind, line: `${i} of ${name}` });
}

for (const [kind, secret] of secrets) {
	if (kind.startsWith('user_'))
		plantUser(kind, secret);
	else
		plant(kind, secret);
}

http.createServer((request, response) => {
	for (const [kind, secret] of secrets)
		(held.byName[secret] || held.users[secret].orders).push({ kind, url: request.url });
	response.end(String(held.things.length));
}).listen(Number(process.argv[2] || 0), '127.0.0.1', function ready() {
	console.log(`ready ${this.address().port}`);
});
