// Eight hours in as many minutes as there are: agents and a server that read, store and judge
// as often as they can. Their memory and descriptors are written down and judged by Tidemark's
// own detector, which takes the recording for eight hours; and it must not have found anything
// in them while it ran. They are services in the default view.

import fs from 'node:fs';
import path from 'node:path';
import { Fleet } from '../../scenario/lib/fleet.mjs';
import { eventually, sleep } from '../../scenario/lib/wait.mjs';
import { rssKb } from '../lib/world.mjs';

const HOURS = 8, WARM_SHARE = 0.2;

export default {
	id: 'R17',
	title: 'soak',
	asked: '8 hours in compressed form (CI: 45 s, the rest 30 min): no growth of agent, server and PostgreSQL by our own ' +
		'detector, descriptors constant; all are services in the default view, without alerts',
	chain: 'soak',

	async run({ world, long }) {
		const shared = await world();
		const { place, server, psql } = shared;
		const agents = [await shared.agent('soak-1', { interval: '1s' }), await shared.agent('soak-2', { interval: '1s' })];
		const load = new Fleet(place, { name: 'soak', agents: 20, token: server.token('--uses', '20'),
			options: ['--processes', 5, '--metrics', 8, '--interval', '1s', '--report', '10s', '--no-members'] }).start();
		const watched = [
			// An agent keeps two descriptors of each process that it follows.
			...agents.map((agent) => ({ name: agent.name, pids: () => [agent.running.child.pid], less: () => 2 * followed(agent) })),
			{ name: 'server', pids: () => [server.running.child.pid] },
			{ name: 'postgres', pids: () => [server.postgresPid()] },
		].map((one) => ({ ...one, rows: [] }));
		const lastMs = long ? 30 * 60_000 : 45_000, everyMs = long ? 2000 : 250;
		const began = Date.now();
		while (Date.now() - began < lastMs) {
			for (const { rows, pids, less } of watched)
				rows.push({ at: Date.now(), kb: rssKb(...pids()),
					fds: fs.readdirSync(`/proc/${pids()[0]}/fd`).length - (less?.() ?? 0) });
			await sleep(everyMs);
		}
		load.stop();
		const [said] = await load.finish();
		for (const one of watched)
			one.rows = one.rows.filter(({ at }) => at - began > lastMs * WARM_SHARE);
		const alarms = judge(place, watched, HOURS * 3600_000 / (lastMs * (1 - WARM_SHARE)));
		const api = await shared.api();
		const services = await eventually(async () => {
			const all = await api.all('/services');
			const found = ['tidemark-agent', 'tidemark-server', 'postgres'].map((name) => all.find((one) => one.name === name));
			return found.every(Boolean) && found;
		}, { within: 30_000, what: 'agent, server and PostgreSQL among the services' });
		const alerts = await psql.number(`SELECT count(*) FROM alert`);
		if (said.acknowledged_samples !== said.samples)
			throw new Error(`${said.samples} readings made, ${said.acknowledged_samples} acknowledged`);
		for (const agent of agents)
			await agent.stop();
		const spread = ({ rows }, key) => Math.max(...rows.map((row) => row[key])) - Math.min(...rows.map((row) => row[key]));
		// A dump or a round of the watch opens some for a moment: what stays is what counts.
		const moved = ({ rows }) => Math.min(...rows.slice(-20).map(({ fds }) => fds)) - Math.min(...rows.slice(0, 20).map(({ fds }) => fds));
		return {
			met: alarms.length === 0 && alerts === 0 && watched.every((one) => moved(one) <= 0) &&
				services.every((one) => one.level !== 'confirmed'),
			seen: `${(lastMs / 60_000).toFixed(1)} min, ${said.acknowledged_samples} readings: ` +
				watched.map((one) => `${one.name} ${(one.rows.at(-1).kb / 1024).toFixed(1)} MiB ±${spread(one, 'kb')} KiB, ` +
					`descriptors ${moved(one) >= 0 ? '+' : ''}${moved(one)}`).join('; ') +
				`; backtest: ${alarms.length ? alarms.join(', ') : 'quiet'}; ` +
				`services: ${services.map(({ name, verdict }) => `${name} ${verdict}`).join(', ')}; ${alerts} alerts`,
		};
	},
};

function followed(agent) {
	return Number(/^following +(\d+)/m.exec(fs.readFileSync(path.join(agent.state, 'status'), 'utf8'))?.[1] ?? 0);
}

/** What the detector says of the recordings, each second of which lasts `stretch` seconds. */
function judge(place, watched, stretch) {
	const folder = path.join(place.root, 'soak');
	fs.mkdirSync(folder);
	fs.writeFileSync(path.join(folder, 'labels.csv'),
		`file,leak\n${watched.map(({ name }) => `${name}.csv,0\n`).join('')}`);
	for (const { name, rows } of watched)
		fs.writeFileSync(path.join(folder, `${name}.csv`),
			`ts,rss_kb\n${rows.map(({ at, kb }) => `${(at / 1000).toFixed(3)},${kb}\n`).join('')}`);
	const { status, stdout, stderr } = place.run(place.program('tidemark-server'),
		['backtest', folder, '--json', '--stretch', stretch.toFixed(3)], { timeout: 300_000 });
	if (status !== 0)
		throw new Error(`backtest: ${stderr}`);
	return stdout.trim().split('\n').map((line) => JSON.parse(line)).filter((one) => one.series_id)
		.flatMap(({ series_id: name, alarms }) => alarms.map(({ level, kind, rate_kb_per_h: rate }) =>
			`${name} ${level} ${kind} ${Math.round(rate)} KiB/h`));
}
