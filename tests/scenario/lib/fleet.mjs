// A simulated fleet (tests/fleet/fleet) in a story's place: agents with keys of their own,
// as many as are wanted, in one process or, where one may not open that many files, in a few.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { BUILD } from './place.mjs';

/** As many agents as one process may be: each needs two descriptors. */
export const AGENTS_MAX = Math.floor(
	(Number(execFileSync('bash', ['-c', 'ulimit -Hn'], { encoding: 'utf8' })) || 1e6) / 2 - 100);

export class Fleet {
	constructor(place, { name = 'fleet', token, agents, options = [] }) {
		this.place = place;
		this.name = name;
		this.agents = agents;
		this.options = ['--token', token, ...options];
		this.program = place.install(path.join(BUILD, 'tests/fleet/fleet'));
		this.parts = [];
	}

	start() {
		for (let first = 1; first <= this.agents; first += AGENTS_MAX) {
			const count = Math.min(AGENTS_MAX, this.agents - first + 1);
			this.parts.push(this.place.start(`${this.name}-${first}`, this.program,
				[...this.options, '--agents', count, '--first', first].map(String)));
		}
		return this;
	}

	/** Totals of the newest report of every part; undefined before the first. */
	now() {
		const all = this.parts.map(({ log }) => {
			const lines = tail(log).split('\n').filter((line) => line.startsWith('fleet: t='));
			return Object.fromEntries([...(lines.at(-1) ?? '').matchAll(/(\w+)=([\d.]+)/g)]
				.map(([, name, value]) => [name, Number(value)]));
		});
		if (all.some(({ t }) => t === undefined))
			return undefined;
		const sum = (name) => all.reduce((total, part) => total + part[name], 0);
		return {
			t: Math.min(...all.map(({ t }) => t)),
			oldest_s: Math.max(...all.map(({ oldest_s: age }) => age)),
			...Object.fromEntries(['connected', 'made', 'acknowledged', 'samples', 'spooled',
				'reconnects', 'resent', 'refused', 'held'].map((name) => [name, sum(name)])),
		};
	}

	/** Asks for the end: nothing new is read, what is left is sent. */
	stop() {
		for (const { child } of this.parts)
			child.kill('SIGTERM');
	}

	/** Waits for the end; what each part says must be in the database. */
	async finish() {
		const said = [];
		for (const part of this.parts) {
			const ended = await part.exit;
			const line = fs.readFileSync(part.log, 'utf8').split('\n').find((text) => text.startsWith('{'));
			if (!line)
				throw new Error(`${part.name} ended: ${JSON.stringify(ended)}\n${this.place.tailOf(part.name)}`);
			said.push({ status: ended.status, ...JSON.parse(line) });
		}
		return said;
	}
}

/** The last few reports; a whole log is long by then. */
function tail(log) {
	const file = fs.openSync(log, 'r');
	const { size } = fs.fstatSync(file);
	const bytes = Buffer.alloc(Math.min(size, 4096));
	fs.readSync(file, bytes, 0, bytes.length, size - bytes.length);
	fs.closeSync(file);
	return bytes.toString().replace(/[^\n]*$/, '');
}
