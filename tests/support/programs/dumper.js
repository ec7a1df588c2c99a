'use strict';
// A service that writes its own heap: GET /dump?to=FILE. Every other request is kept, so
// that it grows; COUNT of them are there at the start. dumper.js PORT.
const http = require('http');
const v8 = require('v8');

class Visit {
	constructor(url) {
		this.url = url;
	}
}

const visits = Array.from({ length: Number(process.env.COUNT || 0) }, (_, i) => new Visit('/' + i));

http.createServer(function serve(request, response) {
	const match = /^\/dump\?to=(.+)$/.exec(request.url);
	if (match)
		v8.writeHeapSnapshot(decodeURIComponent(match[1]));
	else
		visits.push(new Visit(request.url));
	response.end('ok');
}).listen(Number(process.argv[2] || 0), '127.0.0.1', function ready() {
	console.log('ready ' + this.address().port);
});
