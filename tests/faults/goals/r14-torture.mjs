// Every allocation, open, read, write, fsync and change of a file fails in turn: torture.c.

import fs from 'node:fs';
import path from 'node:path';
import { BUILD } from '../../scenario/lib/place.mjs';
import { figures } from '../lib/program.mjs';

export default {
	id: 'R14',
	title: 'torture',
	asked: 'each malloc, open, read, write, fsync of spool, wire, config, state fails in turn: 0 crashes, 0 leaks',

	async run() {
		if (!fs.existsSync(path.join(BUILD, 'tests/faults_torture')))
			return { why: 'a sanitizer has an allocator of its own: needs a build without' };
		const f = await figures('faults_torture', [], 240);
		if (f.crashed || f.lost)
			throw new Error(JSON.stringify(f));
		return {
			met: f.leaked === 0,
			seen: `${f.attempts} attempts: ${f.crashed} crashes, ${f.leaked} leaks, ${f.lost} accepted batches lost unnoticed; ` +
				`${f.stopped} ended with the word that memory was refused, by design`,
		};
	},
};
