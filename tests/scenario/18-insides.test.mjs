// What is read inside of running services must not hurt them: many readings by the
// preload's socket, and many openings of the inspector, while requests are answered, on
// each Node.js that people still run.  Nothing ends, nothing is left in the heap, nothing
// is thrown, and the inspector is closed each time.
//
// A service is warmed up by requests and by the first half of what is done to it: code
// that is compiled stays.  The second half must leave the heap as it was.
//
// TIDEMARK_INSIDES_FULL=1: 1,000 readings and 100 openings each, else a tenth of that.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isOpen, Target, turn } from './lib/captures.mjs';
import { request } from './lib/http.mjs';
import { Place, SOURCE } from './lib/place.mjs';
import { eventually } from './lib/wait.mjs';

const FULL = Boolean(process.env.TIDEMARK_INSIDES_FULL);
const VERSIONS = (process.env.TIDEMARK_NODES ?? (FULL ? '12,16,18,20,22,24' : '12,18,24')).split(',').map(Number);
const READINGS = FULL ? 1000 : 100;
const OPENINGS = FULL ? 100 : 8;
const CENSUSES = FULL ? 12 : 3;
const LEAKS = 400;
const INSPECTOR = 9229;
const WARM = FULL ? 3000 : 1000;
const FLAT_BYTES = 256 * 1024;
const BUDGET_US = 5000;

