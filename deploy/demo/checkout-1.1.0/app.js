'use strict';

const { JobQueue, serve } = require('../lib/service');

const queue = new JobQueue();

serve(queue, (ctx, visit) => {
	// The bug: one more listener on the shared queue for every request, never removed,
	// and each keeps its request and visit alive.
	queue.on('error', (error) => console.error('visit not stored:', ctx.url, visit, error));
	queue.push(visit);
});
