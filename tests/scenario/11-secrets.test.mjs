// What a heap knows of people stays on its host: a service is filled with secrets in every
// way that a heap can hold them, captured, compared and looked at; then everything that has
// left the process is searched for them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Target, turn } from './lib/captures.mjs';
import { request } from './lib/http.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const SERVICE = 'vault';
const hex = (bytes) => crypto.randomBytes(bytes).toString('hex');
// Such that somebody could pronounce them.
const letters = (count) => Array.from({ length: count }, (_, i) => { const some = i % 2 ? 'aeiou' : 'bdfgklmnprst'; return some[crypto.randomInt(some.length)]; }).join('');
const digits = (count) => Array.from({ length: count }, () => crypto.randomInt(10)).join('');

// Some look like identifiers; none is the same twice.
const SECRETS = {
	password: `correct horse ${hex(6)}`,
	card: `4111-${digits(4)}-${digits(4)}-${digits(4)}`,
	email: `jane.${hex(5)}@example.org`,
	stripe: `sk_live_${crypto.randomBytes(18).toString('base64').replace(/\W/g, 'x')}`,
	aws: `AKIA${crypto.randomBytes(20).toString('base64').replace(/[^A-Z0-9]/g, 'Q').slice(0, 16)}`,
	github: `ghp_${crypto.randomBytes(27).toString('base64').replace(/\W/g, 'z')}`,
	token: hex(16),
	jwt: `eyJhbGciOiJIUzI1NiJ9.${crypto.randomBytes(20).toString('base64url')}.${crypto.randomBytes(20).toString('base64url')}`,
	uuid: crypto.randomUUID(),
	iban: `DE${digits(20)}`,
	bearer: `Bearer ${crypto.randomBytes(24).toString('base64')}`,
	key: `-----BEGIN KEY----- ${crypto.randomBytes(30).toString('base64')}`,
	phone: `+49 170 ${digits(7)}`,
	number: `u${digits(12)}`,
	word: `${letters(3)}${crypto.randomInt(10)}${letters(2)}${crypto.randomInt(3, 10)}${letters(3)}`,
	// These look like names that a programmer gives, and are keys of one object.
	user_person: `${letters(7)}_${letters(5)}`,
	user_password: `${letters(9)}${crypto.randomInt(10)}`,
	user_word: `T${letters(2)}${crypto.randomInt(10)}${letters(2)}${crypto.randomInt(3, 10)}${letters(3)}`,
};

/** Every file under a folder. */
function filesUnder(folder) {
	return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const at = path.join(folder, entry.name);
		return entry.isDirectory() ? filesUnder(at) : entry.isFile() ? [at] : [];
	});
}

