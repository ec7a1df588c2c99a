'use strict';
// The first story in small: each request adds an `error` listener to one shared queue.
// listener.js [PORT]; with FIX=1 in the environment it does not. Node 8 and newer.
const http = require('http');
const EventEmitter = require('events');

class MonitorQueue extends EventEmitter {}

const queue = new MonitorQueue();
queue.setMaxListeners(0);

http.createServer(function serve(request, response) {
	const context = { url: request.url, answer: 'x'.repeat(64) + request.url };
	if (!process.env.FIX) {
		queue.on('error', function onQueueError(error) {
			context.error = error;
		});
	}
	response.end('ok');
}).listen(Number(process.argv[2] || 0), '127.0.0.1', function ready() {
	console.log('ready ' + this.address().port);
});
