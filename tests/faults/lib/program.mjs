// A program of tests/faults that prints its figures as one line of JSON.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { BUILD } from '../../scenario/lib/place.mjs';

export function figures(name, args, withinS) {
	return new Promise((resolve, reject) => {
		const child = spawn(path.join(BUILD, 'tests', name), args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: withinS * 1000 });
		let out = '', errors = '';
		child.stdout.on('data', (bytes) => { out += bytes; });
		child.stderr.on('data', (bytes) => { errors += bytes; });
		child.once('error', reject);
		child.once('close', (status, signal) => {
			if (signal || !out.startsWith('{'))
				reject(new Error(`${name}: ${signal ? `ended by ${signal}` : `exit status ${status}`}\n${errors.slice(-1000)}`));
			else
				resolve(JSON.parse(out));
		});
	});
}
