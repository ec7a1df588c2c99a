// What other tests have shown, read from the logs that tests/run leaves in build/test. Logs that
// are older than the last commit show nothing.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { SOURCE } from '../../scenario/lib/place.mjs';

const LOGS = path.join(SOURCE, 'build/test');

const committedMs = 1000 * Number(spawnSync('git', ['-C', SOURCE, 'log', '-1', '--format=%ct'], { encoding: 'utf8' }).stdout);

function read(file) {
	const name = path.join(LOGS, file);
	if (!fs.existsSync(name) || fs.statSync(name).mtimeMs < committedMs)
		return undefined;
	return { text: fs.readFileSync(name, 'utf8'), on: fs.statSync(name).mtime.toISOString().slice(0, 16).replace('T', ' ') };
}

/** A file of node:test: how many of its steps passed and failed; undefined: it has not run. */
export function story(name) {
	const log = read(`${name}.tap`);
	const count = (word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(log?.text ?? '')?.[1] ?? NaN);
	return log && count('tests') > 0 ? { passed: count('pass'), failed: count('fail') + count('cancelled'), on: log.on } : undefined;
}

/** Runs a story here and now. */
export function runStory(name) {
	const { stdout } = spawnSync('node', ['--test-reporter=tap', path.join(SOURCE, `tests/scenario/${name}.test.mjs`)],
		{ encoding: 'utf8', timeout: 900_000 });
	const count = (word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(stdout)?.[1] ?? 0);
	return { passed: count('pass'), failed: count('fail') + count('cancelled'), on: 'now' };
}

/** Programs of ctest whose names match: how many passed and failed; undefined: none has run. */
export function programs(preset, pattern) {
	const log = read(`ctest-${preset}.out`);
	const lines = (log?.text ?? '').split('\n').filter((line) => /Test +#\d+: /.test(line) && pattern.test(line) &&
		/ sec/.test(line));
	return lines.length ? { passed: lines.filter((line) => / Passed /.test(line)).length,
		failed: lines.filter((line) => !/ Passed /.test(line)).length, on: log.on } : undefined;
}

export const told = ({ passed, failed, on }) => `${passed} passed, ${failed} failed (${on})`;
