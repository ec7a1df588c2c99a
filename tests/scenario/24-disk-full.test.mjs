// The disk of the server's own PostgreSQL fills up. Reading goes on, nothing is acknowledged
// that is not stored, agents keep what they read, and whoever asks is told why. Then even
// PostgreSQL's log finds no room, and PostgreSQL ends. Once there is room again everything
// goes on by itself, and nothing is missing. The disk is a small tmpfs, which needs root.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Ledger, assertStoredOnce } from './lib/ledger.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually, sleep } from './lib/wait.mjs';

const DISK_MB = 360;
const MB = 1 << 20;

/** A small disk at a folder; null where nobody lets us mount one. */
function mountSmall(folder, owner) {
	if (process.getuid() !== 0)
		return null;
	const options = `size=${DISK_MB}m,mode=0700,uid=${owner.uid},gid=${owner.gid}`;
	if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tidemark-test', folder]).status !== 0)
		return null;
	const ballast = path.join(folder, 'ballast');
	return {
		left: () => { const s = fs.statfsSync(folder); return s.bavail * s.bsize; },
		/** Takes all but so many bytes. */
		fill(leave) {
			const fd = fs.openSync(ballast, 'a');
			const chunk = Buffer.alloc(MB / 4);
			for (let more = this.left() - leave; more > 0; more -= chunk.length)
				fs.writeSync(fd, chunk, 0, Math.min(chunk.length, more));
			fs.closeSync(fd);
		},
		free: () => fs.rmSync(ballast, { force: true }),
		unmount: () => spawnSync('umount', ['-l', folder]),
	};
}

const able = process.getuid() === 0 && typeof fs.statfsSync === 'function';

describe('a full disk', { skip: able ? false : 'needs root and Node 18.15, for a small disk' }, () => {
	let place, server, agent, disk, api, ledger;

	before(async () => {
		place = new Place('full');
		server = new Server(place);
		disk = mountSmall(server.data, place.owner);
		if (!disk)
			return;
		await server.start();
		agent = new Agent(place, { name: 'shop-1' });
		agent.join(server.token());
		agent.start();
		await agent.stored(server);
		api = await server.api();
	});
	after(async () => {
		try {
			await agent?.stop();
			await server?.stop();
		} catch {
			// the place ends what is left
		}
		disk?.unmount();
		await place?.close();
	});

	/** What /readyz answers. */
	const readyz = async () => {
		const answer = await server.http('GET', '/readyz');
		return { status: answer.status, ...JSON.parse(answer.text) };
	};
	const batches = () => server.number('SELECT stored_batches FROM agent');

	it('stops storing before PostgreSQL has to, and says why', async (t) => {
		if (!disk)
			return t.skip('may not mount a disk');
		disk.fill(48 * MB);
		await eventually(async () => /disk is full/.test((await readyz()).trouble ?? ''), { what: 'the word of it' });
		assert.equal((await readyz()).status, 200, 'reading goes on');
		await sleep(1500); // what was under way
		const before = batches();
		const newest = new Ledger(agent).look().newest;
		await eventually(() => new Ledger(agent).look().newest > newest + 2, { what: 'batches in the spool' });
		assert.equal(batches(), before, 'nothing is stored');
		const storage = await api.get('/storage');
		assert.match(storage.trouble, /disk is full/);
		assert.equal(storage.disk.state, 'full');
		assert.equal((await api.get('/fleet')).hosts, 1);
		return undefined;
	});

	it('goes on by itself when there is room', async (t) => {
		if (!disk)
			return t.skip('may not mount a disk');
		const before = batches();
		disk.free();
		await eventually(() => batches() > before + 3, { what: 'the batches that waited' });
		await eventually(async () => (await readyz()).trouble === undefined, { what: 'no more trouble' });
		return undefined;
	});

	it('outlives a PostgreSQL that has no room for its log', async (t) => {
		if (!disk)
			return t.skip('may not mount a disk');
		const old = server.postgresPid();
		disk.fill(0);
		// Until its log needs a file more; it ends then, and cannot begin again.
		for (let i = 0; i < 40 && alive(old); i++) {
			place.run('psql', ['-X', '-q', '-h', path.join(server.data, 'run'), '-U', 'tidemark', '-d', 'postgres',
				'-c', 'SELECT pg_logical_emit_message(false, \'x\', repeat(\'x\', 4000000))', '-c', 'SELECT pg_switch_wal()']);
		}
		await eventually(async () => (await readyz()).status === 503, { what: 'PostgreSQL to be gone' });
		await eventually(async () => /disk is full/.test((await readyz()).detail), { what: 'the word of it' });
		const newest = new Ledger(agent).look().newest;
		await sleep(24_000); // ten attempts, of two seconds each, would be over
		assert.equal(server.running.ended, null, place.tailOf('server'));
		assert.ok(new Ledger(agent).look().newest > newest, 'the agent goes on reading');
		disk.free();
		await server.ready();
		return undefined;
	});

	it('lost nothing and stored nothing twice', async (t) => {
		if (!disk)
			return t.skip('may not mount a disk');
		await agent.stop();
		ledger = new Ledger(agent).look();
		agent.start();
		await eventually(() => ledger.missing(server).length === 0,
			{ within: 30_000, every: 300, what: 'the last batches' });
		assertStoredOnce(server, 'shop-1');
		return undefined;
	});
});

function alive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
