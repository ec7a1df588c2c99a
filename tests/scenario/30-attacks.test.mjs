// Attacks over the real sockets, one server for all of them: what docs/security.md promises and
// no smaller test shows. Whatever was tried, the server goes on and has lost nothing.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Target } from './lib/captures.mjs';
import { Description } from './lib/description.mjs';
import { Part } from './lib/part.mjs';
import { Peer } from './lib/peer.mjs';
import { Place } from './lib/place.mjs';
import { freePorts } from './lib/ports.mjs';
import { Server } from './lib/server.mjs';
import { eventually, sleep } from './lib/wait.mjs';

const MIB = 1 << 20;
const DROP = `x'); DROP TABLE alert; --`;
const HOSTILE = `${DROP}<img src=x onerror=alert(1)>`;

let place, server, api, agent, peer, recorder, target;

before(async () => {
	place = new Place('attacks');
	const ports = await freePorts(5);
	server = new Server(place, { options: ['--servers', `127.0.0.1:${ports + 3}`] });
	Object.assign(server, { port: ports, agentPort: ports + 1 }); // and they enrol at the one after
	recorder = new Recorder();
	await recorder.listen(ports + 3, server.agentPort);
	await server.start();
	api = await server.api();
	target = await new Target(place, { name: 'hostile', service: HOSTILE }).start();
	agent = new Agent(place, { name: 'good' });
	agent.join(server.token().replace(`:${ports + 4}`, `:${ports + 2}`)); // past the recorder
	agent.start();
	await agent.stored(server, 2);
	await eventually(async () => (await api.all('/services')).length > 0, { within: 60_000, every: 200, what: 'a service' });
	await agent.stop();
	peer = new Peer(server);
});
after(async () => {
	recorder?.close();
	await place?.close();
});

/** Passes connections on, and keeps what the client said. */
class Recorder {
	servers = [];
	said = []; // one Buffer[] a connection

	async listen(port, to) {
		const server = net.createServer((client) => {
			const bytes = [];
			this.said.push(bytes);
			const onward = net.connect(to, '127.0.0.1');
			client.on('data', (chunk) => bytes.push(chunk));
			for (const socket of [client, onward])
				socket.on('error', () => { client.destroy(); onward.destroy(); });
			client.pipe(onward).pipe(client);
		});
		this.servers.push(server);
		await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
	}

	close() {
		for (const server of this.servers)
			server.close();
	}
}

/** Opens a connection, says this, and waits until the other side has closed it. */
function sayUntilClosed(port, bytes) {
	return new Promise((resolve, reject) => {
		const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
		const timer = setTimeout(() => { socket.destroy(); reject(new Error('it was not closed')); }, 60_000);
		socket.on('error', () => {});
		socket.on('data', () => {});
		socket.on('close', () => { clearTimeout(timer); resolve(); });
	});
}

const stored = () => server.number(`SELECT coalesce(sum(stored_batches), 0) FROM agent`);
async function refused() {
	const { text } = await server.http('GET', '/metrics');
	return Number(/^tidemark_ingest_batches_total\{fate="refused"\} (\d+)$/m.exec(text)[1]);
}

/** The server answers, and still stores what good agents send. */
async function stillWorks() {
	assert.equal(server.running.ended, null, place.tailOf('server'));
	assert.equal((await server.http('GET', '/readyz')).status, 200);
	const had = stored();
	agent.start();
	await eventually(() => stored() > had, { what: 'new batches', every: 200 });
	await agent.stop();
}

// ---- protobuf by hand: what no agent of ours would make

function varint(value) {
	const bytes = [];
	for (; value > 127; value = Math.floor(value / 128))
		bytes.push(value % 128 + 128);
	return Buffer.from([...bytes, value]);
}
const bytesField = (number, bytes) => Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
const intField = (number, value) => Buffer.concat([varint(number * 8), varint(value)]);
const zstd = (bytes) => spawnSync('zstd', ['-cq'], { input: bytes, maxBuffer: 1 << 28 }).stdout;
let sequence = 1_000_000;
const upload = (batch) => Buffer.concat([intField(1, 1), bytesField(2, Buffer.from('9.9')),
	Buffer.concat([varint(10 * 8 + 1), Buffer.alloc(8, 7)]), intField(11, sequence++), bytesField(100, batch)]);
function nested(field, depth) {
	const heads = [];
	for (let length = 0; heads.length < depth;) {
		const head = Buffer.concat([varint(field * 8 + 2), varint(length)]);
		heads.push(head);
		length += head.length;
	}
	return Buffer.concat(heads.reverse());
}
const times = (count, bytes) => Buffer.alloc(count * bytes.length, bytes);

