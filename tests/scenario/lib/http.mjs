// A small HTTP client: one request, the whole answer.

import http from 'node:http';

/**
 * @returns {Promise<{status: number, headers: object, text: string, json: any}>}
 */
export function request(port, method, path, { headers = {}, body, timeout = 15_000 } = {}) {
	return new Promise((resolve, reject) => {
		const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
		const sent = http.request({
			host: '127.0.0.1', port, method, path, timeout, agent: false,
			headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
		}, (answer) => {
			const chunks = [];
			answer.on('data', (chunk) => chunks.push(chunk));
			answer.on('error', reject);
			answer.on('end', () => resolve(parse(answer, Buffer.concat(chunks).toString())));
		});
		sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in ${timeout} ms`)));
		sent.on('error', reject);
		sent.end(text);
	});
}

function parse(answer, text) {
	const isJson = /^application\/(\w+\+)?json/.test(answer.headers['content-type'] ?? '');
	return {
		status: answer.statusCode,
		headers: answer.headers,
		text,
		json: isJson && text ? JSON.parse(text) : undefined,
	};
}

/** The API as a logged-in user sees it. */
export class Api {
	constructor(port) {
		this.port = port;
		this.cookie = '';
	}

	async login(name, password) {
		const answer = await this.send('POST', '/session', { body: { name, password } });
		if (answer.status >= 300)
			throw new Error(`login: ${answer.status} ${answer.text}`);
		this.cookie = (answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
		return answer.json;
	}

	send(method, path, options = {}) {
		const headers = { ...options.headers };
		if (this.cookie)
			headers.cookie = this.cookie;
		if (method !== 'GET' && method !== 'HEAD')
			headers.origin ??= `http://127.0.0.1:${this.port}`;
		return request(this.port, method, `/api/v1${path}`, { ...options, headers });
	}

	/** GET that must be 200; its JSON. */
	async get(path) {
		const answer = await this.send('GET', path);
		if (answer.status !== 200)
			throw new Error(`GET ${path}: ${answer.status} ${answer.text}`);
		return answer.json;
	}

	/** All items of a paged list. */
	async all(path) {
		const items = [];
		for (let next = ''; ;) {
			const page = await this.get(next ? `${path}${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(next)}` : path);
			items.push(...page.items);
			next = page.next;
			if (!next)
				return items;
		}
	}
}