describe('looking into services', () => {
	let place, endTurn;

	before(async () => {
		endTurn = await turn();
		place = new Place('insides');
		fs.copyFileSync(path.join(SOURCE, 'deploy/preload/tidemark-preload.js'), path.join(place.root, 'preload.js'));
		fs.chmodSync(path.join(place.root, 'preload.js'), 0o644);
		place.directory('sockets');
		fs.mkdirSync(path.join(place.root, 'state'), { mode: 0o700 });
	});
	after(async () => {
		await place?.close();
		endTurn?.();
	});

	/** The program runs while the service answers: nothing here may wait for it. */
	function look(target, ...words) {
		return new Promise((resolve, reject) => {
			const child = spawn(place.program('tidemark-scout'),
				['insides', String(target.pid), ...words, '--json', '--state-dir', path.join(place.root, 'state'),
					'--preload-dir', path.join(place.root, 'sockets')],
				{ stdio: ['ignore', 'pipe', 'pipe'] });
			let out = '', complaint = '';
			child.stdout.on('data', (bytes) => { out += bytes; });
			child.stderr.on('data', (bytes) => { complaint += bytes; });
			child.on('error', reject);
			child.on('close', (status) => (status === 0 ? resolve(JSON.parse(out)) : reject(new Error(complaint))));
		});
	}

	/** Requests until the work is done; their number. */
	async function under(target, work) {
		let goesOn = true, answered = 0;
		const load = (async () => {
			while (goesOn) {
				const answer = await request(target.port, 'GET', '/');
				assert.equal(answer.status, 200);
				answered++;
			}
		})();
		try {
			await work();
			return answered;
		} finally {
			goesOn = false;
			await load;
		}
	}

	const heap = async (target) => Number((await request(target.port, 'GET', '/heap')).text);

	async function start(version, name, env) {
		const node = path.join(SOURCE, `tests/scenario/nodes/node_modules/node${version}/bin/node`);
		const copy = path.join(place.bin, `${name}-${version}`, 'node');
		fs.mkdirSync(path.dirname(copy));
		fs.copyFileSync(node, copy, fs.constants.COPYFILE_FICLONE);
		fs.chmodSync(copy, 0o755);
		const target = await new Target(place, { name: `${name}-${version}`, program: 'insides.js', node: copy, env }).start();
		for (let i = 0; i < LEAKS; i++)
			await request(target.port, 'GET', '/leak');
		await target.load(WARM);
		return target;
	}

	/** Alive, quiet, and its heap as before. */
	async function assertUnhurt(target, before_bytes, what) {
		assert.ok(!target.running.ended, `${target.name} has ended`);
		const grown = await heap(target) - before_bytes;
		assert.ok(grown < FLAT_BYTES, `${what} made the heap grow by ${grown} bytes`);
		const said = place.tailOf(target.name, 1e6);
		assert.doesNotMatch(said, /\b\w*Error\b|[Uu]ncaught|[Uu]nhandled/);
		return { grown, said };
	}

	for (const version of VERSIONS) {
		it(`reads Node.js ${version} ${READINGS} times by its socket`, async (t) => {
			const target = await start(version, 'preload',
				{ NODE_OPTIONS: `--require ${path.join(place.root, 'preload.js')}`, TIDEMARK_PRELOAD_DIR: path.join(place.root, 'sockets') });
			let read, counted, before_bytes, answered = 0;
			for (let half = 0; half < 2; half++) {
				before_bytes = await heap(target);
				answered += await under(target, async () => {
					read = await look(target, String(READINGS / 2));
					assert.equal(read.route, 'preload');
					assert.equal(read.failures, 0);
					for (let i = 0; i < CENSUSES; i++)
						counted = await look(target, '--census', '--census-pause-max', '60s');
				});
			}
			assert.ok(read.values.heap_limit_kb > read.values.heap_used_kb);
			assert.ok(read.values.gc_full_count >= 4, 'full collections are told from others');
			const floor = read.values.heap_floor_kb * 1024;
			assert.ok(Math.abs(floor - before_bytes) < 1 << 20, `floor ${floor}, in use after a collection ${before_bytes}`);
			const { grown } = await assertUnhurt(target, before_bytes, `${READINGS / 2} readings and ${CENSUSES} censuses`);

			const row = (kind, name) => counted.census.items.find((item) => item.kind === kind && item.name === name);
			assert.equal(row('listeners', 'MonitorQueue error').count, LEAKS);
			assert.match(row('listeners', 'MonitorQueue error').location, /insides\.js:\d+:\d+$/);
			const timers = counted.census.items.filter((item) => item.kind === 'timers' && /insides\.js/.test(item.location));
			assert.equal(timers[0].count, LEAKS, 'timers that keep nothing alive are counted');
			assert.equal(row('closures', 'onQueueError').count, LEAKS);
			assert.equal(counted.values.listeners, LEAKS);

			const light = await look(target, '--census', '--census-pause-max', '1ms');
			assert.match(light.no_census, /^only timers are counted: .* about \d+ ms/);
			assert.ok(light.census.items.some((item) => item.kind === 'timers' && item.count === LEAKS));
			assert.ok(light.census.items.every((item) => item.kind === 'timers' || item.kind === 'resources'));
			t.diagnostic(`${answered} requests meanwhile; a reading took us at most ${read.longest_us} us, ` +
				`the process at most ${read.values.insides_pause_us} us; heap ${grown} bytes; a census paused it for ${counted.census.took_us} us`);
			if (FULL)
				assert.ok(read.longest_us < BUDGET_US, `${read.longest_us} us`);
			await target.stop();
		});

		it(`opens the inspector of Node.js ${version} ${OPENINGS} times`, async (t) => {
			const target = await start(version, 'inspector');
			await look(target, '--census', '--census-pause-max', '60s', '--inspect', '*');
			let read, before_bytes, answered = 0;
			for (let half = 0; half < 2; half++) {
				before_bytes = await heap(target);
				answered += await under(target, async () => {
					read = await look(target, String(OPENINGS / 2), '--inspect', '*');
				});
				assert.equal(read.route, 'inspector');
				assert.equal(read.failures, 0, 'each time it was opened, read and proven closed');
				assert.equal(await isOpen(INSPECTOR), false, 'the inspector is left open');
			}
			const { grown, said } = await assertUnhurt(target, before_bytes, `${OPENINGS / 2} openings`);
			const times = (pattern) => said.match(pattern)?.length ?? 0;
			// Node.js 12 says it twice.
			assert.ok(times(/Debugger listening/g) >= OPENINGS + 2);
			t.diagnostic(`${answered} requests meanwhile; a reading took us at most ${read.longest_us} us; ` +
				`it was read within ${read.values.insides_pause_us} us; heap ${grown} bytes`);
			await target.stop();
		});
	}

	it('reads a Java machine by its file, which it does not notice', async (t) => {
		const file = path.join(place.root, 'Carts.java');
		fs.copyFileSync(path.join(SOURCE, 'tests/support/programs/Carts.java'), file);
		fs.chmodSync(file, 0o644);
		const out = fs.openSync(path.join(place.root, 'carts.log'), 'a');
		const running = place.start('carts', 'java', ['-XX:+UseSerialGC', '-Xmx96m', file, '20000'], { stdio: ['pipe', out, out] });
		fs.closeSync(out);
		await eventually(() => /^ready/m.test(place.tailOf('carts')), { what: 'the carts' });
		const read = await look({ pid: running.child.pid }, String(READINGS));
		assert.equal(read.route, 'hsperf');
		assert.equal(read.failures, 0);
		assert.ok(read.values.heap_limit_kb > 80 * 1024 && read.values.heap_limit_kb <= 96 * 1024, `${read.values.heap_limit_kb}`);
		assert.ok(read.values.heap_used_kb > 20_000 * 200 / 1024 && read.values.heap_used_kb < read.values.heap_total_kb);
		assert.ok(read.values.gc_count >= 0);
		assert.equal(read.values.insides_pause_us, 0);
		assert.ok(!running.ended);
		t.diagnostic(`a reading took us at most ${read.longest_us} us`);
		await place.end(running, 'SIGKILL');
	});

	it('says who offers no way in, and leaves him alone', async () => {
		const target = await start(20, 'closed');
		await assert.rejects(look(target), /offers no way in/);
		assert.doesNotMatch(place.tailOf(target.name, 1e6), /Debugger/);
		await target.stop();
	});
});
