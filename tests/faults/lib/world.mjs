// A world that goals share: a server with its PostgreSQL, and agents that come as they are
// wanted. Times are taken with one psql that stays, and a batch counts as stored when the
// server says so in its table of agents.

import fs from 'node:fs';
import { Agent } from '../../scenario/lib/agent.mjs';
import { Place } from '../../scenario/lib/place.mjs';
import { freePorts } from '../../scenario/lib/ports.mjs';
import { Server } from '../../scenario/lib/server.mjs';
import { Disk } from './disk.mjs';
import { Psql } from './psql.mjs';

export const isRoot = process.getuid() === 0;

export class World {
	constructor(name) {
		this.place = new Place(`faults-${name}`);
		this.server = new Server(this.place, { options: ['--watch-interval', '2s', '--log-level', 'info'] });
		this.psql = new Psql(this.server);
		this.name = name;
	}

	async start() {
		// Agents in other networks of this machine reach it, too.
		this.server.port = await freePorts(3);
		this.server.agentPort = this.server.port + 1;
		this.server.options.push('--listen', `0.0.0.0:${this.server.agentPort}`, '--advertise', '127.0.0.1');
		if (this.name === 'disk')
			this.disk = Disk.mount(this.server.data, 512, this.place.owner);
		await this.server.start();
		return this;
	}

	/** An agent that runs and has sent something. */
	async agent(name, options) {
		const agent = new Agent(this.place, { name, ...options });
		agent.join(this.server.token());
		agent.start(options);
		await this.storedMore(name, 0);
		return agent;
	}

	/** An API client; one login for all goals. */
	api() {
		return (this.client ??= this.server.api());
	}

	stored(name) {
		return this.psql.number(`SELECT coalesce(sum(stored_batches), 0) FROM agent
			JOIN host ON host.id = host_id WHERE host.name = '${name}'`);
	}

	/** Waits until more batches of a host are stored than there were; ms that it took. */
	async storedMore(name, before, within = 60_000) {
		const began = performance.now();
		for (;;) {
			const now = await this.stored(name).catch(() => 0);
			if (now > before)
				return performance.now() - began;
			if (performance.now() - began > within)
				throw new Error(`nothing more of ${name} was stored in ${within} ms\n${this.place.tailOf(name)}`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}

	/** How many of the batches that a ledger has seen are not stored. */
	async missing(ledger) {
		const ranges = (await this.psql.rows(`SELECT epoch, lower(part), upper(part) FROM stream
			JOIN agent ON agent.id = agent_id JOIN host ON host.id = host_id, unnest(stored) AS part
			WHERE host.name = '${ledger.agent.name}'`))
			.map(([epoch, from, to]) => [BigInt.asUintN(64, BigInt(epoch)), Number(from), Number(to)]);
		return [...ledger.seen].filter(([sequence, epoch]) => !ranges.some(([its, from, to]) =>
			its === epoch && from <= sequence && sequence < to)).length;
	}

	async close() {
		this.psql.close();
		for (const running of [...this.place.running].reverse())
			await this.place.end(running).catch(() => {});
		this.disk?.unmount();
		await this.place.close();
	}
}

/** Resident memory of processes, in KiB. */
export function rssKb(...pids) {
	return pids.reduce((sum, pid) =>
		sum + Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0), 0);
}

export function quantile(numbers, q) {
	const sorted = [...numbers].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}
