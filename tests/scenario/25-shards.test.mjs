// Readings of hosts live in two databases beside the main one. One of them is killed: pages
// stay up and say what is missing, the hosts of the other one are stored on, and those of
// the dead one wait with their agents until it is back.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Ledger } from './lib/ledger.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually, sleep } from './lib/wait.mjs';

const READINGS = `(SELECT host_id, at FROM host_sample UNION ALL SELECT host_id, at FROM host_sample_late) r`;
const SAMPLES = `(SELECT generation_id, at FROM sample UNION ALL SELECT generation_id, at FROM sample_late) s`;

describe('shards', () => {
	let place, server, api;
	const agents = [], shards = [];

	before(async () => {
		place = new Place('shards');
		server = await new Server(place, { options: ['--watch-interval', '2s'] }).start();
		// The database of a server that does nothing else is a cluster to keep readings in.
		for (const name of ['shard-a', 'shard-b'])
			shards.push(await new Server(place, { name, options: ['--roles', 'api'] }).start());
		const uri = (shard) => `host=${path.join(shard.data, 'run')} user=tidemark dbname=postgres`;
		assert.match(server.command('shard', 'add', '0-2', uri(shards[0]), '--name', 'a'), /slots 0-2: a, from: always/);
		assert.match(server.command('shard', 'add', '3-255', uri(shards[1]), '--name', 'b'), /always/);
		assert.match(server.command('shard', 'list'), /0-2 +always +a\n3-255 +always +b/);
		api = await server.api();
	});
	after(() => place?.close());

	const count = (where, table = READINGS) => where.number(`SELECT count(*) FROM ${table}`);
	const hosts = (where) => where.sql(`SELECT DISTINCT host_id FROM ${READINGS} ORDER BY 1`).map(([id]) => Number(id));
	const series = (host, span = 60_000) =>
		api.get(`/hosts/${host}/series?metric=mem_available_kb&from=${Date.now() - span}&to=${Date.now() + 1000}`);
	const values = (answer) => answer.series[0].values.filter((value) => value !== null).length;

	it('keeps the readings of each host where its slot says', async () => {
		for (let i = 1; i <= 4; i++) {
			agents.push(new Agent(place, { name: `host-${i}`, interval: '1s' }));
			agents.at(-1).join(server.token());
			agents.at(-1).start();
		}
		for (const agent of agents)
			await agent.stored(server, 5);
		assert.deepEqual([server, ...shards].map(hosts), [[], [1, 2], [3, 4]]);
		assert.equal(count(server, SAMPLES), 0);
		assert.ok(count(shards[0], SAMPLES) > 0 && count(shards[1], SAMPLES) > 0);
	});

	it('shows all of them', async () => {
		for (let host = 1; host <= 4; host++) {
			await eventually(async () => values(await series(host)) >= 2, { what: `a line of host ${host}` });
			assert.equal((await series(host)).partial, undefined);
		}
		assert.equal((await api.get('/fleet')).hosts, 4);
		await eventually(async () => (await api.all('/agents')).every((row) => row.mem_total_kb > 0),
			{ what: 'the memory of all hosts' });
	});

	it('watches all of them', async () => {
		const watched = () => server.sql(`SELECT DISTINCT host_id FROM slot_verdict
			JOIN slot ON slot.id = slot_id ORDER BY 1`).map(([id]) => Number(id));
		await eventually(() => watched().length === 4, { what: 'verdicts of processes of all hosts' });
		const [service] = (await api.get('/services')).items;
		const { items } = await api.get(`/services/${service.id}/instances`);
		assert.ok(items.length > 0 && items.every((row) => row.memory_kb > 0), JSON.stringify(items));
	});

	it('goes on without one of them, and says what is missing', async () => {
		await shards[1].kill();
		process.kill(shards[1].postgresPid(), 'SIGKILL');
		await sleep(500);
		const before = count(shards[0]);
		const began = Date.now();
		const answer = await series(4);
		assert.ok(Date.now() - began < 4000, `${Date.now() - began} ms`);
		assert.deepEqual([answer.partial, answer.missing_shards, values(answer)], [true, ['b'], 0]);
		assert.equal((await series(1)).partial, undefined);
		for (const page of ['/fleet', '/services', '/agents', '/alerts', '/storage'])
			await api.get(page);
		await eventually(() => count(shards[0]) >= before + 6, { what: 'readings of the other hosts' });
		await eventually(async () => (await api.all('/agents')).filter((row) =>
			/database of this host's readings is away/.test(row.last_refusal)).length === 2,
		{ what: 'word of why two agents wait' });
	});

	it('has everything when it is back', async () => {
		await shards[1].start();
		for (const agent of agents)
			await agent.stop();
		const ledgers = agents.map((agent) => new Ledger(agent).look());
		assert.ok(ledgers.slice(2).every((ledger) => ledger.seen.size > 0), 'nothing waited');
		for (const agent of agents)
			agent.start();
		for (const ledger of ledgers)
			await eventually(() => ledger.missing(server).length === 0,
				{ within: 60_000, every: 300, what: `batches of ${ledger.agent.name}` });
		for (const agent of agents)
			await agent.stop();
		assert.deepEqual([server, ...shards].map(hosts), [[], [1, 2], [3, 4]]);
		for (const shard of shards) {
			assert.equal(shard.number(`SELECT count(*) - count(DISTINCT (host_id, at)) FROM ${READINGS}`), 0);
			assert.equal(shard.number(`SELECT count(*) - count(DISTINCT (generation_id, at)) FROM ${SAMPLES}`), 0);
			assert.equal(shard.number(`SELECT max(gap) FROM (SELECT extract(epoch FROM at - lag(at)
				OVER (PARTITION BY host_id ORDER BY at)) AS gap FROM ${READINGS}) g`) < 8, true);
		}
		assert.equal(server.number('SELECT sum(refused_batches) FROM agent'), 0);
		const answer = await series(4, 300_000);
		assert.equal(answer.partial, undefined);
		assert.ok(values(answer) >= 3, JSON.stringify(answer.series));
	});
});
