'use strict';

const { JobQueue, serve } = require('../lib/service');

const queue = new JobQueue();
queue.on('error', (error) => console.error('visit not stored:', error));

serve(queue, (ctx, visit) => {
	queue.push(visit);
});
