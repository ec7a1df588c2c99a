// A server is lost and made again from its backup, by the steps of docs/operations.md: a dump of
// its database and its keys. History, alerts and users are there, and agents go on by
// themselves with what they had kept meanwhile.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Database } from '../faults/lib/database.mjs';
import { Agent } from './lib/agent.mjs';
import { Ledger, readings, stored } from './lib/ledger.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const ALERT = `WITH found AS (INSERT INTO finding (service_id, fingerprint_id, kind, active, first_at, last_at, slots,
		slots_leaking, hosts, hosts_leaking, summary, reasons)
	SELECT service_id, id, 'leak', false, now(), now(), 1, 1, 1, 1, 'it grew', '[]' FROM fingerprint ORDER BY id LIMIT 1
	RETURNING id)
	INSERT INTO alert (finding_id, opened_at) SELECT id, now() FROM found`;
/** What a dump has, and a restore must have again. */
const KEPT = ['host_sample', 'sample', 'slot', 'generation', 'agent', 'app_user', 'alert', 'audit'];

describe('backup and restore', () => {
	let place, server, agent, kept, keys, dump, ports;

	const counts = () => Object.fromEntries(KEPT.map((table) => [table, server.number(`SELECT count(*) FROM ${table}`)]));

	before(async () => {
		place = new Place('restore');
		server = await new Server(place).start();
		agent = new Agent(place, { name: 'shop-1' });
		agent.join(server.token());
		agent.start();
		await agent.stored(server, 5);
		await server.api();
		server.sql(ALERT);
	});
	after(() => place?.close());

	it('is backed up while it runs', async () => {
		const backup = place.directory('backup');
		[dump, keys] = ['tidemark.dump', 'tidemark-keys.tar'].map((name) => path.join(backup, name));
		kept = counts(); // the dump has these at least
		new Database(server).dump(dump);
		place.must('tar', ['-C', server.data, '-cf', keys, 'keys']);
		assert.ok(fs.statSync(dump).size > 10_000);
	});

	it('is lost, while the agent goes on reading', async () => {
		await server.stop();
		fs.rmSync(server.data, { recursive: true });
		fs.mkdirSync(server.data, { mode: 0o700 });
		if (place.owner.uid !== undefined)
			fs.chownSync(server.data, place.owner.uid, place.owner.gid);
		const { newest } = new Ledger(agent).look();
		await eventually(() => new Ledger(agent).look().newest > newest + 2, { what: 'batches in the spool' });
		ports = [server.port, server.agentPort];
	});

	it('is made again on an empty directory', async () => {
		place.must('tar', ['-C', server.data, '-xf', keys]);
		server.command('migrate');
		const database = new Database(server);
		database.start();
		database.restore(dump);
		database.stop();
		await server.start();
		assert.deepEqual([server.port, server.agentPort], ports);
	});

	it('has history, alerts and users', async () => {
		const now = counts();
		for (const table of KEPT)
			assert.ok(now[table] >= Math.max(1, kept[table]), `${table}: ${now[table]} of ${kept[table]}`);
		const api = await server.api(); // with the password from before
		assert.equal((await api.get('/alerts')).items.length, 1);
		assert.equal((await api.get('/fleet')).hosts, 1);
		server.command('storage', 'verify');
	});

	it('takes from the agent what it had kept, and what it reads', async () => {
		const ledger = new Ledger(agent).look();
		await eventually(() => ledger.missing(server).length === 0, { within: 60_000, every: 300, what: 'what the agent kept' });
		const { length } = readings(server, 'shop-1');
		await eventually(() => readings(server, 'shop-1').length > length + 1, { within: 60_000, every: 300, what: 'new readings' });
		await agent.stop();
		const times = readings(server, 'shop-1');
		assert.equal(new Set(times).size, times.length, 'a reading is stored twice');
		assert.ok(stored(server, 'shop-1').length >= 1);
	});
});
