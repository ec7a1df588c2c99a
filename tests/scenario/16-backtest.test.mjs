// What would it have raised? Recorded series through the detector, from files alone: no
// database, no data directory, nothing left behind.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';
import { Place, SOURCE } from './lib/place.mjs';

const GOLDEN = path.join(SOURCE, 'tests/golden/backtest');

describe('the backtest', () => {
	let place, home;

	before(() => {
		place = new Place('backtest');
		home = place.directory('home');
		fs.cpSync(GOLDEN, path.join(place.root, 'golden'), { recursive: true });
	});
	after(() => place?.close());

	const folder = (name) => path.join(place.root, 'golden', name);
	const backtest = (...args) => place.run(place.program('tidemark-server'), ['backtest', ...args],
		{ cwd: home, timeout: 300_000, env: { HOME: home } });
	const lines = (text) => text.trim().split('\n').map((line) => JSON.parse(line));

	/** A folder of one series, `rows` behind a header of time and memory. */
	const make = (name, rows, labels = 'file,leak\na.csv,0\n') => {
		const made = path.join(place.root, name);
		fs.mkdirSync(made);
		fs.writeFileSync(path.join(made, 'labels.csv'), labels);
		fs.writeFileSync(path.join(made, 'a.csv'), `ts,rss_kb\n${rows}`);
		return made;
	};

	it('says of each series and each service what it would have raised', () => {
		const { status, stdout, stderr } = backtest(folder('simulated'), '--json');
		assert.equal(status, 0, stderr);
		const said = lines(stdout);
		assert.deepEqual(said.map((line) => line.series_id ?? line.service),
			['s0034', 's0096', 's0108', 'svc-s045', 'svc-s059', 'svc-s003']);
		const [burst, step, leak] = said;
		for (const quiet of [burst, step])
			assert.deepEqual(quiet.alarms.filter((one) => one.level === 'confirmed'), []);
		const confirmed = leak.alarms.filter((one) => one.level === 'confirmed');
		assert.equal(confirmed.length, 1, JSON.stringify(leak));
		const [alarm] = confirmed;
		const onset = 1760224400, truth = 0.1006 / 100 * 262144;
		assert.ok(alarm.from >= onset && alarm.to === null);
		assert.equal(alarm.kind, 'leak');
		assert.ok(alarm.rate_kb_per_h > truth / 1.5 && alarm.rate_kb_per_h < truth * 1.5, JSON.stringify(alarm));
		assert.ok(alarm.rate_lo <= alarm.rate_kb_per_h && alarm.rate_kb_per_h <= alarm.rate_hi);
		assert.ok(alarm.tte_h > 100);
		const watch = leak.alarms.find((one) => one.level === 'watch');
		assert.ok(watch && watch.from <= alarm.from);
		assert.ok(Math.abs(watch.onset - onset) < 48 * 3600, JSON.stringify(watch));
		assert.deepEqual(fs.readdirSync(home), []);
	});

	it('says the same every time', () => {
		const once = backtest(folder('simulated'), '--json').stdout;
		assert.equal(backtest(folder('simulated'), '--json').stdout, once);
	});

	it('reads what real processes did, a second for a minute, and scores itself', () => {
		const { status, stdout, stderr } = backtest(folder('recorded'), '--stretch', '60', '--json', '--score');
		assert.equal(status, 0, stderr);
		const score = lines(stdout).find((line) => line.score?.level === 'confirmed').score;
		assert.deepEqual([score.leaking, score.healthy, score.found, score.false_series], [1, 1, 1, 0]);
		assert.equal(score.f1, 1);
		assert.ok(score.delay_median_h > 0 && score.delay_median_h < 60);
		assert.deepEqual(score.missed, []);
	});

	it('prints a table for people', () => {
		const { status, stdout } = backtest(folder('simulated'), '--score', '--sensitivity', 'calm');
		assert.equal(status, 0);
		assert.match(stdout, /^series or service +level +kind/);
		assert.match(stdout, /^s0108 +confirmed leak /m);
		assert.match(stdout, /^confirmed +found/m);
		assert.match(stdout, /^leak_linear +1 /m);
	});

	it('looks at no answer that the labels hold', () => {
		const blind = path.join(place.root, 'blind.csv');
		const [header, ...rows] = fs.readFileSync(path.join(folder('simulated'), 'labels.csv'), 'utf8').trim().split('\n');
		const keep = ['series_id', 'file', 'service', 'host', 'limit_kb', 'runtime']
			.map((name) => header.split(',').indexOf(name));
		const strip = (line) => keep.map((column) => line.split(',')[column]).join(',');
		fs.writeFileSync(blind, [header, ...rows].map(strip).join('\n') + '\n');
		const { status, stdout, stderr } = backtest(folder('simulated'), '--json', '--from-labels', blind);
		assert.equal(status, 0, stderr);
		assert.equal(stdout, backtest(folder('simulated'), '--json').stdout);
	});

	it('leaves broken rows out, and says which', () => {
		const good = Array.from({ length: 50 }, (_, i) => `${1000 + i * 60},${5000 + i % 3}\n`).join('');
		const at = make('broken', `${good}oops,1\n900,1\n9000\n${good.replaceAll(/^/gm, '9').replace(/^9$/m, '')}`);
		const { status, stdout, stderr } = backtest(at, '--json');
		assert.equal(status, 0, stderr);
		assert.match(stderr, /a\.csv: 3 rows are left out; the first: line 52, column ts: 'oops' is no number/);
		assert.equal(lines(stdout)[0].alarms.length, 0);
	});

	it('reads what gzip holds and what is plain alike', () => {
		const plain = path.join(place.root, 'plain');
		fs.cpSync(folder('simulated'), plain, { recursive: true });
		const packed = path.join(plain, 's0096.csv.gz');
		fs.writeFileSync(packed, zlib.gunzipSync(fs.readFileSync(packed)));
		assert.equal(backtest(plain, '--json').stdout, backtest(folder('simulated'), '--json').stdout);
	});

	for (const [what, prepare, message] of [
		['no folder', () => '/nowhere', /\/nowhere\/labels\.csv: No such file or directory/],
		['labels without files', () => make('nofile', '', 'series_id\ns1\n'), /labels\.csv: line 1: there is no column 'file'/],
		['a file that is not there', () => make('gone', '', 'file\nb.csv\n'), /labels\.csv:2: .*b\.csv: No such file/],
		['a file without a row', () => make('empty', '1,x\n'), /a\.csv: no row of it can be used; the first: line 2, column rss_kb: 'x' is no number/],
		['a limit that is none', () => make('limit', '1,1\n', 'file,limit_kb\na.csv,much\n'), /line 2, column limit_kb: 'much' is no number/],
	]) {
		it(`ends with a clear word on ${what}`, () => {
			const { status, stdout, stderr } = backtest(prepare());
			assert.equal(status, 1);
			assert.equal(stdout, '');
			assert.match(stderr, message);
		});
	}

	it('says how it is used when it is misused', () => {
		for (const args of [[], ['a', 'b'], ['a', '--stretch'], ['a', '--stretch', '-1'], ['a', '--sensitivity', 'mad'], ['a', '--what']]) {
			const { status, stderr } = backtest(...args);
			assert.equal(status, 2, args.join(' '));
			assert.match(stderr, /usage: tidemark-server backtest DIR/);
		}
	});
});
