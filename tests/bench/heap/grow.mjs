// grow.mjs MIB FILE: a heap as services have it, written as a snapshot of about MIB.
// grow.mjs MIB: the same, held; says "ready", then answers each line of its input.
//
// Requests that were never let go: contexts of plain objects, closures over them, classes,
// arrays, maps, strings, promises, timers. The size is steered by the file, not the heap:
// a request takes about PER_REQUEST bytes of it.
import { EventEmitter } from 'node:events';
import readline from 'node:readline';
import v8 from 'node:v8';

const PER_REQUEST = 2100;
const BARE = 4.5; // MiB of a process that has served nobody

class Session {
	constructor(id) {
		this.id = id;
		this.cart = new Map();
		this.seen = new Set([id % 7, id % 11]);
		this.touched = new Date(0);
	}
}

class Job {
	constructor(id, request) {
		this.id = id;
		this.payload = { kind: 'gif', request, attempts: [1, 2, 3] };
		this.state = 'inactive';
	}
}

const queue = new EventEmitter();
queue.setMaxListeners(0);
const held = { requests: [], sessions: new Map(), jobs: [], callbacks: [] };

function handle(id) {
	const request = {
		method: 'GET',
		url: `/ma.gif?id=${id}`,
		headers: { host: 'shop', accept: '*/*', 'x-id': String(id) },
		query: { id },
	};
	const context = { request, response: { status: 200, body: null }, state: {} };
	const session = new Session(id);
	session.cart.set(`item-${id}`, { price: id / 3, count: 1 });
	const job = new Job(id, request);
	queue.on('error', (error) => {
		context.state.error = error;
	});
	held.requests.push(context);
	held.sessions.set(`session-${id}`, session);
	held.jobs.push(job);
	held.callbacks.push(Promise.resolve(job), () => session.cart.get(id));
}

const [mib, file] = process.argv.slice(2);
const requests = Math.round(((Number(mib) - BARE) * 1024 * 1024) / PER_REQUEST);
for (let id = 0; id < requests; id++) handle(id);
if (file) {
	v8.writeHeapSnapshot(file);
	process.exit(held.requests.length === requests ? 0 : 1);
}
console.log('ready');
for await (const line of readline.createInterface({ input: process.stdin })) {
	console.log(`${line} ${held.requests.length}`);
}
