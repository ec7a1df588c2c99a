// What the agent costs with all that it does, beside its peers, in one run.
//
// 300 processes, of which 20 are Node.js services with the preload, and 5 queues, lists on
// one real Redis. Agent and peers read every 10 s at the same time, so that all meet the
// same neighbours. The agent reads PSS within its budget, runtimes through the preload,
// the queues, fingerprints and logs; it looks for its server, which is not there. Peers
// are started without privileges, each with a configuration of its own (peers.mjs).

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpu, cpuBetween, family, memory, nameOf, threads } from './measure.mjs';
import { PEERS } from './peers.mjs';

const PROCESSES = 300, SERVICES = 20, QUEUES = 5, INTERVAL_S = 10;
const GOAL_CPU_MS = 100, GOAL_RSS_KB = 7680;
const SOURCE = path.resolve(fileURLToPath(import.meta.url), '../../../..');
const [loop = 'ok', quick] = process.argv.slice(2);
const TICKS = quick === '--quick' ? 3 : 12;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'tidemark_bench_'));
const started = [];

// Nothing here needs root; what root starts runs as nobody.
const owner = process.getuid() === 0
	? (([, uid, gid]) => ({ uid: Number(uid), gid: Number(gid) }))(
		/^nobody:[^:]*:(\d+):(\d+):/m.exec(fs.readFileSync('/etc/passwd', 'utf8')))
	: {};
const user = process.getuid() === 0 ? 'nobody' : os.userInfo().username;

function directory(name) {
	const made = path.join(root, name);
	fs.mkdirSync(made, { mode: 0o755 });
	if (owner.uid !== undefined)
		fs.chownSync(made, owner.uid, owner.gid);
	return made;
}

function start(program, args, { log, env = {} } = {}) {
	const out = log ? fs.openSync(log, 'a') : 'ignore';
	const child = spawn(program, args, {
		...owner, cwd: root, stdio: ['ignore', out, out],
		env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: root, LANG: 'C.UTF-8', ...env },
	});
	if (log)
		fs.closeSync(out);
	child.on('error', () => {});
	started.push(child);
	return child;
}

async function end() {
	// A peer's children end with it, but not all at once.
	for (const child of started.reverse())
		child.kill('SIGTERM');
	await sleep(2000);
	for (const child of started)
		if (child.exitCode === null && child.signalCode === null)
			child.kill('SIGKILL');
	fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}

/** Below 32768, as zabbix wants it. */
function freePort() {
	return new Promise((resolve) => {
		const port = 20000 + Math.floor(Math.random() * 12000);
		const server = net.createServer();
		server.once('error', () => resolve(freePort()));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
	});
}

function redisSay(port, words) {
	const text = words.map((list) => `*${list.length}\r\n${list.map((w) => `$${w.length}\r\n${w}\r\n`).join('')}`).join('');
	return new Promise((resolve, reject) => {
		const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
		socket.once('data', () => { socket.destroy(); resolve(); });
		socket.once('error', reject);
	});
}

async function startRedis() {
	const port = await freePort();
	start('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
		{ log: path.join(root, 'redis.log') });
	for (let i = 0; ; i++) {
		try {
			await redisSay(port, Array.from({ length: QUEUES }, (_, k) => ['RPUSH', `queue-${k}`, 'a', 'b']));
			return port;
		} catch (error) {
			if (i === 50)
				throw error;
			await sleep(100);
		}
	}
}

function startWatched(preloads) {
	const service = path.join(root, 'service.js');
	fs.copyFileSync(path.join(SOURCE, 'tests/bench/agent/service.js'), service);
	const preload = path.join(root, 'preload.js');
	fs.copyFileSync(path.join(SOURCE, 'deploy/preload/tidemark-preload.js'), preload);
	for (let i = 0; i < SERVICES; i++)
		start(process.execPath, ['--require', preload, service], { env: { TIDEMARK_PRELOAD_DIR: preloads } });
	for (let i = SERVICES; i < PROCESSES; i++)
		start('/bin/sleep', ['infinity']);
}

