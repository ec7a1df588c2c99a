// The version before: its programs, built from its commit in a worktree of this repository,
// and what it leaves behind.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { SOURCE } from '../../scenario/lib/place.mjs';

/** The last commit of version 0.1.0. */
const COMMIT = '21a0859';

/** The folder with its programs, built if need be; undefined where it is not to be had. */
export function previousBuild() {
	if (process.env.TIDEMARK_PREVIOUS_BUILD)
		return process.env.TIDEMARK_PREVIOUS_BUILD;
	const tree = path.join(SOURCE, 'build/faults/previous'), build = path.join(tree, 'build/release');
	const run = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
	if (!fs.existsSync(tree) && !run('git', '-C', SOURCE, 'worktree', 'add', '--detach', tree, COMMIT))
		return undefined;
	return run('cmake', '-S', tree, '--preset', 'release', '-B', build, '-DTIDEMARK_TESTS=OFF', '-DTIDEMARK_WEB=OFF') &&
		run('cmake', '--build', build, '--target', 'tidemark-server', 'tidemark-agent', 'tidemark-scout') ? build : undefined;
}

/** Copies its programs to a place; how to find one. */
export function installPrevious(place, build) {
	const folder = path.join(place.root, 'previous');
	fs.mkdirSync(folder);
	for (const name of ['tidemark-server', 'tidemark-agent', 'tidemark-scout']) {
		fs.copyFileSync(path.join(build, name), path.join(folder, name));
		fs.chmodSync(path.join(folder, name), 0o755);
	}
	return (name) => path.join(folder, name);
}
