// The server is away for two minutes. Agents go on reading into their spools, one of them
// is even killed meanwhile, and afterwards nothing is missing.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Ledger, assertStoredOnce, readings } from './lib/ledger.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually, sleep } from './lib/wait.mjs';

const AWAY_MS = 120_000;
const INTERVAL_MS = 2000;

describe('offline for two minutes', () => {
	let place, server, calm, killed, ledger, from, to;

	before(async () => {
		place = new Place('offline');
		server = await new Server(place).start();
		calm = new Agent(place, { name: 'calm', interval: `${INTERVAL_MS}ms` });
		killed = new Agent(place, { name: 'killed', interval: `${INTERVAL_MS}ms` });
		for (const agent of [calm, killed]) {
			agent.join(server.token());
			agent.start();
			await agent.stored(server);
		}
	});
	after(() => place?.close());

	it('keeps reading while the server is away', async () => {
		await server.stop();
		from = Date.now();
		await sleep(AWAY_MS / 2);
		await killed.kill();
		ledger = new Ledger(killed).look();
		const waiting = [...ledger.seen.values()].filter((at) => at >= from).length;
		assert.ok(waiting >= 10, `only ${waiting} batches wait on disk`);
		killed.start();
		await sleep(AWAY_MS / 2);
		to = Date.now();
	});

	it('delivers everything afterwards', async () => {
		await server.start();
		const wanted = (AWAY_MS / INTERVAL_MS) * 0.85; // a busy machine skips some
		const ofTimeAway = (name) => readings(server, name).filter((at) => at >= from && at <= to).length;
		for (const { name } of [calm, killed]) {
			await eventually(() => ofTimeAway(name) >= wanted, { within: 90_000, every: 500 })
				.catch(() => assert.fail(`${ofTimeAway(name)} of ${wanted} readings of ${name}`));
		}
		assert.deepEqual(ledger.missing(server), []);
	});

	it('has no hole in the series of the calm host', () => {
		const times = readings(server, 'calm');
		const widest = Math.max(...times.slice(1).map((at, i) => at - times[i]));
		assert.ok(widest <= 3 * INTERVAL_MS, `${widest} ms without a reading`);
	});

	it('is up to date again, with nothing lost and nothing twice', async () => {
		const api = await server.api();
		await eventually(async () => (await api.all('/agents')).every((row) =>
			row.state === 'reporting' && row.spool_batches <= 2),
		{ within: 60_000, every: 500, what: 'empty spools' });
		for (const agent of [calm, killed]) {
			await agent.stop();
			assertStoredOnce(server, agent.name);
		}
	});
});
