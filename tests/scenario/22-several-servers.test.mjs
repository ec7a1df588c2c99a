// Several servers on one database: three take readings, two can watch, one shows. For a
// minute one of the three is killed every five seconds, and once the one that watches.
// Agents move on by themselves; nothing is lost, and nothing is stored twice.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Ledger, stored } from './lib/ledger.mjs';
import { Part } from './lib/part.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually, sleep } from './lib/wait.mjs';

const AGENTS = 6;
const FOR_MS = 60_000;
const EVERY_MS = 5000;
const DEAD_MS = 3000;
const READINGS = `(SELECT host_id, at FROM host_sample UNION ALL SELECT host_id, at FROM host_sample_late) r`;
const SAMPLES = `(SELECT generation_id, at FROM sample UNION ALL SELECT generation_id, at FROM sample_late) s`;

describe('several servers', () => {
	let place, shows, api;
	const takers = [], watchers = [], agents = [], readings = [];
	const met = new Map(); // agent: the servers that it was seen with

	before(async () => {
		place = new Place('several');
		shows = new Server(place);
		for (const name of ['takes-1', 'takes-2', 'takes-3'])
			takers.push(await new Part(shows, { name, roles: 'ingest' }).prepare());
		for (const name of ['watches-1', 'watches-2'])
			watchers.push(await new Part(shows, { name, roles: 'watch,storage' }).prepare());
		const servers = ['--servers', takers.map((part) => part.endpoint).join(', ')];
		shows.options = ['--roles', 'api', ...servers];
		await shows.start();
		api = await shows.api();
		for (const part of [...takers, ...watchers]) {
			part.options = ['--watch-interval', '2s', ...servers];
			part.copyKeys();
			await part.start();
		}
	});
	after(() => place?.close());

	const status = (agent, pattern) =>
		fs.readFileSync(path.join(agent.state, 'status'), 'utf8').match(pattern)?.[1];

	/** Backends of PostgreSQL that hold the watch's advisory lock. */
	const leaders = () => shows.sql(`SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
		WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = 'tidemark watch'
		AND (l.classid::int8 << 32) + l.objid::int8 = 7236829351`).map(([pid]) => pid);

	it('tells agents that join of all that take readings', async () => {
		await takers[0].kill(); // the first one in the token: another one answers
		for (let i = 0; i < AGENTS; i++) {
			agents.push(new Agent(place, { name: `host-${i}`, interval: '1s' }));
			agents[i].join(shows.token());
			assert.match(fs.readFileSync(path.join(agents[i].state, 'enrolment'), 'utf8'),
				new RegExp(`^servers ${takers.map((part) => part.endpoint).join(',')}$`, 'm'));
			agents[i].start();
		}
		await takers[0].start();
		for (const agent of agents)
			await agent.stored(shows);
	});

	it('goes on while one is killed every five seconds', async () => {
		const began = Date.now();
		const returning = [];
		await eventually(() => leaders().length === 1, { what: 'one that watches' });
		const [first] = leaders(); // of watches-1, which was there first
		for (let i = 0; Date.now() - began < FOR_MS; i++) {
			const part = takers[i % takers.length];
			await part.kill();
			if (i === 3)
				await watchers[0].kill();
			returning.push(sleep(DEAD_MS).then(() => part.start()));
			await sleep(Math.max(0, began + (i + 1) * EVERY_MS - Date.now()));
			for (const agent of agents)
				met.set(agent, (met.get(agent) ?? new Set()).add(status(agent, /^server +(.*?),/m)));
			assert.equal((await api.get('/fleet')).hosts, AGENTS);
			assert.ok(leaders().length <= 1, 'two of them watch');
		}
		await Promise.all(returning);
		await eventually(() => leaders().length === 1 && leaders()[0] !== first, { what: 'another one that watches' });
		for (const agent of agents)
			assert.ok(met.get(agent).size >= 2, `${agent.name} never moved`);
	});

	it('never stopped to show', () => {
		assert.equal(shows.running.ended, null, place.tailOf('server'));
		assert.equal(shows.number('SELECT count(*) FROM agent WHERE last_seen_at < now() - interval \'1 minute\''), 0);
	});

	it('lost nothing', async () => {
		for (const agent of agents) {
			await agent.stop();
			readings.push({ until: Date.now(), count: Number(status(agent, /^readings +(\d+)/m)) });
		}
		const last = agents.map((agent) => new Ledger(agent).look());
		for (const agent of agents)
			agent.start();
		for (const ledger of last)
			await eventually(() => ledger.missing(shows).length === 0,
				{ within: 60_000, every: 300, what: `the last batches of ${ledger.agent.name}` });
		for (const agent of agents)
			await agent.stop();
		for (const [i, agent] of agents.entries()) {
			const [range] = stored(shows, agent.name);
			assert.ok(range.from === 1 && range.to > last[i].newest, `${range.from} to ${range.to} of ${last[i].newest}`);
			assert.equal(shows.number(`SELECT count(*) FROM ${READINGS} JOIN host ON host.id = host_id
				WHERE host.name = '${agent.name}' AND at <= to_timestamp(${readings[i].until / 1000})`),
			readings[i].count, `readings of ${agent.name}`);
			assert.ok(readings[i].count >= FOR_MS / 1000 / 2);
		}
		assert.deepEqual(shows.sql('SELECT host_id, reason FROM gap'), []);
		assert.equal(shows.number('SELECT sum(refused_batches) FROM agent'), 0);
	});

	it('stored nothing twice', () => {
		assert.equal(shows.number(`SELECT count(*) - count(DISTINCT (host_id, at)) FROM ${READINGS}`), 0);
		assert.equal(shows.number(`SELECT count(*) - count(DISTINCT (generation_id, at)) FROM ${SAMPLES}`), 0);
		assert.equal(shows.number('SELECT count(*) FROM host'), AGENTS);
		assert.equal(shows.number('SELECT count(*) FROM agent'), AGENTS);
		assert.equal(shows.number('SELECT count(*) FROM service'), shows.number('SELECT count(DISTINCT name) FROM service'));
	});

	it('judged each instance once', () => {
		assert.ok(shows.number('SELECT count(*) FROM slot_verdict') > 0, 'nobody watched');
		assert.equal(shows.number('SELECT count(*) - count(DISTINCT slot_id) FROM slot_verdict'), 0);
		assert.ok(shows.number(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tidemark watch'`) >= 1);
	});
});
