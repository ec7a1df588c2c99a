// devtools.mjs FILE [--json]: the class table as Chrome DevTools' own worker computes it.
//
// Bundles the worker's sources from npm (they are TypeScript for a browser) into
// $TIDEMARK_BUILD or the temporary folder, once, and runs them here. Prints the number of
// classes and the total, or the rows.
import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageChannel } from 'node:worker_threads';

Promise.withResolvers ??= function () {
	let resolve, reject;
	const promise = new Promise((yes, no) => {
		resolve = yes;
		reject = no;
	});
	return { promise, resolve, reject };
};
// What Node.js 18 does not have yet.
Array.prototype.toSorted ??= function (compare) {
	return [...this].sort(compare);
};
Array.prototype.toReversed ??= function () {
	return [...this].reverse();
};
globalThis.MessageChannel ??= MessageChannel;
globalThis.self ??= globalThis;

const here = path.dirname(fileURLToPath(import.meta.url));
const worker =
	'chrome-devtools-frontend/front_end/entrypoints/heap_snapshot_worker/heap_snapshot_worker.ts';

function locales(build) {
	build.onResolve({ filter: /\/locales\.js$/ }, () => ({ path: 'locales', namespace: 'none' }));
	build.onLoad({ filter: /.*/, namespace: 'none' }, () => ({
		contents:
			"export const LOCALES = ['en-US'], BUNDLED_LOCALES = ['en-US'], DEFAULT_LOCALE = 'en-US',"
			+ " REMOTE_FETCH_PATTERN = '', LOCAL_FETCH_PATTERN = '';",
	}));
}

async function bundle() {
	const folder = process.env.TIDEMARK_BUILD ?? path.join(tmpdir(), 'tidemark-bench-heap');
	const out = path.join(folder, 'devtools-worker-1.0.1705227.mjs');
	if (!existsSync(out)) {
		const { build } = await import('esbuild');
		mkdirSync(folder, { recursive: true });
		await build({
			entryPoints: [path.join(here, 'node_modules', worker)],
			outfile: out,
			bundle: true,
			platform: 'node',
			format: 'esm',
			target: 'node18',
			logLevel: 'error',
			// Made by DevTools' own build, which npm does not carry; only names of languages.
			plugins: [{ name: 'locales', setup: locales }],
		});
	}
	return import(pathToFileURL(out).href);
}

const { HeapSnapshotLoader, HeapSnapshot } = await bundle();
if (process.argv[2] === '--bundle') process.exit(0);
const dispatcher = { sendEvent() {} };
const loader = new HeapSnapshotLoader.HeapSnapshotLoader(dispatcher);
const channel = new MessageChannel();
new HeapSnapshot.SecondaryInitManager(channel.port2);
for await (const chunk of createReadStream(process.argv[2], {
	encoding: 'latin1',
	highWaterMark: 1 << 20,
}))
	loader.write(chunk);
loader.close();
const snapshot = await loader.buildSnapshot(channel.port1);
const filter = { minNodeId: undefined, maxNodeId: undefined, allocationNodeId: undefined };
const aggregates = snapshot.aggregatesWithFilter({ equals: () => true, ...filter });
if (process.argv[3] === '--json') {
	const rows = Object.entries(aggregates).map(([key, row]) => ({
		key,
		name: row.name,
		count: row.count,
		distance: row.distance,
		shallow: row.self,
		retained: row.maxRet,
	}));
	rows.sort((a, b) => b.retained - a.retained);
	console.log(JSON.stringify({ totalSize: snapshot.totalSize, classes: rows }));
} else {
	console.log(`${Object.keys(aggregates).length} classes, ${snapshot.totalSize} bytes`);
}
process.exit(0);
