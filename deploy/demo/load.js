'use strict';
// A bounded load: node load.js RATE PORT... sends RATE requests a second to each port,
// over one kept-alive connection each. Ends with its parent.

const http = require('node:http');

const rate = Number(process.argv[2]);
const ports = process.argv.slice(3).map(Number);
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
let sent = 0;

function send(port) {
	sent++;
	const path = `/ma.gif?customer=c${sent % 5000}&page=${sent}`;
	const request = http.get({ host: '127.0.0.1', port, path, agent, timeout: 5000 });
	request.on('response', (response) => response.resume());
	request.on('timeout', () => request.destroy());
	request.on('error', () => {}); // an instance that is just being restarted
}

ports.forEach((port, i) => {
	setTimeout(() => setInterval(send, 1000 / rate, port), (i * 1000) / rate / ports.length);
});
process.once('disconnect', () => process.exit(0));
