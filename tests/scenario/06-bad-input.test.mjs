// Bad input over the real sockets: every kind gets a clear answer, is counted where it
// can be counted, and ends nothing.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Peer } from './lib/peer.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually, sleep } from './lib/wait.mjs';

const MIB = 1 << 20;
let place, server, agent, peer, api;

before(async () => {
	place = new Place('bad');
	server = await new Server(place).start();
	agent = new Agent(place, { name: 'good' });
	agent.join(server.token());
	agent.start();
	await agent.stored(server);
	peer = new Peer(server);
	api = await server.api();
});
after(() => place?.close());

/** A figure of /metrics. */
async function metric(name, label) {
	const { text } = await server.http('GET', '/metrics');
	const line = text.split('\n').find((one) => one.startsWith(`${name}{${label}} `));
	assert.ok(line, `/metrics has no ${name}{${label}}`);
	return Number(line.split(' ')[1]);
}

const handshakesRefused = () => metric('tidemark_ingest_handshakes_total', 'result="refused"');
const batchesRefused = () => metric('tidemark_ingest_batches_total', 'fate="refused"');
const enrolmentsRefused = () => metric('tidemark_ingest_enrolments_total', 'result="refused"');

/** The server answers, and still stores what good agents send. */
async function stillWorks() {
	assert.equal(server.running.ended, null, place.tailOf('server'));
	assert.equal((await server.http('GET', '/readyz')).status, 200);
	const before = server.number('SELECT stored_batches FROM agent WHERE id = 1');
	await eventually(() => server.number('SELECT stored_batches FROM agent WHERE id = 1') > before,
		{ what: 'new batches', every: 200 });
}

describe('bad peers', () => {
	it('refuses the handshake of an unknown key, and counts it', async () => {
		const before = await handshakesRefused();
		const events = peer.send(server.agentPort, 'unknown', '100');
		assert.ok(events.includes('refused'), events.join());
		assert.ok(!events.includes('connected'), events.join());
		assert.ok(await handshakesRefused() > before);
		await stillWorks();
	});

	it('takes no harm from garbage of an enrolled agent', async () => {
		const before = await batchesRefused();
		const events = peer.send(server.agentPort, agent.state, '0', '1', '100', '5000', '900000');
		assert.ok(events.includes('connected'), events.join());
		assert.equal(await batchesRefused(), before + 5);
		await stillWorks();
	});

	it('refuses a truncated batch', async () => {
		const spooled = path.join(agent.state, 'spool');
		const segment = fs.readdirSync(spooled).map((name) => path.join(spooled, name))
			.find((file) => fs.statSync(file).size > 4096);
		const cut = path.join(place.root, 'cut');
		fs.writeFileSync(cut, fs.readFileSync(segment).subarray(96, 2000));
		const before = await batchesRefused();
		const events = peer.send(server.agentPort, agent.state, `@${cut}`);
		assert.ok(events.includes('connected'), events.join());
		assert.equal(await batchesRefused(), before + 1);
		await stillWorks();
	});

	it('cuts the connection of a peer that sends an oversize frame', async () => {
		const events = peer.send(server.agentPort, agent.state, String(20 * MIB));
		assert.ok(events.includes('disconnected'), events.join());
		await stillWorks();
	});

	it('answers garbage on the enrol socket with nothing worse than an error', async () => {
		const before = await enrolmentsRefused();
		const events = peer.send(server.agentPort + 1, 'unknown', '0', '50', '3000');
		assert.ok(!events.includes('refused'), events.join());
		assert.ok(await enrolmentsRefused() > before);
		await stillWorks();
	});

	it('takes no harm from connections that speak no ZeroMQ at all', async () => {
		for (const port of [server.agentPort, server.agentPort + 1]) {
			await Promise.all([
				speak(port, crypto.randomBytes(100_000)),
				speak(port, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')),
				speak(port, Buffer.alloc(0)),
				speak(port, Buffer.from('ff00000000000000017f03', 'hex')),
			]);
		}
		await stillWorks();
	});

	it('refuses expired, revoked and malformed tokens, saying which', async () => {
		const join = (token) => {
			const { status, stderr } = new Agent(place).tryJoin(token);
			assert.notEqual(status, 0, stderr);
			return stderr;
		};
		const expiring = server.token('--ttl', '1s');
		await sleep(1500);
		assert.match(join(expiring), /expired/);
		const revoked = server.token();
		server.command('token', 'revoke', revoked.split('.')[2]);
		assert.match(join(revoked), /revoked/);
		const good = server.token();
		assert.match(join(good.replace(/\.[^.]*@/, '.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@')), /unknown token/);
		assert.match(join('tmk1.nonsense'), /token/);
		assert.match(join(''), /token/);
		await stillWorks();
	});
});

function speak(port, bytes) {
	return new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
		socket.on('error', () => {}); // being cut off is fine
		socket.on('close', resolve);
		setTimeout(() => socket.destroy(), 1500);
	});
}

