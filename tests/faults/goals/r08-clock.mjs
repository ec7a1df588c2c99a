// The wall clock of a host steps, by libfaketime in its agent: an hour back, a day ahead, to
// 1970, to 2038, and slowly ahead of time. Nothing that is stored may be negative, nobody is
// alarmed, and the page of agents shows how far the clock is off.

import fs from 'node:fs';
import path from 'node:path';
import { Agent } from '../../scenario/lib/agent.mjs';
import { eventually, sleep } from '../../scenario/lib/wait.mjs';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const HOUR = 3600;

export default {
	id: 'R8',
	title: 'clock steps',
	asked: '-1 h, +1 d, 1970, 2038, slew of 5 %: nothing negative stored, no alert, skew shown (or the agent waits), right again by itself',
	chain: 'hosts',
	beside: 'calm server',
	turn: 1,

	async run({ world, long }) {
		const library = [LIBRARY, LIBRARY.replace('x86_64', 'aarch64')].find((file) => fs.existsSync(file));
		if (!library)
			return { why: "needs Debian's libfaketime" };
		const shared = await world();
		const { place, server, psql } = shared;
		const clock = path.join(place.root, 'clock');
		const set = (text) => { fs.writeFileSync(`${clock}.new`, `${text}\n`, { mode: 0o644 }); fs.renameSync(`${clock}.new`, clock); };
		set('+0');
		const agent = new Agent(place, { name: 'clocked', interval: '1s' });
		agent.join(server.token());
		agent.start({ env: { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1',
			FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_ONLY_CMDS: 'tidemark-agent' } });
		await shared.storedMore('clocked', 0);

		const now = () => Math.round(Date.now() / 1000);
		const steps = [['-1 h', -HOUR], ['+1 d', 24 * HOUR], ['1970', 60 - now()], ['2038', 2147483647 - 5 - now()]];
		const shown = [];
		for (const [name, offset] of steps) {
			const words = path.join(place.root, 'clocked.log'), said = fs.statSync(words).size;
			set(`${offset < 0 ? '' : '+'}${offset}`);
			const skew = await eventually(async () => {
				const ms = await psql.number(`SELECT coalesce(clock_skew_ms, 0) FROM agent JOIN host ON host.id = host_id
					WHERE host.name = 'clocked'`);
				if (Math.abs(ms / 1000 - offset) < 60)
					return 'shown';
				return fs.readFileSync(words, 'utf8').slice(said).includes('waiting for it to be set') && 'waits, and says so';
			}, { within: 30_000, quiet: true });
			shown.push(`${name} ${skew ?? 'NOT shown'}`);
			await sleep(long ? 60_000 : 1500);
			set('+0');
			await rightAgain(psql, long ? 60_000 : 1500);
		}
		set('+0 x1.05');
		await sleep(long ? 300_000 : 5000);
		set('+0');
		await rightAgain(psql, 1000);
		if (agent.running.ended)
			throw new Error(`the agent ended: ${place.tailOf('clocked')}`);
		const negative = await negativeValues(psql);
		const alerts = await psql.number(`SELECT count(*) FROM alert`);
		const doubles = await psql.number(`SELECT count(*) - count(DISTINCT (host_id, at)) FROM (SELECT host_id, at
			FROM host_sample UNION ALL SELECT host_id, at FROM host_sample_late) r`);
		if (doubles)
			throw new Error(`${doubles} readings are stored twice`);
		const rates = await negativeRates(shared);
		await agent.stop();
		return {
			met: negative === 0 && rates === 0 && alerts === 0 && shown.every((text) => !/NOT/.test(text)),
			seen: `skew: ${shown.join(', ')}; ${negative} negative values, ${rates} negative rates, ${alerts} alerts; ` +
				'right again after each',
		};
	},
};

/** Waits until readings of the true time are stored again. */
async function rightAgain(psql, then) {
	await eventually(async () => await psql.number(`SELECT count(*) FROM host_sample JOIN host ON host.id = host_id
		WHERE host.name = 'clocked' AND at BETWEEN now() - interval '3 s' AND now() + interval '3 s'`) > 0,
	{ within: 60_000, what: 'readings at the true time' });
	await sleep(then);
}

/** How many stored values of any column are below zero. */
async function negativeValues(psql) {
	let found = 0;
	for (const table of ['host_sample', 'host_sample_late', 'sample', 'sample_late']) {
		const columns = (await psql.rows(`SELECT attname FROM pg_attribute WHERE attrelid = '${table}'::regclass
			AND attnum > 0 AND NOT attisdropped AND atttypid IN ('int4'::regtype, 'int8'::regtype)`)).map(([name]) => name);
		found += await psql.number(`SELECT count(*) FROM ${table} WHERE least(${columns.join(', ')}) < 0`);
	}
	return found;
}

/** How many points of what the console draws of the host's processor time are below zero. */
async function negativeRates(shared) {
	const api = await shared.api();
	const id = await shared.psql.number(`SELECT id FROM host WHERE name = 'clocked'`);
	const to = Date.now();
	const answer = await api.get(`/hosts/${id}/series?metric=cpu_busy_ms&from=${to - 2 * HOUR * 1000}&to=${to}`);
	return answer.series.flatMap(({ values }) => values).filter((value) => value !== null && value < 0).length;
}

