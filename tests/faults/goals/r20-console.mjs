// The console: axe and the page's policy by the walk and the matrix of pages (tests/web), and
// what a browser loads at first.

import zlib from 'node:zlib';
import { story, told } from '../lib/cited.mjs';

export default {
	id: 'R20',
	title: 'console',
	asked: 'axe: 0 violations, policy of the page: 0 reports, scripts of the first load <= 60 KB gzipped',
	chain: 'hosts',
	turn: 5,

	async run({ world }) {
		const { server } = await world();
		const page = (await server.http('GET', '/')).text;
		const scripts = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, name]) => name);
		let bytes = 0;
		for (const name of new Set(scripts))
			bytes += zlib.gzipSync((await server.http('GET', name)).text, { level: 9 }).length;
		const walks = ['walk', 'states', 'matrix'].map((name) => [name, story(name)]).filter(([, shown]) => shown);
		if (!scripts.length && !walks.length)
			return { why: 'tests/run browser states shows it and has not run since the last commit; this build has no console' };
		return {
			met: bytes > 0 && bytes <= 60 * 1024 && walks.length > 0 && walks.every(([, { failed }]) => failed === 0),
			seen: `scripts ${bytes ? `${(bytes / 1024).toFixed(1)} KB` : 'not in this build'}; ` +
				(walks.map(([name, shown]) => `${name}: ${told(shown)}`).join('; ') || 'tests/web has not run here'),
		};
	},
};
