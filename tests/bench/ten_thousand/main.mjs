// Ten thousand agents of 20 processes, read every 10 s: 20,000 rows and 320,000 values a
// second, for ten minutes, on one machine: agents, collector, all other parts of the server
// and PostgreSQL share it. --quick: a thousand agents for 25 s.
//
// The agents are simulated (tests/fleet/fleet): real enrolment, CURVE, spools and receipts.
// They start within one interval. What is measured begins when all are connected and have
// no backlog (within a minute, else then); after it the collector is restarted.
//
//   stored     1 when the backlog at the end is that of the begin; else less, by the share
//              of what was read in between that still waits
//   lost       readings that were acknowledged and are not in the database, or are twice
//   memory     450 MiB over the collector's largest resident set
//   restart    30 s over what it takes from the collector's end until all are connected
//              again and nothing waits longer than a commit takes
//
// The ratio is the worst of them; a loss makes it 0.

import fs from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Fleet } from '../../scenario/lib/fleet.mjs';
import { Part } from '../../scenario/lib/part.mjs';
import { Place } from '../../scenario/lib/place.mjs';
import { Server } from '../../scenario/lib/server.mjs';
import { eventually, sleep } from '../../scenario/lib/wait.mjs';
import { cpu, cpuBetween, family } from '../agent/measure.mjs';

const quick = process.argv[2] === '--quick';
const AGENTS = quick ? 1000 : 10_000, PROCESSES = 20, METRICS = 16, INTERVAL_S = 10;
const WARM_S = quick ? 12 : 90, MEASURED_S = quick ? 12 : 600;
const MEMORY_KB = 450 * 1024, RESTART_S = 30;
const CALM_S = 2; // nothing waits longer while all is well
const demanded = AGENTS * PROCESSES / INTERVAL_S;

const seconds = () => performance.now() / 1000;
const rssKb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
const millions = (n) => `${(n / 1e6).toFixed(2)} M`;

const place = new Place('ten');
const database = new Server(place, { options: ['--roles', 'storage,watch,api'] });
const collector = new Part(database, { name: 'collector', roles: 'ingest' });
let fleet, peakKb = 0;

const pid = () => collector.running.child.pid;
const watchMemory = () => { peakKb = Math.max(peakKb, rssKb(pid())); };
const isCalm = (now) => now?.connected === AGENTS && now.oldest_s <= CALM_S;

async function begin() {
	await collector.prepare();
	await database.start();
	collector.copyKeys();
	await collector.start();
	const token = database.token('--uses', String(AGENTS), '--servers', collector.endpoint);
	fleet = new Fleet(place, { token, agents: AGENTS,
		options: ['--processes', PROCESSES, '--metrics', METRICS, '--interval', `${INTERVAL_S}s`,
			'--report', '1s', '--leak-version', '2.0.0', '--no-members'] }).start();
	const before = seconds();
	await eventually(() => fleet.now(), { within: 600_000, what: 'the fleet to be enrolled' });
	console.log(`${AGENTS} agents enrolled in ${(seconds() - before).toFixed(0)} s`);
	const until = seconds() + WARM_S;
	while (seconds() < until && !(isCalm(fleet.now()) && fleet.now().t > INTERVAL_S))
		await sleep(500);
}

async function measure() {
	const postmaster = database.postgresPid();
	const first = fleet.now(), marks = { collector: cpu(family(pid())), postgres: cpu(family(postmaster)) };
	const began = seconds();
	while (seconds() - began < MEASURED_S) {
		await sleep(1000);
		watchMemory();
	}
	const took = seconds() - began, last = fleet.now();
	const used = (root, mark) => 100 * cpuBetween(mark, cpu(family(root))) / 1000 / took;
	const stored = (last.samples - first.samples) / (last.t - first.t);
	const made = (last.made - first.made) * PROCESSES / (last.t - first.t);
	const growth = Math.max(0, last.spooled - first.spooled - AGENTS / INTERVAL_S * CALM_S);
	console.log(`${took.toFixed(0)} s: ${made.toFixed(0)} rows/s read, ${stored.toFixed(0)} rows/s stored ` +
		`(${demanded} demanded), ${millions(stored * METRICS)} values/s`);
	console.log(`backlog ${first.spooled} batches at the begin, ${last.spooled} at the end ` +
		`(oldest ${first.oldest_s} s, ${last.oldest_s} s); ${last.resent} sent again, ${last.reconnects} reconnects`);
	console.log(`CPU: collector ${used(pid(), marks.collector).toFixed(0)} %, ` +
		`PostgreSQL ${used(postmaster, marks.postgres).toFixed(0)} % of one core`);
	console.log(`collector: ${(peakKb / 1024).toFixed(0)} MiB resident at most ` +
		`(${(peakKb / AGENTS).toFixed(0)} KiB for each agent)`);
	return Math.min(1, 1 - growth / Math.max(1, last.made - first.made));
}

async function restart() {
	const before = fleet.now(), began = seconds();
	await collector.stop();
	await collector.start();
	let connected;
	while (seconds() - began < 5 * RESTART_S) {
		await sleep(250);
		const now = fleet.now();
		if (now.connected === AGENTS && now.reconnects >= before.reconnects + AGENTS)
			connected ??= seconds() - began;
		if (connected && isCalm(now))
			break;
	}
	const took = seconds() - began, now = fleet.now();
	watchMemory();
	console.log(`restart: all connected after ${connected?.toFixed(1) ?? '(not)'} s, ` +
		`drained after ${took.toFixed(1)} s; ${now.connected} of ${AGENTS} connected, ${now.spooled} batches wait`);
	return took;
}

async function count() {
	fleet.stop();
	const said = await fleet.finish();
	const sum = (name) => said.reduce((total, part) => total + part[name], 0);
	const [rows, different] = database.sql(`SELECT count(*), count(DISTINCT (generation_id, at))
		FROM (SELECT generation_id, at FROM sample UNION ALL SELECT generation_id, at FROM sample_late) s`)[0].map(Number);
	console.log(`${sum('samples')} readings of processes read, ${sum('acknowledged_samples')} acknowledged, ` +
		`${rows} in the database; ${sum('acknowledged_samples') - different} lost, ${rows - different} twice; ` +
		`${sum('refused')} batches refused, ${sum('held')} held`);
	return rows === different && sum('acknowledged_samples') === rows && sum('refused') === 0;
}

try {
	await begin();
	const goals = [['stored', await measure()]];
	const restartS = await restart();
	goals.push(['lost', await count() ? 1 : 0]);
	goals.push(['memory', MEMORY_KB / peakKb], ['restart', RESTART_S / restartS]);
	const [name, worst] = goals.reduce((a, b) => a[1] <= b[1] ? a : b);
	console.log(goals.map(([goal, ratio]) => `${goal} ${ratio.toFixed(2)}`).join(', ') + `; the worst: ${name}`);
	console.log(`ten_thousand ratio=${worst.toFixed(2)} goal=1 ${worst >= 0.995 ? 'ok' : 'short'}`);
} finally {
	await place.close();
}
