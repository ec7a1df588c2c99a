// Builds the console and writes it, with the API's description, as C arrays:
//
//     node embed.mjs VITE_OUT openapi.yaml C_OUT        (from the folder web/)
//
// C_OUT/assets.h and assets.c hold one gzipped `struct asset` per file, in order of path.
// Installs the packages of package-lock.json first when they are missing or older.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, statSync,
	writeFileSync, writeSync, closeSync } from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

// Gzipped JavaScript, in bytes: what every page loads at first, what any one page loads in
// all with its charts, and all there is (which nobody loads at once).
const FIRST_BUDGET = 34 * 1024;
const PAGE_BUDGET = 80 * 1024;
const SCRIPT_BUDGET = 180 * 1024;
const TYPES = {
	'.css': 'text/css; charset=utf-8',
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.json': 'application/json',
	'.svg': 'image/svg+xml',
	'.woff2': 'font/woff2',
};

const web = dirname(fileURLToPath(import.meta.url));

function fail(message) {
	process.stderr.write(`embed: ${message}\n`);
	process.exit(1);
}

function modified(file) {
	return existsSync(file) ? statSync(file).mtimeMs : 0;
}

function packagesAreCurrent() {
	const installed = modified(join(web, 'node_modules/.package-lock.json'));
	return installed > 0 && installed >= modified(join(web, 'package-lock.json'));
}

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (e) {
		return e.code === 'EPERM';
	}
}

// Two builds in two build folders share node_modules: only one of them installs.
function withLock(file, work) {
	const deadline = Date.now() + 10 * 60_000;
	for (;;) {
		try {
			const fd = openSync(file, 'wx');
			writeSync(fd, String(process.pid));
			closeSync(fd);
			break;
		} catch (e) {
			if (e.code !== 'EEXIST') fail(`cannot make ${file}: ${e.message}`);
		}
		let owner = 0;
		try {
			owner = Number(readFileSync(file, 'utf8'));
		} catch {
			continue; // the other build has just finished
		}
		const abandoned = owner > 0 ? !isAlive(owner) : Date.now() - modified(file) > 5000;
		if (abandoned) rmSync(file, { force: true });
		else if (Date.now() > deadline) fail(`another build (process ${owner}) holds ${file}`);
		else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
	}
	process.once('exit', () => rmSync(file, { force: true }));
	work();
	rmSync(file, { force: true });
}

function installPackages() {
	if (packagesAreCurrent()) return; // the other build has done it
	const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
	try {
		execFileSync('npm', args, { cwd: web, encoding: 'utf8', stdio: 'pipe' });
	} catch (e) {
		if (e.code === 'ENOENT') fail('npm is needed to build the console (apt-get install npm)');
		fail(`npm ${args[0]} failed in ${web}:\n${e.stdout ?? ''}${e.stderr ?? e.message}`);
	}
}

function filesUnder(folder) {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		return entry.isDirectory() ? filesUnder(path) : [path];
	});
}

function asset(path, content) {
	const type = TYPES[extname(path)];
	if (!type) fail(`${path}: no media type is known for this kind of file`);
	const gzip = gzipSync(content, { level: 9 });
	const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
	return { path, type, etag, gzip, immutable: path.startsWith('/assets/') };
}

function checkBudget(what, scripts, budget) {
	const size = scripts.reduce((sum, a) => sum + a.gzip.length, 0);
	if (size === 0) fail(`${what}: there is none`);
	if (size > budget) fail(`${what} is ${size} bytes gzipped, over the budget of ${budget}`);
}

/** The chunk of the build in which a source file is. */
function chunkOf(chunks, source) {
	const found = chunks.find((c) => c.moduleIds.includes(join(web, source)));
	if (!found) fail(`${source}: is not built`);
	return found;
}

/** What a chunk brings along: itself and all that it imports at once. */
function withImports(chunks, chunk, found = new Set()) {
	if (!chunk || found.has(chunk)) return found;
	found.add(chunk);
	for (const file of chunk.imports) withImports(chunks, chunks.find((c) => c.fileName === file), found);
	return found;
}

