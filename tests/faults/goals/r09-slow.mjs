// PostgreSQL answers ten times as slowly as it can, and a client of the event stream stops
// reading. A server on that database keeps its memory and goes on answering.

import net from 'node:net';
import { Part } from '../../scenario/lib/part.mjs';
import { Api, request } from '../../scenario/lib/http.mjs';
import { freePorts } from '../../scenario/lib/ports.mjs';
import { eventually, sleep } from '../../scenario/lib/wait.mjs';
import { SlowDatabase } from '../lib/slow_database.mjs';
import { quantile, rssKb } from '../lib/world.mjs';

const PAGES = ['/fleet', '/services', '/agents', '/alerts', '/hosts'];

export default {
	id: 'R9',
	title: 'slow database, frozen client',
	asked: 'PostgreSQL at 10 % speed, one event-stream client that reads nothing: memory bounded (+16 MiB), API p99 < 500 ms',
	chain: 'hosts',
	turn: 4,

	async run({ world, long }) {
		const shared = await world();
		const { place, server } = shared;
		const folder = place.directory('slow-database');
		const slow = new SlowDatabase(server, folder, 10);
		await slow.start();
		const port = await freePorts(1);
		const part = new Part(server, { name: 'slow', roles: 'api,ingest', options: ['--http', `127.0.0.1:${port}`] });
		part.database = `host=${folder} user=tidemark dbname=postgres`;
		await part.prepare();
		part.copyKeys();
		let frozen;
		try {
			await part.start();
			await server.api();
			const api = new Api(port);
			await eventually(() => api.login('admin', server.password), { within: 30_000 });
			frozen = freeze(port, api.cookie);
			const agent = await shared.agent('on-slow', { interval: '1s', config: `servers = ${part.endpoint}` });
			await sleep(1000);
			const beforeKb = rssKb(part.running.child.pid), batches = await shared.stored('on-slow');
			const tookMs = [];
			let refused = 0; // with the word that the database cannot answer now
			const until = performance.now() + (long ? 600_000 : 12_000);
			while (performance.now() < until) {
				const began = performance.now();
				const answer = await request(port, 'GET', `/api/v1${PAGES[tookMs.length % PAGES.length]}`,
					{ headers: { cookie: api.cookie }, timeout: 30_000 });
				if (answer.status === 503)
					refused++;
				else if (answer.status !== 200)
					throw new Error(`${answer.status} ${answer.text}`);
				tookMs.push(performance.now() - began);
				await sleep(20);
			}
			await shared.storedMore('on-slow', batches);
			await agent.stop();
			const grownKb = rssKb(part.running.child.pid) - beforeKb;
			const p99 = quantile(tookMs, 0.99);
			return {
				met: p99 < 500 && refused === 0 && grownKb < 16 * 1024,
				seen: `${tookMs.length} requests, ${refused} refused: p50 ${quantile(tookMs, 0.5).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms; memory ` +
					`${(beforeKb / 1024).toFixed(0)} MiB, ${grownKb >= 0 ? '+' : ''}${(grownKb / 1024).toFixed(1)} MiB; ` +
					'readings stored on meanwhile',
			};
		} finally {
			frozen?.destroy();
			await part.stop();
			slow.stop();
		}
	},
};

/** A client of the event stream that takes nothing any more. */
function freeze(port, cookie) {
	const socket = net.connect(port, '127.0.0.1');
	socket.on('error', () => {});
	socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\n\r\n`);
	socket.once('data', () => socket.pause());
	return socket;
}
