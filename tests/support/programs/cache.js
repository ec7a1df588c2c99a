'use strict';
// A leak to find: a cache without a limit.  COUNT entries are there at the start, each
// GET /add?n=N adds N, GET / answers how many there are.  HANDLE_USR1=1: has a handler
// of its own for SIGUSR1.  Prints its port on a line when it listens.
const http = require('http');

function Account(row) {
	this.row = row;
	this.previous = Object.assign({}, row);
	this.changed = {};
}

const cache = new Map();
global.accountCache = cache;

function add(count) {
	for (let i = 0; i < count; i++) {
		const id = cache.size;
		const row = { id, name: 'name ' + id, mail: id + '@example.com',
			roles: ['reader', 'writer'], created: new Date(), score: id / 7 };
		cache.set('/api/account/' + id, [new Account(row)]);
	}
}

if (process.env.HANDLE_USR1)
	process.on('SIGUSR1', function () {});
add(Number(process.env.COUNT || 0));
const server = http.createServer(function (request, response) {
	const match = /^\/add\?n=(\d+)$/.exec(request.url);
	if (match)
		add(Number(match[1]));
	response.end(String(cache.size));
});
server.listen(0, '127.0.0.1', function () {
	console.log(server.address().port);
});
