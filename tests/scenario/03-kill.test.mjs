// Server and agent are killed 20 times each, at random moments under load. Nothing that
// was acknowledged is lost, and nothing is stored twice.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Ledger, assertStoredOnce, stored } from './lib/ledger.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually, randomBetween, sleep } from './lib/wait.mjs';

const KILLS = 20;

describe('kill -9', () => {
	let place, server, steady, killed, ledger;
	let atRisk = 0; // batches that were on the disk alone when the agent died

	before(async () => {
		place = new Place('kill');
		server = await new Server(place).start();
		steady = new Agent(place, { name: 'steady' }); // sees only the server die
		killed = new Agent(place, { name: 'killed' }); // dies itself, too
		for (const agent of [steady, killed]) {
			agent.join(server.token());
			agent.start();
			await agent.stored(server);
		}
		ledger = new Ledger(killed);
	});
	after(() => place?.close());

	async function killAgent() {
		for (let i = 0; i < KILLS; i++) {
			await sleep(randomBetween(200, 4000));
			await killed.kill();
			atRisk += ledger.look().missing(server).length;
			await sleep(randomBetween(0, 300));
			killed.start();
		}
	}

	async function killServer() {
		for (let i = 0; i < KILLS; i++) {
			await sleep(randomBetween(100, 3000));
			await server.kill();
			await sleep(randomBetween(0, 1000));
			await server.start();
		}
	}

	it(`survives ${KILLS} kills of each`, async () => {
		await Promise.all([killAgent(), killServer()]);
		assert.ok(ledger.seen.size >= KILLS, `only ${ledger.seen.size} batches were seen on disk`);
		assert.ok(atRisk > 0, 'no kill came at a bad moment');
	});

	async function complete(whose) {
		await eventually(() => whose.missing(server).length === 0, { within: 90_000, every: 500 })
			.catch(() => assert.deepEqual(whose.missing(server), [], `of ${whose.seen.size} batches`));
	}

	it('has every batch that the killed agent had accepted', async () => {
		await complete(ledger);
		assert.equal(ledger.epochs.size, 1, 'the spool was never made anew');
	});

	it('has every batch of the steady agent, from the first on', async () => {
		await steady.stop();
		const all = new Ledger(steady).look();
		steady.start();
		await complete(all);
		// Sequences count from 1 until an agent starts again.
		const [first] = stored(server, 'steady');
		assert.ok(first.from === 1 && first.to > all.newest, `${first.from} to ${first.to} of ${all.newest}`);
		assert.ok(all.newest >= KILLS);
	});

	it('stored nothing twice and lost nothing', async () => {
		await Promise.all([steady.stop(), killed.stop()]);
		for (const { name } of [steady, killed])
			assertStoredOnce(server, name);
	});
});
