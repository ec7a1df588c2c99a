// A snapshot of a live process of each version of Node.js that people still run: what it
// costs is said first, the summary names what grows, and the process goes on as before.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isOpen, Target, turn } from './lib/captures.mjs';
import { Place, SOURCE } from './lib/place.mjs';

const VERSIONS = [12, 16, 18, 20, 22, 24];
const REQUESTS = 1500;
const READINGS = 20;
const INSPECTOR = 9229;

describe('a snapshot of each Node.js', () => {
	let place, endTurn;

	before(async () => {
		endTurn = await turn();
		place = new Place('nodes');
	});
	after(async () => {
		await place?.close();
		endTurn?.();
	});

	const take = (target, ...options) => place.run(place.program('tidemark-agent'),
		['snapshot', 'take', String(target.pid), '--state-dir', path.join(place.root, 'none'), ...options],
		{ timeout: 120_000 });

	for (const version of VERSIONS) {
		it(`takes, summarises and closes on Node.js ${version}`, async () => {
			const node = path.join(SOURCE, `tests/scenario/nodes/node_modules/node${version}/bin/node`);
			const copy = path.join(place.bin, `${version}`, 'node');
			fs.mkdirSync(path.dirname(copy));
			fs.copyFileSync(node, copy, fs.constants.COPYFILE_FICLONE);
			fs.chmodSync(copy, 0o755);
			const target = await new Target(place, { name: `node-${version}`, node: copy }).start();
			await target.load(REQUESTS);

			const card = take(target, '--measure');
			assert.equal(card.status, 3, card.stderr);
			assert.match(card.stdout, /MiB/);
			assert.equal(await isOpen(INSPECTOR), false, 'the card leaves the inspector open');

			const taken = take(target, '--yes', '--json');
			assert.equal(taken.status, 0, taken.stderr);
			assert.equal(await isOpen(INSPECTOR), false, 'the capture leaves the inspector open');
			const summary = JSON.parse(taken.stdout);
			assert.equal(summary.head.mode, 'exact');
			const closures = summary.classes.find((row) => row.name === 'Function');
			assert.ok(closures.count >= REQUESTS, `${closures.count} functions`);
			const holders = JSON.stringify(summary.accumulators);
			assert.match(holders, version > 10 ? /listener\.js:\d+:\d+/ : /onQueueError/);
			await target.load(20);
			await target.stop();
		});
	}

	it('does not make a process grow by asking what a snapshot would cost', async () => {
		const target = await new Target(place, { name: 'asked', env: { FIX: '1' } }).start();
		await target.load(200);
		for (let i = 0; i < 5; i++)
			assert.equal(take(target, '--measure').status, 3);
		const before_kb = target.rssKb();
		for (let i = 0; i < READINGS; i++)
			assert.equal(take(target, '--measure').status, 3);
		const grown_kb = target.rssKb() - before_kb;
		assert.ok(grown_kb < 4096, `${READINGS} readings made it grow by ${grown_kb} KiB`);
		await target.load(20);
	});
});
