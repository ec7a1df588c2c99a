// What a service says when it is in trouble is shown with it: a warning about listeners, a
// heap that is full, in a log file that turns, told once over a restart of the agent.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually, sleep } from './lib/wait.mjs';

const SERVICE = `stall-${process.pid}`; // others may run on this machine
const SECRET = 'card 4711';

const PROGRAM = `
const { EventEmitter } = require('node:events');
class MonitorQueue extends EventEmitter {}
const queue = new MonitorQueue();
process.stdin.on('data', (data) => {
	for (const letter of String(data)) {
		if (letter === 'l')
			for (let i = 0; i < 11; i++)
				queue.on('error', () => {});
		if (letter === 't')
			throw new RangeError('${SECRET}');
		if (letter === 'h')
			for (const kept = [];;)
				kept.push({ x: [1, 2, 3] });
	}
});
process.stdin.resume();
`;

describe('warnings of a service', () => {
	let place, server, agent, api, log, stall;

	function open() {
		stall = place.start('stall', process.execPath, ['--max-old-space-size=20', path.join(place.root, 'stall.js')],
			{ stdio: ['pipe', 'ignore', fs.openSync(log, 'a', 0o644)] });
		return stall.child.pid;
	}

	// Asked for while it runs: what has ended is not listed for ever.
	let found;
	const service = async () => (found ??= await eventually(
		async () => (await api.all('/services')).find((row) => row.name === SERVICE),
		{ what: 'the service', within: 60_000 }));

	async function followed(pid) {
		const { id } = await service();
		return eventually(async () => (await api.all(`/services/${id}/instances`)).find((row) => row.pid === pid),
			{ what: `process ${pid}`, within: 60_000 });
	}

	async function warnings(kind) {
		const { id } = await service();
		return (await api.all(`/services/${id}/warnings`)).filter((row) => row.kind === kind);
	}

	before(async () => {
		place = new Place('warnings');
		server = await new Server(place).start();
		log = path.join(place.root, 'market.log');
		fs.writeFileSync(log, 'java.lang.OutOfMemoryError: of yesterday\n');
		fs.writeFileSync(path.join(place.root, 'stall.js'), PROGRAM);
		agent = new Agent(place, {
			name: 'market-1',
			config: `[service ${SERVICE}]\ncommand = node *stall.js\n` +
				`[log ${SERVICE}]\nfile = ${log}\nservice = ${SERVICE}\n` +
				'pattern slow = query (?<name>[a-z]+) took (?<seconds>[0-9]+)s\n',
		});
		agent.join(server.token());
		agent.start();
		api = await server.api();
	});
	after(() => place?.close());

	it('shows which emitter has too many listeners', async () => {
		const pid = open();
		await followed(pid);
		stall.child.stdin.write('l');
		const [row] = await eventually(async () => {
			const rows = await warnings('max_listeners');
			return rows.length > 0 && rows;
		}, { what: 'the warning' });
		assert.equal(row.fields.emitter, 'MonitorQueue');
		assert.equal(row.fields.event, 'error');
		assert.equal(row.fields.count, '11');
		assert.equal(row.source, `log ${SERVICE}`);
		assert.equal(row.pid, pid);
		assert.equal(Number(row.count), 1);
	});

	it('shows a heap that was full, with the process that died of it', async () => {
		const { pid } = stall.child;
		stall.child.stdin.write('h');
		const [row] = await eventually(async () => {
			const rows = await warnings('heap_out_of_memory');
			return rows.length > 0 && rows;
		}, { what: 'the warning' });
		assert.equal(row.pid, pid);
		assert.equal(row.fields.runtime, 'node');
		assert.ok(Number(row.fields.heap_mb) > 5, JSON.stringify(row));
	});

	it('counts nothing twice when the agent is restarted and the log turned', async () => {
		const pid = open();
		await followed(pid);
		await sleep(6000); // what was read is on disk
		await agent.kill();
		fs.appendFileSync(log, 'query carts took 12s\n');
		fs.renameSync(log, `${log}.1`);
		fs.writeFileSync(log, 'query till took 9s\n', { mode: 0o644 });
		agent.start();
		const rows = await eventually(async () => {
			const rows = await warnings('pattern');
			return rows.length > 1 && rows;
		}, { what: 'the lines of both files', within: 60_000 });
		assert.deepEqual(rows.map((row) => row.fields.name).sort(), ['carts', 'till']);
		assert.deepEqual(rows.map((row) => row.pid), [pid, pid]);
		stall.child.stdin.write('t');
		const [error] = await eventually(async () => {
			const rows = await warnings('uncaught_exception');
			return rows.length > 0 && rows;
		}, { what: 'the exception' });
		assert.equal(error.fields.error, 'RangeError');
		for (const kind of ['max_listeners', 'heap_out_of_memory'])
			assert.deepEqual((await warnings(kind)).map((row) => Number(row.count)), [1]);
	});

	it('takes nothing of a line but what it looks for', async () => {
		const { id } = await service();
		assert.ok(!JSON.stringify(await api.all(`/services/${id}/warnings`)).includes('4711'));
	});

	it('says how its sources do', async () => {
		const source = async (name) => (await api.all('/sources')).find((row) => row.name === name);
		const row = await eventually(() => source(`log ${SERVICE}`), { what: 'the state of the log' });
		assert.equal(row.works, true, JSON.stringify(row));
		fs.renameSync(log, `${log}.2`);
		await eventually(async () => (await source(`log ${SERVICE}`)).works === false,
			{ what: 'a log that is gone', within: 60_000 });
	});
});
