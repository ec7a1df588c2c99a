// Starting and stopping: clean, told to systemd, and never two of a kind on the same data.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Ledger, assertStoredOnce } from './lib/ledger.mjs';
import { Notify } from './lib/notify.mjs';
import { Place, processesUnder } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

describe('stop and start', () => {
	let place, server, agent, notify;

	before(async () => {
		place = new Place('stop');
		notify = new Notify(place);
		await eventually(() => notify.lines().includes('LISTENING'), { what: 'the listener' });
		server = new Server(place, { env: { NOTIFY_SOCKET: notify.socket } });
		await server.start();
		agent = new Agent(place, { name: 'one' });
		agent.join(server.token());
	});
	after(() => place?.close());

	it('tells systemd when the server is ready', async () => {
		await eventually(() => notify.lines().includes('READY=1'), { what: 'READY=1' });
	});

	it('tells systemd when the agent is ready', async () => {
		const before = notify.lines().filter((line) => line === 'READY=1').length;
		agent.start({ env: { NOTIFY_SOCKET: notify.socket } });
		await eventually(() => notify.lines().filter((line) => line === 'READY=1').length > before,
			{ what: 'READY=1 of the agent' });
		await agent.stored(server, 2);
	});

	it('does not let a second agent use the same state', () => {
		const { status, stderr } = place.run(agent.program, ['run', ...agent.options()]);
		assert.equal(status, 1, stderr);
		assert.match(stderr, /spool|state/);
		assert.equal(agent.running.ended, null);
	});

	it('does not let a second server use the same ports', async () => {
		const { status, stderr } = place.run(server.program, ['run', '--data-dir', server.data,
			'--http', `127.0.0.1:${server.port}`, '--listen', `127.0.0.1:${server.agentPort}`]);
		assert.equal(status, 1, stderr);
		assert.match(stderr, new RegExp(`${server.port}|${server.agentPort}|in use|taken`));
		await server.ready();
	});

	it('goes on when the terminal hangs up', async () => {
		const before = server.number('SELECT stored_batches FROM agent');
		agent.running.child.kill('SIGHUP');
		await agent.stored(server, before + 3);
		assert.equal(agent.running.ended, null);
	});

	it('stops cleanly on SIGTERM, the server with its PostgreSQL', async () => {
		assert.deepEqual(await agent.stop(), { status: 0, signal: null });
		assert.deepEqual(await server.stop(), { status: 0, signal: null }, place.tailOf('server'));
		await eventually(() => notify.lines().includes('STOPPING=1'), { what: 'STOPPING=1' });
		assert.deepEqual(processesUnder(server.data), []);
	});

	it('stops cleanly on SIGINT too, and while it starts', async () => {
		await server.start({ ready: false });
		const ended = await server.stop('SIGINT');
		assert.ok(ended.status === 0 || ended.signal === 'SIGINT', JSON.stringify(ended));
		await eventually(() => processesUnder(server.data).length === 0, { what: 'PostgreSQL to end' });
	});

	it('works in any order: agent first, server later', async () => {
		agent.start();
		await server.start();
		const before = server.number('SELECT stored_batches FROM agent');
		await eventually(() => server.number('SELECT stored_batches FROM agent') > before + 2,
			{ what: 'new batches', every: 300 });
		assert.equal((await agent.stop()).status, 0);
		await eventually(() => new Ledger(agent).look().missing(server).length === 0,
			{ what: 'what the agent had sent last' });
		assertStoredOnce(server, 'one');
	});

	it('stops while PostgreSQL is away', async () => {
		process.kill(server.postgresPid(), 'SIGKILL');
		assert.equal((await server.stop()).status, 0, place.tailOf('server'));
	});
});
