// A fleet of simulated agents, each with a key, a connection and a spool of its own, loses its
// server and comes back to it at once.

import { Fleet } from '../../scenario/lib/fleet.mjs';
import { Part } from '../../scenario/lib/part.mjs';
import { eventually, sleep } from '../../scenario/lib/wait.mjs';
import { rssKb } from '../lib/world.mjs';

export default {
	id: 'R11',
	title: 'agents reconnecting',
	asked: '10,000 agents (CI: 500): all back <= 30 s, <= 60 KiB of the collector for each, 0 lost',
	chain: 'disk',
	turn: 4,

	async run({ world, long }) {
		const shared = await world();
		const { place, server, psql } = shared;
		const agents = long ? 10_000 : 500;
		const readings = () => psql.number(`SELECT count(DISTINCT (generation_id, at)) FROM
			(SELECT generation_id, at FROM sample UNION ALL SELECT generation_id, at FROM sample_late) s
			JOIN generation g ON g.id = generation_id JOIN slot ON slot.id = g.slot_id
			JOIN host ON host.id = slot.host_id WHERE host.name LIKE 'sim-%'`);
		const others = await readings(); // of another goal's fleet
		const collector = await new Part(server, { name: 'collector', roles: 'ingest' }).prepare();
		collector.copyKeys();
		await collector.start();
		const emptyKb = rssKb(collector.running.child.pid);
		const fleet = new Fleet(place, { name: 'storm', agents,
			token: server.token('--uses', String(agents), '--servers', collector.endpoint),
			options: ['--processes', 1, '--metrics', 4, '--interval', '10s', '--report', '1s', '--no-members'] });
		fleet.start();
		await eventually(() => fleet.now()?.connected === agents && fleet.now().acknowledged >= agents,
			{ within: 600_000, every: 250, what: 'the fleet to be there' });
		const before = fleet.now(), began = performance.now();
		await collector.kill();
		await collector.start();
		await eventually(() => fleet.now().connected === agents && fleet.now().reconnects >= before.reconnects + agents,
			{ within: 180_000, every: 100, what: 'all to be back' });
		const backMs = performance.now() - began;
		await sleep(2000);
		const each = (rssKb(collector.running.child.pid) - emptyKb) / agents;
		fleet.stop();
		const said = await fleet.finish();
		const sum = (name) => said.reduce((total, part) => total + part[name], 0);
		const stored = await readings() - others;
		await collector.stop();
		if (stored !== sum('acknowledged_samples'))
			throw new Error(`${sum('acknowledged_samples')} readings acknowledged, ${stored} stored`);
		return {
			met: backMs <= 30_000 && each <= 60,
			seen: `${agents} agents: all back after ${(backMs / 1000).toFixed(1)} s, ${each.toFixed(0)} KiB each, ` +
				`${stored} readings acknowledged, 0 lost`,
		};
	},
};
