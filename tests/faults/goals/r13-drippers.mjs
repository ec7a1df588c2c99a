// A thousand clients send a byte of a request each second. They are cut; whoever asks properly
// meanwhile does not notice.

import { sleep } from '../../scenario/lib/wait.mjs';
import { Crowd } from '../lib/sockets.mjs';
import { quantile } from '../lib/world.mjs';

export default {
	id: 'R13',
	title: 'HTTP drippers',
	asked: '1,000 that send a byte a second: all cut <= 10 s, p99 of good requests < 100 ms',
	chain: 'hosts',
	turn: 3,

	async run({ world }) {
		const shared = await world();
		const { server } = shared;
		const api = await shared.api();
		const crowd = new Crowd(server.port);
		const began = performance.now();
		await crowd.open(1000, 'GET /api/v1/fleet HTTP/1.1\r\nHost: x\r\nX: ');
		const tookMs = [];
		let next = performance.now();
		while (performance.now() - began < 14_000 && (crowd.sockets.size > 0 || tookMs.length < 300)) {
			if (performance.now() > next) {
				crowd.drip('a');
				next += 1000;
			}
			const asked = performance.now();
			await api.get('/fleet');
			tookMs.push(performance.now() - asked);
			await sleep(10);
		}
		const left = crowd.sockets.size;
		const lastMs = Math.max(0, ...crowd.cutAfterMs);
		crowd.close();
		const p99 = quantile(tookMs, 0.99);
		return {
			met: left === 0 && lastMs <= 10_000 && p99 < 100,
			seen: `${crowd.opened} of 1000 let in, ${left} left, the last cut after ${(lastMs / 1000).toFixed(1)} s; ` +
				`${tookMs.length} good requests: p50 ${quantile(tookMs, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
		};
	},
};
