// Free loopback ports. A row of `count` neighbours is held for a moment and let go, and
// each process takes its rows from a range of its own, so that stories that run at the
// same time do not meet.

import net from 'node:net';

const FIRST = 20000;
const RANGE = 50;
const RANGES = 240;
let next = 0;

export async function freePorts(count) {
	const base = FIRST + (process.pid % RANGES) * RANGE;
	for (let tries = 0; tries < RANGE; tries++) {
		const first = base + (next % (RANGE - count));
		next += count;
		if (await areFree(first, count))
			return first;
	}
	throw new Error(`no ${count} free ports in a row from ${base} on`);
}

async function areFree(first, count) {
	for (let port = first; port < first + count; port++) {
		if (!(await isFree(port)))
			return false;
	}
	return true;
}

function isFree(port) {
	return new Promise((resolve) => {
		const server = net.createServer();
		server.once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}