/** The bytes, and those of every zstd frame in them. */
function unpacked(bytes) {
	const found = [bytes];
	const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
	for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
		try {
			found.push(execFileSync('zstd', ['-dcq'], { input: bytes.subarray(at), maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'] }));
		} catch (error) {
			if (error.stdout?.length)
				found.push(error.stdout); // what follows the frame is none
		}
	}
	return found;
}

describe('the secrets in a heap', () => {
	let place, endTurn, server, agent, api, target, instance, snapshots;

	before(async () => {
		endTurn = await turn();
		place = new Place('secrets');
		server = await new Server(place).start();
		agent = new Agent(place, { name: 'vault-1', config: `snapshots = ${SERVICE}\nsnapshot_cooldown = 0s\nlog_level = debug` });
		agent.join(server.token());
		agent.start();
		target = await new Target(place, {
			name: 'vault', program: 'secrets.js', service: SERVICE,
			env: { TIDEMARK_SECRETS: JSON.stringify(SECRETS) },
		}).start();
		api = await server.api();
		instance = await eventually(async () => {
			const service = (await api.all('/services')).find((row) => row.name === SERVICE);
			return service && (await api.all(`/services/${service.id}/instances`)).find((row) => row.pid === target.pid);
		}, { what: 'the instance', within: 60_000 });
	});
	after(async () => {
		await place?.close();
		endTurn?.();
	});

	async function capture() {
		const asked = await api.send('POST', `/instances/${instance.id}/captures`, { body: {} });
		assert.equal(asked.status, 201, asked.text);
		await eventually(async () => {
			const now = await api.get(`/captures/${asked.json.id}`);
			if (now.state !== 'quoting' && now.state !== 'quoted')
				throw new Error(JSON.stringify(now));
			return now.state === 'quoted';
		}, { what: 'the card', within: 20_000 });
		assert.equal((await api.send('POST', `/captures/${asked.json.id}/confirm`, { body: { overrule: true } })).status, 200);
		const ended = await eventually(async () => {
			const now = await api.get(`/captures/${asked.json.id}`);
			return now.state !== 'ordered' && now.state !== 'running' && now;
		}, { what: 'the summary', within: 120_000 });
		assert.equal(ended.state, 'done', ended.text);
		return ended.snapshot;
	}

	/** Fails with what was found where; `name` says where we look. */
	function assertClean(name, bytes) {
		for (const [kind, secret] of Object.entries(SECRETS)) {
			for (const form of new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1),
				secret.length < 16 ? secret : secret.slice(0, -4)])) {
				const at = bytes.indexOf(form);
				assert.equal(at, -1, `${name} holds the ${kind}: …${bytes.subarray(Math.max(0, at - 60), at + 80)}…`);
			}
		}
	}

	it('are in the heap, or this test proves nothing', async () => {
		snapshots = [await capture()];
		for (let i = 0; i < 400; i++)
			await request(target.port, 'GET', `/?i=${i}`);
		snapshots.push(await capture());
		const raw = path.join(place.root, 'raw.json');
		const taken = place.run(place.program('tidemark-agent'), ['snapshot', 'take', String(target.pid), '--yes', '--json',
			'--state-dir', path.join(place.root, 'none')], { timeout: 120_000 });
		assert.equal(taken.status, 0, taken.stderr + taken.stdout);
		fs.writeFileSync(raw, taken.stdout);
		assert.ok(taken.stdout.includes(SECRETS.stripe), 'the local report names what it found');
		fs.rmSync(raw);
	});

	it('are not in what the server answers', async () => {
		for (const route of [
			...snapshots.map((id) => `/snapshots/${id}`), `/snapshots/${snapshots[1]}/compare?with=${snapshots[0]}`,
			`/services/${instance.service.id}/snapshots`, `/services/${instance.service.id}/captures`, '/audit', `/services/${instance.service.id}`,
			`/services/${instance.service.id}/instances`,
		])
			assertClean(route, Buffer.from(JSON.stringify(await api.get(route))));
		const snapshot = await api.get(`/snapshots/${snapshots[1]}`);
		assert.ok(snapshot.classes.length > 20 && snapshot.accumulators.length > 5, 'the summary is not merely empty');
	});

	it('are not in the database', () => {
		const dump = place.must('pg_dump', ['-h', path.join(server.data, 'run'), '-U', 'tidemark', '-d', 'postgres', '--inserts'],
			{ env: { PATH: '/usr/lib/postgresql/15/bin:/usr/bin:/bin' } });
		assert.ok(dump.includes('snapshot_class'));
		assertClean('the dump of the database', Buffer.from(dump));
	});

	it('are not in what the agent sends, spools and logs', async () => {
		await server.stop(); // so that the next summary stays in the spool
		const taken = place.run(place.program('tidemark-agent'), ['snapshot', 'take', String(target.pid), '--yes', ...agent.options()],
			{ timeout: 120_000 });
		assert.equal(taken.status, 0, taken.stderr + taken.stdout);
		const log = path.join(place.root, 'vault-1.log');
		const spool = path.join(agent.state, 'spool');
		const spooled = () => filesUnder(spool).flatMap((file) => unpacked(fs.readFileSync(file)));
		await eventually(() => spooled().some((bytes) => bytes.includes('secrets.js:')), { what: 'a summary in the spool', every: 1000 });
		const files = [log, path.join(place.root, 'server.log'), ...filesUnder(spool),
			...['outbox', 'status', 'slots'].map((name) => path.join(agent.state, name)).filter((at) => fs.existsSync(at) && fs.statSync(at).isFile())];
		for (const file of files) {
			for (const bytes of unpacked(fs.readFileSync(file)))
				assertClean(path.relative(place.root, file), bytes);
		}
	});
});
