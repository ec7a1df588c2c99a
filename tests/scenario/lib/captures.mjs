// Captures of live processes. There is one inspector's port in a network namespace and one
// capture at a time on a machine, so stories that capture take turns, unless each was
// started in a network of its own (tests/run does that where it may).

import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { request } from './http.mjs';
import { eventually } from './wait.mjs';

const TURN = path.join(os.tmpdir(), 'tidemark-captures.turn');

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}

/** Waits for the turn; returns the function that ends it. */
export async function turn() {
	if (process.env.TIDEMARK_ALONE)
		return () => {};
	await eventually(() => {
		try {
			fs.symlinkSync(String(process.pid), TURN);
			return true;
		} catch {
			if (!isAlive(Number(fs.readlinkSync(TURN))))
				fs.rmSync(TURN, { force: true });
			return false;
		}
	}, { within: 15 * 60_000, every: 200, what: 'the turn to capture' });
	return () => fs.rmSync(TURN, { force: true });
}

/** Whether anything listens there. */
export function isOpen(port) {
	return new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1');
		socket.once('connect', () => socket.destroy(resolve(true)));
		socket.once('error', () => resolve(false));
	});
}

/** A program of tests/support/programs that serves HTTP and says "ready PORT". */
export class Target {
	constructor(place, { name = 'target', program = 'listener.js', node = process.execPath, service = name, env = {}, cwd } = {}) {
		this.place = place;
		this.name = name;
		const folder = path.join(place.root, name);
		fs.mkdirSync(folder);
		fs.copyFileSync(path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
			'../../support/programs', program), path.join(folder, program));
		fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: service, main: program, version: env.FIX ? '1.0.1' : '1.0.0' }));
		fs.chmodSync(folder, 0o755);
		this.command = [node, [path.join(folder, program), '0'], { env, cwd: cwd ?? folder }];
	}

	async start() {
		this.running = this.place.start(this.name, ...this.command);
		this.port = await eventually(() => {
			if (this.running.ended)
				throw new Error(`it ended: ${JSON.stringify(this.running.ended)} ${this.place.tailOf(this.name)}`);
			return Number(this.place.tailOf(this.name, 100).match(/ready (\d+)/)?.[1]);
		}, { what: `${this.name} to be ready` });
		return this;
	}

	get pid() {
		return this.running.child.pid;
	}

	/** Requests, a few at a time; fails when one is not answered. */
	async load(count) {
		for (let at = 0; at < count; at += 20) {
			const answers = await Promise.all(Array.from({ length: Math.min(20, count - at) },
				(_, i) => request(this.port, 'GET', `/ma.gif?id=${at + i}`)));
			for (const answer of answers)
				if (answer.status !== 200)
					throw new Error(`${this.name} answered ${answer.status}`);
		}
	}

	rssKb() {
		return Number(fs.readFileSync(`/proc/${this.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
	}

	stop() {
		return this.place.end(this.running);
	}
}
