// deploy/quickstart from start to reset, on ports and in a directory of its own.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Api } from './lib/http.mjs';
import { SOURCE } from './lib/place.mjs';
import { freePorts } from './lib/ports.mjs';
import { eventually } from './lib/wait.mjs';

describe('quickstart', () => {
	let root, state, port, env, password;

	before(async () => {
		root = fs.mkdtempSync(path.join(os.tmpdir(), 'tm-quick-'));
		fs.chmodSync(root, 0o755);
		state = path.join(root, 'state');
		port = await freePorts(10);
		env = {
			...process.env,
			TIDEMARK_QUICKSTART_DIR: state,
			TIDEMARK_HTTP_PORT: String(port),
			TIDEMARK_AGENT_PORT: String(port + 1),
			TIDEMARK_DEMO_PORT: String(port + 3),
		};
	});
	after(() => {
		if (root)
			quickstart('--reset');
		fs.rmSync(root, { recursive: true, force: true });
	});

	function quickstart(...args) {
		const began = Date.now();
		const { status, stdout, stderr } = spawnSync(path.join(SOURCE, 'deploy/quickstart'), args,
			{ env, cwd: '/', encoding: 'utf8', timeout: 540_000 });
		return { status, out: stdout + stderr, seconds: (Date.now() - began) / 1000 };
	}

	const passwordOf = (out) => /password\s+(\S+)\s+\(shown/.exec(out)?.[1];

	it('says that nothing runs yet', () => {
		const { status, out } = quickstart('--status');
		assert.equal(status, 1);
		assert.match(out, /server +does not run/);
	});

	it('installs, builds and starts everything', () => {
		const { status, out } = quickstart();
		assert.equal(status, 0, out);
		assert.match(out, new RegExp(`http://127\\.0\\.0\\.1:${port}\\b`));
		password = passwordOf(out);
		assert.ok(password, out);
		assert.doesNotMatch(fs.readFileSync(path.join(state, 'log/quickstart.log'), 'utf8'),
			new RegExp(password.replace(/[^\w-]/g, '\\$&')), 'the password is not logged');
	});

	it('shows this machine and the demo to who logs in', async () => {
		const api = new Api(port);
		assert.equal((await api.login('admin', password)).password_is_one_time, true);
		const fleet = await api.get('/fleet');
		assert.equal(fleet.hosts, 1);
		await eventually(async () => {
			const [row] = (await api.all('/services?q=checkout')).filter(({ name }) => name === 'checkout');
			return row?.instances === 4;
		}, { within: 60_000, what: 'four instances of checkout' });
	});

	it('listens on loopback only', () => {
		for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
			const lines = fs.readFileSync(table, 'utf8').split('\n').slice(1).filter(Boolean);
			for (const [, local, , st] of lines.map((line) => line.trim().split(/\s+/))) {
				const [address, hex] = local.split(':');
				const number = parseInt(hex, 16);
				if (st === '0A' && number >= port && number < port + 10)
					assert.equal(address, '0100007F', `port ${number}`);
			}
		}
	});

	it('changes nothing on a second run, and takes seconds', () => {
		const pids = (name) => fs.readFileSync(path.join(state, `run/${name}.pid`), 'utf8');
		const before = ['server', 'agent', 'demo'].map(pids);
		const { status, out, seconds } = quickstart();
		assert.equal(status, 0, out);
		assert.deepEqual(['server', 'agent', 'demo'].map(pids), before);
		assert.ok(seconds < 30, `${seconds} s`);
		password = passwordOf(out) ?? password;
	});

	it('keeps a password that was chosen', async () => {
		const api = new Api(port);
		await api.login('admin', password);
		const changed = await api.send('POST', '/session/password',
			{ body: { current: password, new: 'a longer one of my own' } });
		assert.ok(changed.status < 300, changed.text);
		const { status, out } = quickstart();
		assert.equal(status, 0, out);
		assert.equal(passwordOf(out), undefined);
		await api.login('admin', 'a longer one of my own');
	});

	it('says that everything runs', () => {
		const { status, out } = quickstart('--status');
		assert.equal(status, 0, out);
		assert.match(out, /server +runs[^]*agent +runs[^]*demo +runs/);
	});

	it('starts again what has died', () => {
		const [pid] = fs.readFileSync(path.join(state, 'run/agent.pid'), 'utf8').split(' ');
		process.kill(Number(pid), 'SIGKILL');
		assert.equal(quickstart('--status').status, 1);
		const { status, out } = quickstart();
		assert.equal(status, 0, out);
		assert.equal(quickstart('--status').status, 0);
	});

	it('says who has a port that it needs', () => {
		const elsewhere = { TIDEMARK_QUICKSTART_DIR: path.join(root, 'other') };
		const { status, stdout } = spawnSync(path.join(SOURCE, 'deploy/quickstart'), [],
			{ env: { ...env, ...elsewhere }, encoding: 'utf8' });
		assert.equal(status, 1);
		assert.match(stdout, new RegExp(`127\\.0\\.0\\.1:${port}[^]*TIDEMARK_HTTP_PORT=`));
	});

	it('runs simulated hosts beside the demo when asked', async () => {
		const { status, out } = quickstart('--fleet', '20');
		assert.equal(status, 0, out);
		assert.match(quickstart('--status').out, /fleet +runs, pid \d+, 20 simulated hosts/);
		const api = new Api(port);
		await api.login('admin', 'a longer one of my own');
		assert.equal((await api.get('/fleet')).hosts, 21);
		const agents = await api.all('/agents');
		assert.equal(agents.filter(({ host }) => /^sim-0\d\d$/.test(host.name)).length, 20);
		assert.equal(quickstart('--fleet', 'many').status, 2);
	});

	it('stops everything, and starts it again with its data', async () => {
		assert.equal(quickstart('--stop').status, 0);
		assert.equal(quickstart('--status').status, 1);
		assert.deepEqual(listening(port, 10), []);
		const { status, out } = quickstart();
		assert.equal(status, 0, out);
		const api = new Api(port);
		await api.login('admin', 'a longer one of my own');
		assert.equal((await api.get('/fleet')).hosts, 21);
		assert.doesNotMatch(quickstart('--status').out, /^fleet/m, 'without being asked');
	});

	it('resets: nothing runs, nothing is left', () => {
		const { status, out } = quickstart('--reset');
		assert.equal(status, 0, out);
		assert.equal(fs.existsSync(state), false);
		assert.deepEqual(listening(port, 10), []);
	});
});

function listening(first, count) {
	return fs.readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1).filter(Boolean)
		.map((line) => line.trim().split(/\s+/))
		.filter(([, , , state]) => state === '0A')
		.map(([, local]) => parseInt(local.split(':')[1], 16))
		.filter((port) => port >= first && port < first + count);
}
