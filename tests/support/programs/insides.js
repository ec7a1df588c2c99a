'use strict';
// A service under load that the stories look into: insides.js [PORT].
//     /        some work, which leaves nothing behind
//     /leak    one listener more on one queue, one timer more that keeps nothing alive
//     /heap    what is used of the heap after full collections, in bytes
const http = require('http');
const EventEmitter = require('events');

class MonitorQueue extends EventEmitter {}

const queue = new MonitorQueue();
const seen = [];

function leak() {
	queue.on('error', function onQueueError() { return seen.length; });
	setTimeout(function sample() { seen.push(1); }, 1e8).unref();
}

function heap() {
	require('v8').setFlagsFromString('--expose-gc');
	const collect = require('vm').runInNewContext('gc');
	for (let i = 0; i < 4; i++)
		collect();
	return process.memoryUsage().heapUsed;
}

http.createServer(function serve(request, response) {
	const rows = [];
	for (let i = 0; i < 200; i++)
		rows.push({ i, text: 'x'.repeat(i % 50), url: request.url });
	if (request.url.startsWith('/leak'))
		leak();
	response.end(request.url === '/heap' ? String(heap()) : String(JSON.stringify(rows).length));
}).listen(Number(process.argv[2] || 0), '127.0.0.1', function ready() {
	console.log('ready ' + this.address().port);
});
