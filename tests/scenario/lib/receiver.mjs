// Somebody who is told of alerts by HTTP: keeps what is posted, answers as it is told to.

import http from 'node:http';

export class Receiver {
	constructor() {
		this.got = [];
		this.status = 200;
		this.answer = 'thanks';
		this.hanging = new Set(); // answers to /hang that are never given
		this.server = http.createServer((request, answer) => {
			let text = '';
			request.on('data', (part) => { text += part; });
			request.on('end', () => this.take(request, text, answer));
		});
	}

	take(request, text, answer) {
		const path = request.url.replace(/\?.*/, '');
		if (path.startsWith('/hang')) {
			this.hanging.add(answer);
			answer.on('close', () => this.hanging.delete(answer));
			return;
		}
		this.got.push({ path, url: request.url, type: request.headers['content-type'], headers: request.headers, status: this.status, body: text,
			...JSON.parse(text) });
		answer.writeHead(this.status, { location: '/elsewhere' }).end(this.answer);
	}

	async start() {
		await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		this.url = `http://127.0.0.1:${this.server.address().port}`;
		return this;
	}

	of(path) {
		return this.got.filter((letter) => letter.path === path);
	}

	close() {
		this.server.closeAllConnections();
		this.server.close();
	}
}
