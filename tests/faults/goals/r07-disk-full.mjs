// Both sides run out of disk. The agent's spool has no room: what it has to drop it counts,
// and once there is room it goes on. The server's disk fills up: it stops storing before
// PostgreSQL has to, says so, and PostgreSQL that ends for want of room comes back by itself.

import path from 'node:path';
import { Agent } from '../../scenario/lib/agent.mjs';
import { Ledger, assertStoredOnce } from '../../scenario/lib/ledger.mjs';
import { eventually, sleep } from '../../scenario/lib/wait.mjs';
import { Disk } from '../lib/disk.mjs';

const MB = 1 << 20;

export default {
	id: 'R7',
	title: 'disk full on both sides',
	asked: 'no crash, nothing lost on the server; what the agent drops is counted exactly; right again by itself',
	chain: 'disk',
	turn: 3,

	async run({ world, long }) {
		const shared = await world();
		if (!shared.disk)
			return { why: 'needs root and Node 18.15, for a small disk' };
		const agent = await agentOfSmallDisk(shared);
		const server = await serverOfSmallDisk(shared, long);
		return { met: true, seen: `agent: ${agent}; server: ${server}` };
	},
};

/** An agent that begins on a full disk: nothing that it reads finds room. */
async function agentOfSmallDisk(shared) {
	const { place, server } = shared;
	const agent = new Agent(place, { name: 'small', interval: '1s', config: 'spool_max = 1M' });
	const disk = Disk.mount(agent.state, 0.25, place.owner);
	try {
		agent.join(server.token());
		disk.fill(0);
		agent.start();
		await eventually(() => /no space|No space|full/.test(place.tailOf('small')), { what: 'word of the full disk' });
		await sleep(4000);
		if (agent.running.ended)
			throw new Error(`the agent ended: ${place.tailOf('small')}`);
		disk.free();
		await shared.storedMore('small', 2);
		const counted = await exactly(shared, agent);
		await agent.stop();
		return counted;
	} finally {
		if (agent.running && !agent.running.ended)
			await agent.stop();
		disk.unmount();
	}
}

/** What the agent says that it dropped is what the server has been told. */
async function exactly(shared, agent) {
	const { place, psql } = shared;
	const said = await eventually(() => {
		const status = place.must(agent.program, ['status', ...agent.options()]);
		return Number(/(\d+) lost since it was made/.exec(status)[1]);
	}, { what: 'the agent to count what it dropped' });
	const gaps = await psql.number(`SELECT coalesce(sum(batches), 0) FROM gap JOIN host ON host.id = host_id
		WHERE host.name = 'small'`);
	const reasons = (await psql.rows(`SELECT DISTINCT reason FROM gap JOIN host ON host.id = host_id
		WHERE host.name = 'small'`)).flat().join(', ');
	const twice = await psql.number(`SELECT count(*) - count(DISTINCT at) FROM host_sample JOIN host ON host.id = host_id
		WHERE host.name = 'small'`);
	if (said !== gaps || twice)
		throw new Error(`the agent lost ${said}, the server knows of ${gaps}; ${twice} twice`);
	return `${said} batches dropped, ${gaps} told as gaps (${reasons || 'none'})`;
}

async function serverOfSmallDisk(shared, long) {
	const { place, server, disk } = shared;
	const agent = await shared.agent('shop', { interval: '1s' });
	const api = await shared.api();
	const readyz = async () => {
		const answer = await server.http('GET', '/readyz');
		return { status: answer.status, ...JSON.parse(answer.text) };
	};

	disk.fill(48 * MB);
	await eventually(async () => /disk is full/.test((await readyz()).trouble ?? ''), { what: 'word of the full disk' });
	await sleep(1500); // what was under way
	const before = await shared.stored('shop');
	const { newest } = new Ledger(agent).look();
	await eventually(() => new Ledger(agent).look().newest > newest + 2, { what: 'batches in the spool' });
	const storage = await api.get('/storage');
	if (await shared.stored('shop') !== before || storage.disk.state !== 'full' || (await readyz()).status !== 200)
		throw new Error(`it went on storing, or does not say so: ${JSON.stringify(storage)}`);
	disk.free();
	const againMs = await shared.storedMore('shop', before + 3);
	await eventually(async () => (await readyz()).trouble === undefined, { what: 'no more trouble' });

	// Until PostgreSQL's log needs a file more; it ends then, and cannot begin again.
	const old = server.postgresPid();
	disk.fill(0);
	for (let i = 0; i < 40 && isAlive(old); i++) {
		place.run('psql', ['-X', '-q', '-h', path.join(server.data, 'run'), '-U', 'tidemark', '-d', 'postgres',
			'-c', 'SELECT pg_logical_emit_message(false, \'x\', repeat(\'x\', 4000000))', '-c', 'SELECT pg_switch_wal()']);
	}
	await eventually(async () => (await readyz()).status === 503, { what: 'PostgreSQL to be gone' });
	await eventually(async () => /disk is full/.test((await readyz()).detail), { what: 'word of it' });
	await sleep(long ? 300_000 : 24_000); // ten attempts to begin, of two seconds each, are over
	if (server.running.ended)
		throw new Error(`the server ended: ${place.tailOf('server')}`);
	const began = performance.now();
	disk.free();
	await server.ready();
	const readyMs = performance.now() - began;
	await agent.stop();
	const ledger = new Ledger(agent).look();
	agent.start();
	await eventually(async () => await shared.missing(ledger) === 0,
		{ within: 60_000, every: 300, what: 'the last batches' });
	await agent.stop();
	assertStoredOnce(server, 'shop');
	return `0 lost, 0 twice; storing again ${(againMs / 1000).toFixed(1)} s after there was room, PostgreSQL that ended ` +
		`back after ${(readyMs / 1000).toFixed(1)} s`;
}

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
