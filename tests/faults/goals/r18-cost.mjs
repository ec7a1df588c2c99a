// What an agent costs: the bench of that, quickly, or in full in the long form. It has 300
// processes, more than the goal asks for.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { BUILD } from '../../scenario/lib/place.mjs';

const INTERVAL_MS = 10_000;

export default {
	id: 'R18',
	title: 'cost of an agent',
	asked: '200 processes every 10 s: < 0.5 % of a core, < 10 MiB resident',

	async run({ long }) {
		const program = path.join(BUILD, 'tests/bench_agent');
		if (!fs.existsSync(program))
			return { why: 'needs the target bench_agent of the build' };
		const out = await output(program, long ? [] : ['--quick']);
		const [, bestMs, medianMs] = /^agent +([\d.]+) +([\d.]+)/m.exec(out);
		const [, rssMb] = /^agent RSS +([\d.]+)/m.exec(out);
		const share = 100 * Number(medianMs) / INTERVAL_MS;
		return { met: share < 0.5 && Number(rssMb) < 10,
			seen: `300 processes: ${medianMs} ms of CPU a reading (best ${bestMs}), ${share.toFixed(3)} % of a core; ${rssMb} MiB resident` };
	},
};

function output(program, args) {
	return new Promise((resolve, reject) => {
		const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 600_000 });
		let out = '';
		child.stdout.on('data', (bytes) => { out += bytes; });
		child.once('error', reject);
		child.once('close', () => (/^agent RSS/m.test(out) ? resolve(out) : reject(new Error(`bench_agent: ${out}`))));
	});
}