describe('a hostile agent', () => {
	it('gains nothing by saying again what another said', async () => {
		const said = recorder.said.map((parts) => Buffer.concat(parts));
		const longest = said.sort((a, b) => b.length - a.length)[0];
		assert.ok(longest.length > 1000, 'a session with batches was recorded');
		const had = stored();
		await sayUntilClosed(server.agentPort, longest);
		assert.equal(stored(), had);
	});

	it('poisons nothing with frames that are deep, that unfold, or have endless names', async () => {
		const frames = {
			'nested 10,000 deep': nested(103, 10_000),
			'nested 10,000 deep, packed': upload(zstd(nested(103, 10_000))),
			'nested where we know nothing': upload(zstd(nested(4000, 10_000))),
			'some KiB that inflate to 52 MiB': upload(zstd(Buffer.alloc(52 * MIB))),
			'1 MiB that unfolds to 52 MiB of structs': upload(zstd(times(350_000, bytesField(102, Buffer.alloc(0))))),
			'a million series': upload(zstd(times(1_000_000, bytesField(102, Buffer.from([8, 1]))))),
			'a name of 1 MiB': upload(zstd(bytesField(100, Buffer.alloc(MIB, 'x')))),
			'no zstd at all': upload(Buffer.alloc(1000, 0xff)),
		};
		const before = await refused();
		const files = Object.entries(frames).map(([name, bytes], i) => {
			assert.ok(bytes.length <= MIB, `${name}: ${bytes.length} bytes fit into a frame`);
			fs.writeFileSync(path.join(place.root, `frame-${i}`), bytes);
			return `@${path.join(place.root, `frame-${i}`)}`;
		});
		const had = stored();
		const events = peer.send(server.agentPort, agent.state, ...files);
		assert.ok(events.includes('connected') && !events.includes('disconnected'), events.join());
		await eventually(async () => await refused() >= before + files.length, { what: 'all of them to be refused' });
		assert.equal(stored(), had);
		await stillWorks();
	});

	it('keeps nobody out with handshakes that it does not end', async (t) => {
		// ZMTP 3.1: signature, version, "CURVE", as client; then nothing.
		const greeting = Buffer.concat([Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]),
			Buffer.from('CURVE'.padEnd(20, '\0')), Buffer.alloc(32)]);
		const sockets = await Promise.all(Array.from({ length: 400 }, () => new Promise((resolve, reject) => {
			const socket = net.connect(server.agentPort, '127.0.0.1', () => { socket.write(greeting); resolve(socket); });
			socket.once('error', reject);
		})));
		for (const socket of sockets)
			socket.on('error', () => {}).on('data', () => {});
		const began = performance.now();
		await stillWorks();
		t.diagnostic(`a good agent came in among ${sockets.length} and ended within ${Math.round(performance.now() - began)} ms`);
		await eventually(() => sockets.every((socket) => socket.closed), { within: 60_000, what: 'all to be reaped' });
	});
});

