// PostgreSQL is restarted the hard way ("immediate", as after a crash) under load. The
// server stays up, says that it is not ready, and goes on by itself.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Ledger, assertStoredOnce, stored } from './lib/ledger.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually, randomBetween, sleep } from './lib/wait.mjs';

const RESTARTS = 5;

describe('PostgreSQL restarts', () => {
	let place, server, agent, api;

	before(async () => {
		place = new Place('pg');
		server = await new Server(place).start();
		agent = new Agent(place, { name: 'db-1' });
		agent.join(server.token());
		agent.start();
		await agent.stored(server);
		api = await server.api();
	});
	after(() => place?.close());

	it(`survives ${RESTARTS} immediate restarts`, async () => {
		for (let i = 0; i < RESTARTS; i++) {
			await sleep(randomBetween(500, 3000));
			const old = server.postgresPid();
			process.kill(old, 'SIGQUIT');
			await eventually(() => server.postgresPid() !== old, { what: 'a new PostgreSQL' });
			await server.ready();
			assert.equal(server.running.ended, null, place.tailOf('server'));
		}
	});

	it('serves the API and stores new readings again', async () => {
		assert.equal((await api.get('/fleet')).hosts, 1);
		const before = server.number('SELECT stored_batches FROM agent');
		await eventually(() => server.number('SELECT stored_batches FROM agent') > before + 2,
			{ what: 'new batches', every: 300 });
	});

	it('lost nothing and stored nothing twice', async () => {
		await agent.stop();
		const ledger = new Ledger(agent).look();
		agent.start();
		await eventually(() => ledger.missing(server).length === 0,
			{ within: 60_000, every: 300, what: 'the last batches' });
		await agent.stop();
		const [first] = stored(server, 'db-1');
		assert.ok(first.from === 1 && first.to > ledger.newest, `${first.from} to ${first.to} of ${ledger.newest}`);
		assertStoredOnce(server, 'db-1');
	});
});
