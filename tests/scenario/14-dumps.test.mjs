// Heap snapshots that appear as files in a directory: whoever writes them and however
// slowly, each is summarised once when it is whole, and what is not whole is told.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';
import { Agent } from './lib/agent.mjs';
import { Target, turn } from './lib/captures.mjs';
import { request } from './lib/http.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually, sleep } from './lib/wait.mjs';

const SIGNALLED = 'signalled', WRITER = 'writer';
const LONGER_THAN_STILL_MS = 3500; // a file that nobody writes to for 2 s may be whole
const SOON_MS = 8000;

describe('heap snapshots that appear in a directory', () => {
	let place, endTurn, server, agent, api, signalled, writer, dumps, own, whole, known;

	before(async () => {
		endTurn = await turn();
		place = new Place('dumps');
		server = await new Server(place).start();
		dumps = place.directory('dumps');
		own = place.directory('own');
		signalled = await new Target(place, {
			name: SIGNALLED, env: { NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${dumps}` },
			cwd: dumps, // where Node.js 18 writes them all the same
		}).start();
		writer = await new Target(place, { name: WRITER, program: 'dumper.js' }).start();
		await signalled.load(200);
		await writer.load(600);
		await dump('old.heapsnapshot', own);
		agent = new Agent(place, { name: 'dump-1', config: `snapshot_dirs = ${dumps}\n[service ${WRITER}]\ndumps = ${own}` });
		agent.join(server.token());
		agent.start();
		api = await server.api();
		await eventually(async () => (await api.all('/services')).filter((row) => [SIGNALLED, WRITER].includes(row.name)).length === 2,
			{ what: 'both services', within: 60_000 });
		known = 0;
	});
	after(async () => {
		await place?.close();
		endTurn?.();
	});

	async function dump(name, folder) {
		const to = path.join(folder, name);
		const answer = await request(writer.port, 'GET', `/dump?to=${encodeURIComponent(to)}`);
		assert.equal(answer.status, 200);
		return to;
	}

	const all = async () => (await Promise.all((await api.all('/services')).filter((row) => [SIGNALLED, WRITER].includes(row.name))
		.map((row) => api.all(`/services/${row.id}/snapshots`)))).flat();

	/** The one that is new; fails when there are more. */
	async function next(what) {
		const rows = await eventually(async () => {
			const found = await all();
			return found.length > known && found;
		}, { what, within: 60_000 }).catch((error) => { throw new Error(`${error.message}\n${place.tailOf('dump-1')}`); });
		assert.equal(rows.length, ++known);
		return api.get(`/snapshots/${Math.max(...rows.map((row) => row.id))}`);
	}

	const troubles = async () => (await api.all('/audit')).filter((row) => row.action === 'snapshot.failed');

	/** What the audit says of a file by this name. */
	const told = (name) => eventually(async () => (await troubles()).find((row) => row.detail.includes(name)),
		{ what: `a word on ${name}`, within: 30_000 });

	/** A file of the signalled process, as Node.js would call its COUNTth. */
	const named = (count) => path.join(dumps, `Heap.20260102.030405.${signalled.pid}.0.${String(count).padStart(3, '0')}.heapsnapshot`);

	it('summarises what --heapsnapshot-signal wrote', async () => {
		signalled.running.child.kill('SIGUSR2');
		const snapshot = await next('the summary of the signalled process');
		assert.equal(snapshot.pid, signalled.pid);
		assert.equal(snapshot.service.name, SIGNALLED);
		assert.equal(snapshot.route, 'file');
		assert.equal(snapshot.kind, 'v8');
		assert.ok(snapshot.classes.find((row) => row.name === 'Function').count >= 200);
		const [file] = fs.readdirSync(dumps);
		whole = fs.readFileSync(path.join(dumps, file));
		assert.equal(snapshot.stream_bytes, whole.length);
		await signalled.load(5);
	});

	it('summarises what the application wrote under a name of its own', async () => {
		await dump('before-deploy.heapsnapshot', own);
		const snapshot = await next('the summary of the writing process');
		assert.equal(snapshot.pid, writer.pid);
		assert.equal(snapshot.classes.find((row) => row.name === 'Visit').count, 600);
	});

	it('waits for a file that is written slowly', async () => {
		const file = fs.openSync(named(7), 'w', 0o644);
		const part = Math.ceil(whole.length / 3);
		for (let from = 0; from < whole.length; from += part) {
			assert.equal((await all()).length, known, 'it was taken before it was whole');
			fs.writeSync(file, whole, from, Math.min(part, whole.length - from));
			if (from + part < whole.length)
				await sleep(LONGER_THAN_STILL_MS);
		}
		fs.closeSync(file);
		const snapshot = await next('the summary of the slow file');
		assert.equal(snapshot.stream_bytes, whole.length);
		assert.equal(snapshot.pid, signalled.pid);
	});

	it('reads what was packed on the way', async () => {
		fs.writeFileSync(path.join(own, 'packed.heapsnapshot.gz'), zlib.gzipSync(whole), { mode: 0o644 });
		const snapshot = await next('the summary of the packed file');
		assert.equal(snapshot.stream_bytes, whole.length);
	});

	it('says what is wrong with one that is cut', async () => {
		const packed = zlib.gzipSync(whole);
		fs.writeFileSync(path.join(own, 'cut.heapsnapshot.gz'), packed.subarray(0, packed.length / 2), { mode: 0o644 });
		const cut = await told('cut.heapsnapshot.gz');
		assert.equal(cut.service.name, WRITER);
		assert.equal(cut.actor, 'agent');
		assert.match(cut.detail, /said by dump-1: directory .*own/);
	});

	it('names the section in which a piece is missing', async () => {
		const at = Math.floor(whole.length / 4);
		fs.writeFileSync(named(8), Buffer.concat([whole.subarray(0, at), whole.subarray(at * 2)]), { mode: 0o644 });
		const torn = await told('Heap.20260102');
		assert.match(torn.detail, /nodes|edges|locations|strings/);
	});

	it('says whose file it cannot tell', async () => {
		fs.writeFileSync(path.join(dumps, 'whose.heapsnapshot'), whole, { mode: 0o644 });
		assert.match((await told('whose.heapsnapshot')).detail, /its name tells no process/);
	});

	it('takes none twice, not even after a restart, and none from before its time', async () => {
		const failures = (await troubles()).length;
		await agent.stop();
		agent.start();
		await sleep(SOON_MS);
		assert.equal((await all()).length, known);
		assert.equal((await troubles()).length, failures);
	});

	it('takes what came while it was away', async () => {
		await agent.kill();
		await writer.load(200);
		await dump('while-away.heapsnapshot', own);
		agent.start();
		const snapshot = await next('the summary of the file that came meanwhile');
		assert.equal(snapshot.classes.find((row) => row.name === 'Visit').count, 800);
	});
});