describe('a hostile name', () => {
	it('is a text for everybody, and a command for nobody', async () => {
		const names = (await api.all('/services')).map((row) => row.name);
		assert.ok(names.includes(HOSTILE), names.join('\n'));
		const service = (await api.all('/services')).find((row) => row.name === HOSTILE);
		const answer = await api.send('GET', `/services/${service.id}`);
		assert.match(answer.headers['content-type'], /^application\/json/);
		assert.equal(answer.headers['x-content-type-options'], 'nosniff');
		assert.equal((await api.get(`/services?q=${encodeURIComponent(HOSTILE)}`)).items.length, 1);
		assert.equal(server.number('SELECT count(*) FROM alert'), 0);
	});

	it('does nothing in any text that the API takes', async () => {
		const tables = () => server.value(`SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
			WHERE relkind IN ('r', 'p', 'v') AND relnamespace = 'public'::regnamespace AND relname !~ '_[0-9]+'`);
		const before = tables();
		const description = new Description(await api.get('/openapi.json'));
		const faults = [];
		let asked = 0;
		const ask = async (o, what, path, options = {}) => {
			const answer = o.path.startsWith('/api/v1') ? await api.send(o.method, path, options)
				: await server.http(o.method, path, options);
			asked++;
			if (answer.status >= 500 || /syntax error|SQLSTATE|relation "/i.test(answer.text))
				faults.push(`${o.name} ${what}: ${answer.status} ${answer.text.slice(0, 200)}`);
		};
		for (const o of description.operations) {
			if (/\/session|\/events$/.test(o.path))
				continue;
			const place = o.path.replace('/api/v1', '').replace(/\{\w+\}/g, '1');
			const body = o.method === 'GET' ? {} : { body: {} };
			await ask(o, 'path', o.path.replace('/api/v1', '').replace(/\{\w+\}/g, encodeURIComponent(DROP)), body);
			for (const p of o.query)
				await ask(o, p.name, `${place}?${p.name}=${encodeURIComponent(DROP)}`, body);
			const { properties = {} } = description.taken(o) ?? {};
			const texts = Object.entries(properties).filter(([, schema]) => [description.resolve(schema).type].flat().includes('string'));
			if (texts.length && o.method !== 'DELETE')
				await ask(o, 'body', place, { body: { ...description.required(o), ...Object.fromEntries(texts.map(([name]) => [name, DROP])) } });
		}
		assert.deepEqual(faults, []);
		assert.ok(asked > 150, `${asked} requests`);
		assert.equal(tables(), before);
	});
});

describe('what the server is told to reach', () => {
	it('is not what only this machine can', async () => {
		let reached = 0;
		const inner = net.createServer((socket) => { reached++; socket.destroy(); });
		await new Promise((resolve) => inner.listen(0, '0.0.0.0', resolve));
		const { port } = inner.address();
		try {
			for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '127.1', '0.0.0.0']) {
				const made = await api.send('POST', '/targets', { body: { name: host, kind: 'webhook', url: `http://${host}:${port}/`, events: ['opened'] } });
				if (made.status >= 400)
					continue;
				await api.send('POST', `/targets/${made.json.id}/test`, { body: {} });
				const state = await eventually(() => server.value(`SELECT state FROM message WHERE target_id = ${made.json.id}
					AND problem IS NOT NULL AND state <> 'sent'`), { what: `the refusal of ${host}` });
				assert.ok(state, host);
				await api.send('DELETE', `/targets/${made.json.id}`);
			}
			assert.equal(reached, 0);
		} finally {
			inner.close();
		}
	});
});

describe('secrets', () => {
	it('are in no command line and no log', async () => {
		const joining = server.token();
		const made = await api.send('POST', '/tokens', { body: { kind: 'api', name: 'grafana' } });
		assert.ok(made.status < 300, made.text);
		const secrets = {
			password: server.password,
			session: api.cookie.split('=')[1],
			'join token': joining.match(/^tmk1\.[^.]+\.[^.]+\.([^@]+)@/)[1],
			'API token': made.json.secret.split('.').pop(),
		};
		await server.http('GET', '/api/v1/fleet', { headers: { authorization: `Bearer ${made.json.secret}` } });
		await server.http('GET', `/api/v1/fleet?token=${made.json.secret}`);
		agent.start();
		await sleep(300);
		const lines = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => {
			try {
				return `${fs.readFileSync(`/proc/${pid}/cmdline`)}`;
			} catch {
				return '';
			}
		});
		await agent.stop();
		const logs = fs.readdirSync(place.root).filter((name) => name.endsWith('.log'))
			.map((name) => fs.readFileSync(path.join(place.root, name), 'utf8'));
		assert.ok(lines.some((line) => line.includes(server.data)) && logs.join('').includes('is ready'), 'this test sees what it looks at');
		for (const [kind, secret] of Object.entries(secrets)) {
			assert.ok(secret.length >= 10, kind);
			assert.ok(!lines.some((line) => line.includes(secret)), `the ${kind} is in a command line`);
			assert.ok(!logs.some((log) => log.includes(secret)), `the ${kind} is in a log`);
		}
	});
});