/** What draws comes with these: the pages with charts of their own, and the part of the
 *  overviews of services and alerts that has them. */
const START = 'src/app/start.tsx';
const PLOT = 'src/chart/plot.ts';
const CHARTED = ['src/service/beside.tsx', 'src/runtime/runtime.tsx', 'src/queues/pages.tsx', 'src/compare/compare.tsx', 'src/hosts/pages.tsx'];

function checkPages(chunks, scripts) {
	const sizes = new Map(scripts.map((a) => [a.path.slice(1), a]));
	const [start, plot] = [START, PLOT].map((source) => chunkOf(chunks, source));
	const charted = CHARTED.map((source) => chunkOf(chunks, source));
	for (const page of chunks.filter((c) => c.isDynamicEntry && c !== plot && c !== start)) {
		const parts = [chunks.find((c) => c.isEntry), start, page, ...(charted.includes(page) ? [plot] : [])];
		const files = new Set(parts.flatMap((chunk) => [...withImports(chunks, chunk)]));
		checkBudget(`the JavaScript with ${page.name}`, [...files].map((chunk) => sizes.get(chunk.fileName)), PAGE_BUDGET);
	}
}

function cString(text) {
	return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

function writeC(out, assets) {
	mkdirSync(out, { recursive: true });
	writeFileSync(join(out, 'assets.h'), `#include <stddef.h>
struct asset {
	const char *path, *type, *etag;
	const unsigned char *gzip;
	size_t gzip_length;
	int immutable;
};
extern const struct asset assets[];
extern const size_t asset_count;
`);
	const bytes = assets.map((a, i) => {
		const lines = [];
		for (let at = 0; at < a.gzip.length; at += 20)
			lines.push([...a.gzip.subarray(at, at + 20)].join(','));
		return `static const unsigned char asset_${i}[] = {\n${lines.join(',\n')}};\n`;
	});
	const rows = assets.map((a, i) => `\t{${cString(a.path)}, ${cString(a.type)}, ${
		cString(a.etag)}, asset_${i}, sizeof asset_${i}, ${Number(a.immutable)}},\n`);
	writeFileSync(join(out, 'assets.c'), `#include "assets.h"\n${bytes.join('')}
const struct asset assets[] = {\n${rows.join('')}};
const size_t asset_count = ${assets.length};
`);
}

const [viteOut, openapi, cOut] = process.argv.slice(2);
if (!cOut) fail('usage: node embed.mjs VITE_OUT openapi.yaml C_OUT');
if (!existsSync(openapi)) fail(`${openapi}: no such file`);

if (!packagesAreCurrent()) withLock(join(web, '.install.lock'), installPackages);
const { build } = await import('vite');
const { parse } = await import('yaml');

const built = await build({
	root: web,
	configFile: join(web, 'vite.config.ts'),
	logLevel: 'warn',
	build: { outDir: viteOut, emptyOutDir: true },
});

const assets = filesUnder(viteOut).map((file) =>
	asset(`/${relative(viteOut, file).split(sep).join('/')}`, readFileSync(file)));
try {
	assets.push(asset('/openapi.json', JSON.stringify(parse(readFileSync(openapi, 'utf8')))));
} catch (e) {
	fail(`${openapi}: ${e.message}`);
}
assets.sort((a, b) => (a.path < b.path ? -1 : 1));

const scripts = assets.filter((a) => a.path.endsWith('.js'));
const page = readFileSync(join(viteOut, 'index.html'), 'utf8');
checkBudget('the JavaScript that every page loads', scripts.filter((a) => page.includes(`"${a.path}"`)),
	FIRST_BUDGET);
checkPages(built.output.filter((f) => f.type === 'chunk'), scripts);
checkBudget('all JavaScript', scripts, SCRIPT_BUDGET);
writeC(cOut, assets);