function startAgent(redisPort, preloads) {
	const state = directory('state'), bin = directory('bin');
	// The build may be out of reach for the user that all this runs as.
	for (const name of ['tidemark-agent', 'tidemark-scout']) {
		fs.copyFileSync(path.join(process.env.TIDEMARK_BUILD, name), path.join(bin, name));
		fs.chmodSync(path.join(bin, name), 0o755);
	}
	const log = path.join(root, 'shop.log');
	fs.writeFileSync(log, 'begin\n', { mode: 0o644 });
	const config = path.join(root, 'agent.conf');
	// Of the neighbours none is large enough: 300 are followed, not more.
	fs.writeFileSync(config, [
		'[agent]', `interval = ${INTERVAL_S}s`, 'min_rss = 1T', 'log_level = warn', `preload_dir = ${preloads}`,
		'[service idle]', 'command = sleep', '[service shop]', `command = node ${root}/service.js`,
		'[log shop]', `file = ${log}`, 'service = shop',
		'[queue jobs]', 'kind = redis', `url = redis://127.0.0.1:${redisPort}/0`,
		`queues = ${Array.from({ length: QUEUES }, (_, k) => `queue-${k}`).join(', ')}`, 'workers = shop',
	].join('\n') + '\n');
	// A server that is not there: port 1 of this machine.
	fs.writeFileSync(path.join(state, 'enrolment'),
		`server_key ${'07'.repeat(32)}\nhost 127.0.0.1\nport 1\nagent_id 1\n`, { mode: 0o600 });
	if (owner.uid !== undefined)
		fs.chownSync(path.join(state, 'enrolment'), owner.uid, owner.gid);
	const child = start(path.join(bin, 'tidemark-agent'), ['run', '--config', config, '--state-dir', state],
		{ log: path.join(root, 'agent.log') });
	return { name: 'tidemark-agent', child, state };
}

async function startPeer(peer) {
	if (!fs.existsSync(peer.program))
		return { name: peer.name, skipped: 'is not installed (tests/bench/packages)' };
	const at = { directory: directory(peer.name.replace(/[^a-z0-9]+/g, '-')), port: await freePort(), intervalS: INTERVAL_S, user };
	peer.prepare?.(at);
	for (const [name, text] of Object.entries(peer.files(at)))
		fs.writeFileSync(path.join(at.directory, name), text, { mode: 0o644 });
	const log = path.join(root, `${path.basename(at.directory)}.log`);
	return { name: peer.name, peer, at, log, child: start(peer.program, peer.args(at), { log }) };
}

const lastWords = (file) => fs.readFileSync(file, 'utf8').trim().split('\n').at(-1).slice(0, 120);

/** Whether it runs, with all that it needs, and answers. */
async function check(one) {
	if (one.skipped || !one.peer)
		return;
	try {
		if (one.child.exitCode !== null || one.child.signalCode !== null)
			throw new Error(`ended: ${lastWords(one.log)}`);
		if (one.peer.needs && !family(one.child.pid).some((pid) => nameOf(pid).startsWith(one.peer.needs)))
			throw new Error(`runs without ${one.peer.needs}`);
		await one.peer.poll?.(one.at);
	} catch (error) {
		one.skipped = `does not start: ${error.message}`;
	}
}

/** The agent's own words: figures mean nothing unless it follows them all. */
function checkAgent(agent) {
	const text = fs.readFileSync(path.join(agent.state, 'status'), 'utf8');
	const followed = Number(/^following\s+(\d+)/m.exec(text)?.[1] ?? 0);
	if (followed < PROCESSES)
		throw new Error(`the agent follows only ${followed} processes\n${text}`);
	return text;
}

async function measure(all) {
	const running = all.filter((one) => !one.skipped);
	for (const one of running)
		one.before = cpu(family(one.child.pid));
	const [agent] = running;
	const scout = family(agent.child.pid).find((pid) => nameOf(pid) === 'tidemark-scout');
	const parts = threads(scout);
	const begun = Date.now();
	for (let tick = 1; tick <= TICKS; tick++) {
		for (const one of running)
			await one.peer?.poll?.(one.at).catch((error) => { one.trouble = error.message; });
		await sleep(begun + tick * INTERVAL_S * 1000 - Date.now());
	}
	const minutes = (Date.now() - begun) / 60000;
	agent.parts = [...threads(scout)].map(([name, ms]) => [name, (ms - (parts.get(name) ?? 0)) / minutes]);
	for (const one of running) {
		const pids = family(one.child.pid);
		const after = cpu(pids);
		one.cpu = cpuBetween(one.before, after) / minutes;
		one.memory = memory(pids);
		one.own = { cpu: cpuBetween(new Map(one.before), new Map([[one.child.pid, after.get(one.child.pid)]])) / minutes,
			memory: memory([one.child.pid]) };
	}
}