describe('TLS', () => {
	let part, port, cert, key;

	/** A new certificate in place of the old, for anybody to read but not to guess. */
	const make = (serial) => {
		place.must('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
			'-subj', '/CN=localhost', '-set_serial', String(serial), '-keyout', `${key}.new`, '-out', `${cert}.new`], { cwd: path.dirname(cert) });
		fs.renameSync(`${key}.new`, key);
		fs.renameSync(`${cert}.new`, cert);
	};
	const ask = (method, route, { headers = {}, body, agent: over = false } = {}) => new Promise((resolve, reject) => {
		const sent = https.request({ host: '127.0.0.1', port, method, path: route, agent: over, rejectUnauthorized: false,
			headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers } }, (answer) => {
			const serial = answer.socket.getPeerCertificate().serialNumber;
			let text = '';
			answer.on('data', (chunk) => { text += chunk; });
			answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text, serial: parseInt(serial, 16) }));
		});
		sent.on('error', reject);
		sent.end(body && JSON.stringify(body));
	});
	const shown = async () => (await ask('GET', '/healthz')).serial;
	const log = () => fs.readFileSync(path.join(place.root, 'tls.log'), 'utf8');

	before(async () => {
		const folder = place.directory('certificates');
		[cert, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
		make(1);
		port = await freePorts(1);
		part = await new Part(server, { name: 'tls', roles: 'api', options: ['--http', `127.0.0.1:${port}`, '--tls-cert', cert, '--tls-key', key] }).prepare();
		part.copyKeys();
		await part.start();
	});

	it('is what console and API speak, and browsers are told to stay with', async () => {
		await eventually(() => /warn.*the certificate is good for 1 more days/.test(log()), { what: 'the warning of its end' });
		assert.match(log(), new RegExp(`console at https://127\\.0\\.0\\.1:${port}/`));
		const answer = await ask('GET', '/healthz');
		assert.equal(answer.status, 200);
		assert.equal(answer.headers['strict-transport-security'], 'max-age=31536000');
		await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
	});

	it('has a cookie that nobody else can set, and a new one for each login', async () => {
		const planted = `__Host-tidemark_session=${'A'.repeat(43)}`;
		const login = (origin) => ask('POST', '/api/v1/session', { headers: { origin, cookie: planted },
			body: { name: 'admin', password: server.password } });
		assert.equal((await login(`http://127.0.0.1:${port}`)).status, 403, 'a page without TLS');
		assert.equal((await login('https://evil.example')).status, 403, 'a page of others');
		const answer = await login(`https://127.0.0.1:${port}`);
		assert.equal(answer.status, 200, answer.text);
		const [cookie] = answer.headers['set-cookie'];
		assert.match(cookie, /^__Host-tidemark_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/);
		assert.ok(!cookie.startsWith(planted));
		const fleet = (value) => ask('GET', '/api/v1/fleet', { headers: { cookie: value } });
		assert.equal((await fleet(cookie.split(';')[0])).status, 200);
		assert.equal((await fleet(planted)).status, 401);
		assert.equal((await fleet(cookie.split(';')[0].replace('__Host-', ''))).status, 401);
	});

	it('takes a new certificate while connections stay, and never a bad one', async () => {
		const kept = new https.Agent({ keepAlive: true, maxSockets: 1 });
		try {
			assert.equal((await ask('GET', '/healthz', { agent: kept })).serial, 1);
			make(2);
			await eventually(async () => await shown() === 2, { what: 'the changed file to be seen' });
			make(3);
			part.running.child.kill('SIGHUP');
			await eventually(async () => await shown() === 3, { what: 'the new one after SIGHUP' });
			const old = await ask('GET', '/healthz', { agent: kept });
			assert.deepEqual([old.status, old.serial], [200, 1], 'who is connected stays');
			fs.writeFileSync(cert, 'nonsense\n');
			part.running.child.kill('SIGHUP');
			await eventually(() => /warn.*the certificate that was there before stays: .*cert\.pem: no certificate/.test(log()), { what: 'the complaint' });
			assert.equal(await shown(), 3);
			assert.equal(part.running.ended, null);
		} finally {
			kept.destroy();
		}
	});

	it('lets nobody wait for ever in a handshake', async () => {
		const hello = Buffer.from('160301010001000000fc0303', 'hex');
		await Promise.all(Array.from({ length: 60 }, (_, i) => sayUntilClosed(port, i % 2 ? hello : Buffer.alloc(0))));
		assert.equal((await ask('GET', '/healthz')).status, 200);
	});

	it('is not left out by mistake', () => {
		const check = (...options) => place.run(place.program('tidemark-server'), ['run', '--check-config', '--data-dir', server.data, ...options]);
		const plain = check('--http', '0.0.0.0:8470');
		assert.equal(plain.status, 2, plain.stderr);
		assert.match(plain.stderr, /other machines would send passwords in the clear/);
		for (const options of [['--http-plain'], ['--trusted-proxies', '10.0.0.7'], ['--tls-cert', cert, '--tls-key', key], ['--roles', 'ingest']])
			assert.equal(check('--http', '0.0.0.0:8470', ...options).status, 0, options.join(' '));
		assert.match(check('--tls-cert', cert).stderr, /one is useless without the other/);
		assert.match(check('--trusted-proxies', 'proxy.example').stderr, /trusted_proxies: 'proxy\.example'/);
	});
});

describe('after all that', () => {
	it('everything works', stillWorks);
});
