// Decoders meet what nobody should send: tests/fuzz. Their corpora are replayed with sanitizers
// by tests/run unit; the long form searches on.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { SOURCE } from '../../scenario/lib/place.mjs';
import { programs, told } from '../lib/cited.mjs';

const FUZZ = path.join(SOURCE, 'tests/fuzz');

export default {
	id: 'R10',
	title: 'fuzzing',
	asked: '>= 9 targets, 60 s each (CI: all corpora replayed with sanitizers): 0 findings',

	async run({ long }) {
		const targets = fs.readdirSync(FUZZ).filter((name) => name.endsWith('.c') && name !== 'replay.c').map((name) => name.slice(0, -2));
		const inputs = targets.reduce((sum, name) => {
			const folder = path.join(FUZZ, 'corpus', name);
			return sum + (fs.existsSync(folder) ? fs.readdirSync(folder).length : 0);
		}, 0);
		if (long) {
			let executions = 0;
			const found = [];
			for (const name of targets) {
				const { status, stderr } = spawnSync(path.join(SOURCE, 'dev'), ['fuzz', name, '60'],
					{ encoding: 'utf8', timeout: 1_800_000, maxBuffer: 1 << 30 });
				executions += Number(/Done (\d+) runs/.exec(stderr)?.[1] ?? 0);
				if (status !== 0)
					found.push(name);
			}
			if (found.length)
				throw new Error(`findings in ${found.join(', ')}: see build/fuzz`);
			return { met: targets.length >= 9, seen: `${targets.length} targets, 60 s each, ${(executions / 1e6).toFixed(1)} M executions, 0 findings` };
		}
		const replayed = programs('asan', /fuzz\//);
		if (!replayed)
			return { why: `tests/run unit replays ${inputs} inputs of ${targets.length} targets with sanitizers; it has not run since the last commit` };
		return { met: targets.length >= 9 && replayed.failed === 0,
			seen: `${targets.length} targets, ${inputs} inputs; replayed with sanitizers: ${told(replayed)}` };
	},
};
