// A place of its own for one story: a temporary directory, an unprivileged user, the
// programs, and everything that runs in it. Whatever a story starts here is ended and
// removed by close(), which also fails when a program left a sanitizer's report.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './wait.mjs';

export const SOURCE = path.resolve(fileURLToPath(import.meta.url), '../../../..');
export const BUILD = process.env.TIDEMARK_BUILD ?? path.join(SOURCE, 'build/asan');
const REPORT = /ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:|BUG: /;

export class Place {
	/** @param {string} name of the story, for the directory and for messages */
	constructor(name) {
		this.root = fs.mkdtempSync(path.join(os.tmpdir(), `tm-${name}-`));
		this.running = new Set();
		this.logs = [];
		this.owner = ownerOfProcesses();
		this.bin = path.join(this.root, 'bin');
		process.once('SIGTERM', () => this.close().finally(() => process.exit(1)));
		fs.chmodSync(this.root, 0o755);
		fs.mkdirSync(this.bin);
		for (const program of ['tidemark-server', 'tidemark-agent', 'tidemark-scout'])
			this.install(path.join(BUILD, program));
	}

	/** A new directory that the story's processes own. */
	directory(name) {
		const made = path.join(this.root, name);
		fs.mkdirSync(made, { mode: 0o700 });
		if (this.owner.uid !== undefined)
			fs.chownSync(made, this.owner.uid, this.owner.gid);
		return made;
	}

	/** Copies a program here: the build may be out of reach for the story's user. */
	install(from) {
		const to = path.join(this.bin, path.basename(from));
		fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE);
		fs.chmodSync(to, 0o755);
		return to;
	}

	program(name) {
		return path.join(this.bin, name);
	}

	/** Runs a command to its end. Its output is text; `input` goes to stdin. */
	run(command, args, { input = '', env = {}, cwd = this.root, timeout = 60_000, owner = this.owner } = {}) {
		const result = spawnSync(command, args, {
			...owner, cwd, input, timeout, encoding: 'utf8', env: { ...environment(this), ...env },
		});
		if (result.error)
			throw result.error;
		this.checkReport(`${path.basename(command)} ${args[0] ?? ''}`, result.stderr);
		return { status: result.status, signal: result.signal, stdout: result.stdout, stderr: result.stderr };
	}

	/** As run, but for commands that must succeed. */
	must(command, args, options) {
		const result = this.run(command, args, options);
		if (result.status !== 0) {
			throw new Error(`${path.basename(command)} ${args.join(' ')}: ` +
				`${result.signal ?? `exit status ${result.status}`}\n${result.stderr}${result.stdout}`);
		}
		return result.stdout;
	}

	/** Starts a long-running command; its output goes to ROOT/NAME.log. */
	start(name, command, args, { env = {}, cwd = this.root, stdio, owner = this.owner } = {}) {
		const log = path.join(this.root, `${name}.log`);
		const out = fs.openSync(log, 'a');
		const child = spawn(command, args, {
			...owner, cwd, env: { ...environment(this), ...env },
			stdio: stdio ?? ['ignore', out, out],
		});
		fs.closeSync(out);
		if (!this.logs.includes(log))
			this.logs.push(log);
		const running = { name, child, log, ended: null };
		running.exit = new Promise((resolve) => {
			child.once('exit', (status, signal) => resolve((running.ended = { status, signal })));
			child.once('error', (error) => resolve((running.ended = { status: null, signal: null, error })));
		});
		running.exit.then(() => this.running.delete(running));
		this.running.add(running);
		return running;
	}

	/** Sends a signal and waits for the end; SIGKILL after `timeout`. */
	async end(running, signal = 'SIGTERM', timeout = 30_000) {
		if (running.ended)
			return running.ended;
		running.child.kill(signal);
		let timer;
		const late = new Promise((resolve) => { timer = setTimeout(resolve, timeout); });
		const ended = await Promise.race([running.exit, late]);
		clearTimeout(timer);
		if (ended)
			return ended;
		running.child.kill('SIGKILL');
		await running.exit;
		throw new Error(`${running.name} did not end within ${timeout} ms of ${signal}\n${tail(running.log)}`);
	}

	tailOf(name, lines = 20) {
		return tail(path.join(this.root, `${name}.log`), lines);
	}

	checkReport(what, text) {
		const at = text.search(REPORT);
		if (at >= 0)
			throw new Error(`${what} left a report:\n${text.slice(at, at + 3000)}`);
	}

	async close() {
		for (const running of [...this.running].reverse())
			await this.end(running).catch(() => {});
		await endStrays(this.root);
		try {
			for (const log of this.logs)
				this.checkReport(path.basename(log), fs.readFileSync(log, 'utf8'));
		} finally {
			if (process.env.TIDEMARK_KEEP)
				console.error(`kept: ${this.root}`);
			else
				fs.rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
		}
	}
}

// PostgreSQL refuses to run as root, and nothing of ours needs it.
function ownerOfProcesses() {
	if (process.getuid() !== 0)
		return {};
	const nobody = fs.readFileSync('/etc/passwd', 'utf8').match(/^nobody:[^:]*:(\d+):(\d+):/m);
	return { uid: Number(nobody[1]), gid: Number(nobody[2]) };
}

function environment(place) {
	return {
		PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
		HOME: place.root,
		LANG: 'C.UTF-8',
		// What is freed is kept, 256 MiB by default: the detector would rightly call it a leak.
		ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0:quarantine_size_mb=8',
		UBSAN_OPTIONS: 'print_stacktrace=1',
	};
}

export function tail(file, lines = 20) {
	try {
		return fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
	} catch {
		return '';
	}
}

/** Pids of processes that have their working directory or program under `root`. */
export function processesUnder(root) {
	const found = [];
	for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
		for (const link of ['cwd', 'exe']) {
			try {
				if (fs.readlinkSync(`/proc/${pid}/${link}`).startsWith(`${root}/`)) {
					found.push(Number(pid));
					break;
				}
			} catch {
				// gone, or not ours
			}
		}
	}
	return found;
}

// A server that was killed leaves its PostgreSQL running, for the next one to adopt.
async function endStrays(root) {
	for (const signal of ['SIGQUIT', 'SIGKILL']) {
		for (const pid of processesUnder(root))
			kill(pid, signal);
		if (await eventually(() => processesUnder(root).length === 0, { within: 5000, quiet: true }))
			return;
	}
}

function kill(pid, signal) {
	try {
		process.kill(pid, signal);
	} catch {
		// ended meanwhile
	}
}
