// PostgreSQL is ended the hard way ("immediate", as after a crash) while agents send. The
// server stays, brings it up again, and goes on.

import { Ledger, assertStoredOnce } from '../../scenario/lib/ledger.mjs';
import { eventually, randomBetween, sleep } from '../../scenario/lib/wait.mjs';
import { quantile, rssKb } from '../lib/world.mjs';

export default {
	id: 'R5',
	title: 'PostgreSQL restarts, immediate',
	asked: '50 times (CI: 5): nothing acknowledged lost, storing again < 2 s after it is ready, server <= 256 MiB',
	chain: 'disk',
	turn: 2,

	async run({ world, long }) {
		const shared = await world();
		const { place, server, psql } = shared;
		const restarts = long ? 50 : 5;
		const agent = await shared.agent('db', { interval: '1s' });
		const resumedMs = [];
		let peakKb = 0;
		for (let i = 0; i < restarts; i++) {
			await sleep(randomBetween(200, 1500));
			const old = server.postgresPid(), had = await shared.stored('db');
			process.kill(old, 'SIGQUIT');
			await eventually(async () => server.postgresPid() !== old && await psql.value('SELECT 1') === '1',
				{ every: 20, what: 'a new PostgreSQL' });
			resumedMs.push(await shared.storedMore('db', had));
			peakKb = Math.max(peakKb, rssKb(server.running.child.pid));
			if (server.running.ended)
				throw new Error(`the server ended: ${place.tailOf('server')}`);
		}
		await server.ready();
		await agent.stop();
		const ledger = new Ledger(agent).look();
		agent.start();
		await eventually(() => ledger.missing(server).length === 0, { within: 60_000, every: 300, what: 'the last batches' });
		await agent.stop();
		assertStoredOnce(server, 'db');
		const worst = Math.max(...resumedMs);
		return {
			met: worst < 2000 && peakKb <= 256 * 1024,
			seen: `${restarts} restarts: 0 lost, 0 twice; stored again ${quantile(resumedMs, 0.5).toFixed(0)} ms (median), ` +
				`${worst.toFixed(0)} ms (worst) after it was ready; server at most ${(peakKb / 1024).toFixed(0)} MiB`,
		};
	},
};
