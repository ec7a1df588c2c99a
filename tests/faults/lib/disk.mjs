// A small disk of memory at a folder, to fill and to free; needs root.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const CHUNK = Buffer.alloc(64 << 10);

export class Disk {
	/** undefined where nobody lets us mount one. */
	static mount(folder, sizeMb, owner) {
		if (process.getuid() !== 0 || typeof fs.statfsSync !== 'function')
			return undefined;
		const options = `size=${Math.round(sizeMb * 1024)}k,mode=0700,uid=${owner.uid},gid=${owner.gid}`;
		if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tidemark-test', folder]).status !== 0)
			return undefined;
		return new Disk(folder);
	}

	constructor(folder) {
		this.folder = folder;
		this.ballast = path.join(folder, 'ballast');
	}

	left() {
		const { bavail, bsize } = fs.statfsSync(this.folder);
		return bavail * bsize;
	}

	/** Takes all but so many bytes. */
	fill(leave) {
		const fd = fs.openSync(this.ballast, 'a');
		try {
			for (let more = this.left() - leave; more > 0; more -= CHUNK.length)
				fs.writeSync(fd, CHUNK, 0, Math.min(CHUNK.length, more));
		} catch (error) {
			if (error.code !== 'ENOSPC')
				throw error;
		} finally {
			fs.closeSync(fd);
		}
	}

	free() {
		fs.rmSync(this.ballast, { force: true });
	}

	unmount() {
		spawnSync('umount', ['-l', this.folder]);
	}
}