describe('bad requests', () => {
	const problem = (answer, status) => {
		assert.equal(answer.status, status, answer.text);
		assert.match(answer.headers['content-type'], /^application\/problem\+json/);
		assert.equal(answer.json.status, status);
		assert.ok(answer.json.title && answer.json.detail, answer.text);
		return answer;
	};

	it('says 404 for an unknown route and an unknown thing', async () => {
		problem(await api.send('GET', '/nonsense'), 404);
		problem(await api.send('GET', '/services/999999'), 404);
		problem(await api.send('GET', '/services/abc'), 404);
	});

	it('says 405 for a wrong method, with what is allowed', async () => {
		const answer = problem(await api.send('DELETE', '/fleet'), 405);
		assert.match(answer.headers.allow, /GET/);
	});

	it('says 400 for parameters that make no sense, and names them', async () => {
		assert.match(problem(await api.send('GET', '/services?limit=-1'), 400).text, /limit/);
		assert.match(problem(await api.send('GET', '/services?limit=x'), 400).text, /limit/);
		assert.match(problem(await api.send('GET', '/services?verdict=bad'), 400).text, /verdict/);
		assert.match(problem(await api.send('GET', '/series?service=1&metric=bad&from=1&to=2'), 400).text, /metric/);
		problem(await api.send('GET', '/services?q=%ff%fe'), 400);
		problem(await api.send('GET', '/services?q=%zz'), 400);
	});

	it('says 400 or 414 for an over-long query', async () => {
		const answer = await api.send('GET', `/services?q=${'x'.repeat(6000)}`);
		assert.ok([400, 414].includes(answer.status), String(answer.status));
		const longer = await api.send('GET', `/services?q=${'x'.repeat(200_000)}`).catch((error) => error);
		assert.ok(longer instanceof Error || [400, 414, 431].includes(longer.status), String(longer.status));
	});

	it('says 400 for a body that is no JSON, 413 for a huge one', async () => {
		const post = (body) => api.send('POST', '/tokens', { body });
		problem(await post('{'), 400);
		problem(await post('[]'), 400);
		problem(await post('{"kind":"join","kind":"api"}'), 400);
		problem(await post('{"kind":"nonsense"}'), 400);
		problem(await post('['.repeat(20_000)), 400);
		const huge = await post(`{"kind":"join","name":"${'x'.repeat(4 * MIB)}"}`).catch((error) => error);
		assert.ok(huge instanceof Error || huge.status === 413, String(huge.status));
	});

	it('says 401 without a session, and for a made-up one', async () => {
		problem(await server.http('GET', '/api/v1/fleet'), 401);
		problem(await server.http('GET', '/api/v1/fleet', { headers: { cookie: 'tidemark_session=made-up' } }), 401);
		problem(await server.http('GET', '/api/v1/fleet', { headers: { authorization: 'Bearer tma1.x.y' } }), 401);
	});

	it('slows down who guesses passwords, and lets the right one in', async () => {
		const attempt = (name, password) => server.http('POST', '/api/v1/session', {
			body: { name, password }, headers: { origin: `http://127.0.0.1:${server.port}` },
		});
		const wrong = problem(await attempt('admin', 'wrong'), 401);
		const unknown = problem(await attempt('nobody-here', 'wrong'), 401);
		assert.equal(unknown.json.detail, wrong.json.detail, 'a name that does not exist answers alike');
		problem(await attempt('admin', 'wrong'), 401);
		const slowed = problem(await attempt('admin', 'wrong'), 429);
		assert.ok(Number(slowed.headers['retry-after']) >= 1, slowed.headers['retry-after']);
		problem(await attempt('admin', server.password), 429);
		const right = await eventually(async () => {
			const answer = await attempt('admin', server.password);
			return answer.status < 300 && answer;
		}, { within: 60_000, every: 1000, what: 'the right password to be taken' });
		assert.match(String(right.headers['set-cookie']), /HttpOnly/i);
	});

	it('works on', stillWorks);
});

describe('bad configuration', () => {
	const file = (name, text) => {
		const made = path.join(place.root, name);
		fs.writeFileSync(made, text);
		return made;
	};

	it('names file, line and key of what an agent does not know', () => {
		const config = file('agent.conf', '[agent]\ninterval = 1s\nintervall = 5s\n');
		const { status, stderr } = place.run(place.program('tidemark-agent'), ['run', '--config', config]);
		assert.notEqual(status, 0);
		assert.match(stderr, /agent\.conf:3: .*intervall/);
	});

	it('names file, line and key of what the server does not know', () => {
		const config = file('server.conf', '# comment\n\n[server]\nhttpp = 1\n');
		const { status, stderr } = place.run(place.program('tidemark-server'), ['run', '--config', config]);
		assert.notEqual(status, 0);
		assert.match(stderr, /server\.conf:4: .*httpp/);
	});

	it('says which value is out of bounds', () => {
		const config = file('bounds.conf', '[agent]\ninterval = 1ms\n');
		const { status, stderr } = place.run(place.program('tidemark-agent'), ['run', '--config', config]);
		assert.notEqual(status, 0);
		assert.match(stderr, /bounds\.conf:2: .*interval/);
	});

	it('says which file is missing', () => {
		for (const program of ['tidemark-agent', 'tidemark-server']) {
			const { status, stderr } = place.run(place.program(program), ['run', '--config', '/nowhere/x.conf']);
			assert.notEqual(status, 0);
			assert.match(stderr, /\/nowhere\/x\.conf/);
		}
	});

	it('says what an unknown command or option is', () => {
		for (const program of ['tidemark-agent', 'tidemark-server']) {
			const command = place.run(place.program(program), ['nonsense']);
			assert.equal(command.status, 2, command.stderr);
			assert.match(command.stderr, /nonsense/);
			const option = place.run(place.program(program), ['run', '--nonsense', '1']);
			assert.notEqual(option.status, 0);
			assert.match(option.stderr, /nonsense/);
		}
	});
});
