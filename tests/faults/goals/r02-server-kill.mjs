// The server is killed at random moments while a fleet sends. Whatever it had acknowledged is
// in PostgreSQL, once: the fleet says at its end what was acknowledged.

import { Fleet } from '../../scenario/lib/fleet.mjs';
import { eventually, randomBetween, sleep } from '../../scenario/lib/wait.mjs';
import { quantile } from '../lib/world.mjs';

const AGENTS = 60, PROCESSES = 5;

export default {
	id: 'R2',
	title: 'kill -9 of the server',
	asked: '500 times (CI: 25) under load: nothing acknowledged lost, nothing twice',
	chain: 'disk',
	turn: 1,

	async run({ world, long }) {
		const { place, server, psql } = await world();
		const kills = long ? 500 : 25;
		const fleet = new Fleet(place, { token: server.token('--uses', String(AGENTS)), agents: AGENTS,
			options: ['--processes', PROCESSES, '--metrics', 4, '--interval', '1s', '--report', '1s', '--no-members'] }).start();
		await eventually(() => fleet.now()?.acknowledged > AGENTS, { within: 60_000, what: 'the fleet to send' });
		const downMs = [];
		for (let i = 0; i < kills; i++) {
			await sleep(randomBetween(50, 900));
			const began = performance.now();
			await server.kill();
			await sleep(randomBetween(0, 200));
			await server.start();
			downMs.push(performance.now() - began);
		}
		const said = await whole(fleet);
		const [rows, different] = (await psql.rows(`SELECT count(*), count(DISTINCT (generation_id, at)) FROM
			(SELECT generation_id, at FROM sample UNION ALL SELECT generation_id, at FROM sample_late) s
			JOIN generation g ON g.id = generation_id JOIN slot ON slot.id = g.slot_id
			JOIN host ON host.id = slot.host_id WHERE host.name LIKE 'sim-%'`))[0].map(Number);
		const lost = said.acknowledged - different, twice = rows - different;
		if (lost !== 0 || twice !== 0 || said.refused)
			throw new Error(`${lost} lost, ${twice} twice, ${said.refused} refused of ${said.acknowledged} acknowledged`);
		return {
			met: true,
			seen: `${kills} kills, ${AGENTS} agents, ${said.acknowledged} readings acknowledged: 0 lost, 0 twice; ` +
				`${said.resent} batches sent again; back after ${(quantile(downMs, 0.5) / 1000).toFixed(1)} s (median)`,
		};
	},
};

/** Ends the fleet; what all of it says was acknowledged. */
async function whole(fleet) {
	const { resent } = fleet.now();
	fleet.stop();
	const parts = await fleet.finish();
	const sum = (name) => parts.reduce((total, part) => total + part[name], 0);
	return { acknowledged: sum('acknowledged_samples'), refused: sum('refused'), resent };
}
