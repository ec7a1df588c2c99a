// What a program and its children cost, by procfs: CPU since a mark, memory now.

import fs from 'node:fs';

const TICK_MS = 10; // of utime and stime; USER_HZ is 100 on every Linux we run on

function stat(pid) {
	try {
		const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
		const rest = text.slice(text.lastIndexOf(')') + 2).split(' ');
		// Fields 14 to 17 of proc(5): own, and of children that have ended.
		const [user, system, childUser, childSystem] = rest.slice(11, 15).map(Number);
		return {
			parent: Number(rest[1]),
			name: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')),
			own: (user + system) * TICK_MS,
			ended: (childUser + childSystem) * TICK_MS,
		};
	} catch {
		return undefined; // it has ended
	}
}

/** The pids of a process and of all below it. */
export function family(root) {
	const parents = new Map();
	for (const name of fs.readdirSync('/proc')) {
		const found = /^\d+$/.test(name) && stat(Number(name));
		if (found)
			parents.set(Number(name), found.parent);
	}
	const members = [root];
	for (let i = 0; i < members.length; i++)
		for (const [pid, parent] of parents)
			if (parent === members[i])
				members.push(pid);
	return members;
}

/** CPU milliseconds of each since it began; what has ended since is in its parent's. */
export function cpu(pids) {
	const used = new Map();
	for (const pid of pids) {
		const now = stat(pid);
		if (now)
			used.set(pid, now.own + now.ended);
	}
	return used;
}

export function cpuBetween(before, after) {
	let sum = 0;
	for (const [pid, ms] of after)
		sum += ms - (before.get(pid) ?? 0);
	return sum;
}

/** Kilobytes, of all together. */
export function memory(pids) {
	const sum = { rss: 0, pss: 0 };
	for (const pid of pids) {
		try {
			const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
			sum.rss += Number(/^Rss:\s+(\d+)/m.exec(text)[1]);
			sum.pss += Number(/^Pss:\s+(\d+)/m.exec(text)[1]);
		} catch {
			// it has ended
		}
	}
	return sum;
}

export const nameOf = (pid) => stat(pid)?.name ?? '';

/** CPU milliseconds of each thread of a process, by its name. */
export function threads(pid) {
	const used = new Map();
	for (const task of fs.readdirSync(`/proc/${pid}/task`)) {
		const now = stat(`${pid}/task/${task}`);
		if (now)
			used.set(now.name, (used.get(now.name) ?? 0) + now.own);
	}
	return used;
}
