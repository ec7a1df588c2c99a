// The server is away for two minutes. Agents go on reading into their spools, one of them
// is even killed meanwhile, and afterwards nothing is missing.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Ledger, assertNoGaps, assertStoredOnce, missingOf, storedRanges } from './lib/ledger.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually, sleep } from './lib/wait.mjs';

const AWAY_MS = 120_000;
const INTERVAL_MS = 2000;

describe('offline for two minutes', () => {
	let place, server, calm, killed, from, to;

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
		killed.ledger = new Ledger(killed);
		assert.ok(killed.ledger.look().length >= 10, 'batches wait on disk');
		killed.start();
		await sleep(AWAY_MS / 2);
		to = Date.now();
	});

	it('delivers everything afterwards', async () => {
		await server.start();
		const readings = (name) => server.number(`SELECT count(*) FROM host_sample JOIN host ON host.id = host_id
			WHERE host.name = '${name}' AND at BETWEEN to_timestamp(${from / 1000}) AND to_timestamp(${to / 1000})`);
		const wanted = AWAY_MS / INTERVAL_MS;
		for (const { name } of [calm, killed]) {
			await eventually(() => readings(name) >= wanted * 0.85,
				{ within: 90_000, every: 500, what: `${wanted} readings of ${name} in the time away` })
				.catch((error) => assert.fail(`${error.message}; there are ${readings(name)}`));
		}
		assert.deepEqual(missingOf(killed.ledger, storedRanges(server, 'killed')), []);
	});

	it('has no hole in the series of the calm host', () => {
		const widest = server.number(`SELECT max(extract(epoch FROM at - before)) FROM (
			SELECT at, lag(at) OVER (ORDER BY at) AS before FROM host_sample
			JOIN host ON host.id = host_id WHERE host.name = 'calm') AS steps`);
		assert.ok(widest <= 3 * INTERVAL_MS / 1000, `${widest} s without a reading`);
	});

	it('is up to date again, with nothing lost and nothing twice', async () => {
		const api = await server.api();
		await eventually(async () => (await api.all('/agents')).every((row) =>
			row.state === 'reporting' && row.spool_batches <= 2),
		{ within: 60_000, every: 500, what: 'empty spools' });
		for (const agent of [calm, killed]) {
			await agent.stop();
			assertStoredOnce(server, agent.name);
			assertNoGaps(server, agent.name);
		}
	});
});
