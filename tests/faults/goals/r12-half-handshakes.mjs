// Thousands of connections to the port of the agents that begin a handshake and never end it.
// A good agent gets in all the same; again with so few descriptors left that they do not fit.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { eventually, sleep } from '../../scenario/lib/wait.mjs';
import { Crowd } from '../lib/sockets.mjs';

// ZMTP 3.1: signature, version, "CURVE", as client; then nothing.
const GREETING = Buffer.concat([Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]),
	Buffer.from('CURVE'.padEnd(20, '\0')), Buffer.alloc(32)]);

export default {
	id: 'R12',
	title: 'half handshakes',
	asked: '4,000 hostile ones: a good agent has stored < 1 s after its start, all are reaped; ' +
		'and with descriptors for 300 it gets in again',
	chain: 'hosts',
	turn: 2,

	async run({ world }) {
		const shared = await world();
		const { server } = shared;
		const agent = await shared.agent('good', { interval: '1s' });
		await agent.stop();
		const calm = await startToStored(shared, agent);

		const crowd = new Crowd(server.agentPort);
		await crowd.open(4000, GREETING);
		const beset = await startToStored(shared, agent);
		await eventually(() => crowd.sockets.size === 0, { within: 60_000, quiet: true });
		const left = crowd.sockets.size, opened = crowd.opened;
		const reapedMs = Math.max(0, ...crowd.cutAfterMs);
		crowd.close();

		const few = await withFewDescriptors(shared, agent);
		if (server.running.ended)
			throw new Error(`the server ended: ${shared.place.tailOf('server')}`);
		return {
			met: beset < 1000 && left === 0 && opened === 4000,
			seen: `${opened} opened, ${left} left, the last reaped after ${(reapedMs / 1000).toFixed(1)} s; good agent: ` +
				`${calm.toFixed(0)} ms alone, ${beset.toFixed(0)} ms among them, ` +
				`${(few / 1000).toFixed(1)} s with descriptors for 300`,
		};
	},
};

/** Starts the agent; ms until something of it is stored. Stops it again. */
async function startToStored(shared, agent) {
	const had = await shared.stored(agent.name);
	agent.start();
	const took = await shared.storedMore(agent.name, had);
	await agent.stop();
	return took;
}

async function withFewDescriptors(shared, agent) {
	const pid = shared.server.running.child.pid;
	const limit = (soft) => spawnSync('prlimit', ['--pid', String(pid), `--nofile=${soft}:`]);
	const before = /Max open files\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/limits`, 'utf8'))[1];
	limit(fs.readdirSync(`/proc/${pid}/fd`).length + 300);
	const crowd = new Crowd(shared.server.agentPort);
	try {
		crowd.open(1000, GREETING);
		await sleep(500);
		return await startToStored(shared, agent);
	} finally {
		crowd.close();
		limit(before);
	}
}
