'use strict';
// What both versions of checkout share: the queue, the routes, start and stop.

const { EventEmitter } = require('node:events');
const Koa = require('koa');

// One object for the whole process, as a client of a job queue usually is.
class JobQueue extends EventEmitter {
	constructor() {
		super();
		this.waiting = 0;
	}

	push(visit) {
		this.waiting++;
		setImmediate(() => {
			this.waiting--;
			this.emit('done', visit);
		});
	}
}

// What one beacon of the checkout page tells: who, and how long each part took to load.
class Visit {
	constructor(query) {
		this.customer = String(query.customer ?? '');
		this.at = new Date();
		this.timings = Array.from({ length: 120 }, (_, i) => ({
			part: i,
			start: i * 3.5 + Math.random(),
			duration: 40 * Math.random(),
		}));
	}
}

const TELL_MS = 2000;

// Tells the supervisor how large the heap is.
function tell(ready) {
	if (process.connected)
		process.send({ ready, heapMb: process.memoryUsage().heapUsed / 2 ** 20 });
}

// Listens on 127.0.0.1:PORT. `visited(ctx, visit)` is where the versions differ.
function serve(queue, visited) {
	const app = new Koa();
	app.use((ctx) => {
		if (ctx.path === '/ma.gif') {
			visited(ctx, new Visit(ctx.query));
			ctx.type = 'text/plain';
			ctx.body = 'ok';
		} else if (ctx.path === '/health') {
			ctx.body = { waiting: queue.waiting, listeners: queue.listenerCount('error') };
		}
	});
	const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
		tell(true);
		setInterval(tell, TELL_MS, false).unref();
	});
	stopWhenAsked(server);
}

function stopWhenAsked(server) {
	const stop = () => {
		server.close(() => process.exit(0));
		server.closeIdleConnections();
		setTimeout(() => process.exit(0), 2000).unref();
	};
	process.once('SIGTERM', stop);
	process.once('disconnect', stop); // the supervisor has gone
}

module.exports = { JobQueue, serve };
