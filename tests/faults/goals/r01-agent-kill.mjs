// The agent is killed at random moments. What stood in its spool when it died is in
// PostgreSQL afterwards, once; a new one sends within a second.

import { Ledger, assertStoredOnce } from '../../scenario/lib/ledger.mjs';
import { eventually, randomBetween, sleep } from '../../scenario/lib/wait.mjs';
import { quantile } from '../lib/world.mjs';

export default {
	id: 'R1',
	title: 'kill -9 of the agent',
	asked: '1,000 times (CI: 50): no spooled batch lost, none twice, restart to first stored batch < 1 s',
	chain: 'hosts',
	beside: 'calm server',
	turn: 1,

	async run({ world, long }) {
		const { place, server, stored, storedMore } = bound(await world());
		const kills = long ? 1000 : 50;
		const killed = await (await world()).agent('killed');
		const ledger = new Ledger(killed);
		const tookMs = [];
		let atRisk = 0;
		for (let i = 0; i < kills; i++) {
			await sleep(randomBetween(50, i % 5 ? 400 : 1500));
			await killed.kill();
			const before = ledger.seen.size;
			ledger.look();
			atRisk += ledger.seen.size - before;
			const had = await stored('killed');
			killed.start();
			tookMs.push(await storedMore('killed', had, 30_000));
			if (killed.running.ended)
				throw new Error(`the agent ended by itself: ${place.tailOf('killed')}`);
		}
		await eventually(() => ledger.missing(server).length === 0, { within: 60_000, every: 300 }).catch(() => {
			throw new Error(`${ledger.missing(server).length} of ${ledger.seen.size} spooled batches are lost`);
		});
		await killed.stop();
		assertStoredOnce(server, 'killed');
		if (ledger.epochs.size !== 1)
			throw new Error('a spool was made anew');
		const worst = Math.max(...tookMs);
		return {
			met: worst < 1000,
			seen: `${kills} kills, ${ledger.seen.size} batches seen in the spool: 0 lost, 0 twice; first stored batch after ` +
				`${quantile(tookMs, 0.5).toFixed(0)} ms (median), ${quantile(tookMs, 0.99).toFixed(0)} ms (p99), ${worst.toFixed(0)} ms (worst)`,
		};
	},
};

function bound(world) {
	return { place: world.place, server: world.server,
		stored: world.stored.bind(world), storedMore: world.storedMore.bind(world) };
}