/** What each part of the scout took, a thread each. */
function reportParts(agent) {
	for (const [name, ms] of agent.parts)
		line(`  the scout, ${name}`, ms.toFixed(0));
}

const mb = (kb) => (kb / 1024).toFixed(1);
const line = (name, ...cells) => console.log(name.padEnd(34) + cells.map((cell) => String(cell).padStart(11)).join(''));

function row(what, value, goal, unit) {
	const ok = value <= goal;
	console.log(`${what.padEnd(44)} ${value.toFixed(2).padStart(9)} ${goal.toFixed(2).padStart(9)}  ${unit.padEnd(4)} ${ok ? 'ok' : 'short'}`);
	return ok;
}

function report(agent, peers) {
	line('', 'CPU, ms/min', 'RSS, MiB', 'PSS, MiB', 'CPU ratio', 'PSS ratio');
	line('agent and scout', agent.cpu.toFixed(0), mb(agent.memory.rss), mb(agent.memory.pss));
	line('  the agent alone', agent.own.cpu.toFixed(0), mb(agent.own.memory.rss), mb(agent.own.memory.pss));
	reportParts(agent);
	for (const one of peers) {
		if (one.skipped) {
			console.log(`${one.name.padEnd(34)} skipped: ${one.skipped}`);
			continue;
		}
		line(one.name, one.cpu.toFixed(0), mb(one.memory.rss), mb(one.memory.pss),
			(one.cpu / agent.cpu).toFixed(1), (one.memory.pss / agent.memory.pss).toFixed(1));
		if (one.trouble)
			console.log(`  ${one.trouble}`);
	}
	console.log(`${''.padEnd(44)} ${'measured'.padStart(9)} ${'goal'.padStart(9)}`);
	let ok = row('agent and scout, CPU a minute', agent.cpu, GOAL_CPU_MS, 'ms');
	ok = row('the agent alone, RSS', agent.own.memory.rss / 1024, GOAL_RSS_KB / 1024, 'MiB') && ok;
	for (const one of peers.filter((peer) => !peer.skipped)) {
		ok = row(`agent and scout / ${one.name}, CPU`, agent.cpu / one.cpu, 1, '') && ok;
		ok = row(`agent and scout / ${one.name}, PSS`, agent.memory.pss / one.memory.pss, 1, '') && ok;
	}
	const ratio = agent.cpu / GOAL_CPU_MS;
	console.log(`agent ratio=${ratio.toFixed(2)} goal=1.00 ${ok && loop === 'ok' ? 'ok' : 'short'}`);
}

fs.chmodSync(root, 0o755);
for (const signal of ['SIGINT', 'SIGTERM'])
	process.once(signal, () => end().finally(() => process.exit(1)));
try {
	console.log(`${PROCESSES} processes, ${SERVICES} of them Node.js services with the preload, ${QUEUES} queues; ` +
		`${TICKS} intervals of ${INTERVAL_S} s`);
	const redisPort = await startRedis();
	const preloads = directory('preloads');
	startWatched(preloads);
	// Processes are followed once they have lived an interval.
	await sleep(INTERVAL_S * 1000 + 2000);
	const agent = startAgent(redisPort, preloads);
	const peers = [];
	for (const peer of PEERS)
		peers.push(await startPeer(peer));
	// The first reading finds out who is who; the ones after the second are measured.
	await sleep(2.5 * INTERVAL_S * 1000);
	for (const one of peers)
		await check(one);
	await measure([agent, ...peers]);
	const status = checkAgent(agent);
	console.log(status.split('\n').filter((text) => /^(following|scout)/.test(text)).join('\n'));
	report(agent, peers);
} finally {
	await end();
}
