// A policy takes snapshots by itself: early, of the replica that leaks most clearly, again
// when that has grown, and one of the version that does not leak. It is off until somebody
// switches it on, overrules nothing, leaves a service's last instance alone, and tells all.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { turn } from './lib/captures.mjs';
import { Place, SOURCE } from './lib/place.mjs';
import { freePorts } from './lib/ports.mjs';
import { Server } from './lib/server.mjs';
import { eventually, sleep } from './lib/wait.mjs';

const SERVICE = `counter-${process.pid}`;
const LONE = `lone-${process.pid}`;
const TURNS_MS = 12_000; // of the watch, some
const ENDS = ['done', 'denied', 'failed', 'expired', 'cancelled'];

describe('a snapshot policy', () => {
	let place, endTurn, server, api, service, lone, alert, first;

	before(async () => {
		place = new Place('policy');
		server = await new Server(place, { options: ['--watch-interval', '3s', '--policy-cooldown', '2s'] }).start();
		const agent = new Agent(place, {
			name: 'shop-1',
			config: `snapshots = ${SERVICE}, ${LONE}\nsnapshot_cooldown = 0s\nsnapshot_pause_max = 60s`,
		});
		agent.join(server.token());
		agent.start();
		await startDemo();
		api = await server.api();
	});
	after(async () => {
		await place?.close();
		endTurn?.();
	});

	/** Two instances of each version of SERVICE, and one of LONE, which leaks as well. */
	async function startDemo() {
		const demo = path.join(place.root, 'demo');
		fs.cpSync(path.join(SOURCE, 'deploy/demo'), demo, { recursive: true });
		fs.cpSync(path.join(demo, 'checkout-1.1.0'), path.join(demo, 'lone'), { recursive: true });
		for (const [folder, name] of [['checkout-1.0.0', SERVICE], ['checkout-1.1.0', SERVICE], ['lone', LONE]]) {
			const file = path.join(demo, folder, 'package.json');
			fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"checkout"', `"${name}"`));
		}
		const port = await freePorts(5);
		place.start('demo', process.execPath, ['demo.js', '--port', String(port), '--rate', '12', '--limit-mb', '1000'], { cwd: demo });
		place.start('lone', process.execPath, ['app.js'], { cwd: path.join(demo, 'lone'), env: { PORT: String(port + 4) } });
		place.start('load', process.execPath, ['load.js', '12', String(port + 4)], { cwd: demo });
	}

	const named = async (name) => (await api.all(`/services?q=${name}`)).find((row) => row.name === name);
	const captures = (of) => api.all(`/services/${of.id}/captures`);
	const audit = async (of) => (await api.all('/audit')).filter((row) => row.service?.id === of.id);

	async function put(of, policy) {
		const answer = await api.send('PUT', `/services/${of.id}/snapshot-policy`, { body: policy });
		assert.equal(answer.status, 200, answer.text);
		return answer.json;
	}

	/** The capture of this cause, when it has ended. */
	async function ended(cause) {
		const capture = await eventually(async () => {
			const found = (await captures(service)).find((row) => row.cause === cause);
			return found && ENDS.includes(found.state) && found;
		}, { what: cause, within: 10 * 60_000, every: 500 });
		assert.equal(capture.state, 'done', `${capture.text}\n${place.tailOf('shop-1')}`);
		return { capture, snapshot: await api.get(`/snapshots/${capture.snapshot}`) };
	}

	let floors = 0; // each at a time of its own: of one time there is one reading

	/**
	 * As if it had fallen to so much in the ten minutes after the snapshot.  Without resident
	 * memory, the detector does not look at it.
	 */
	function setFloor(snapshot, kb) {
		floors++;
		server.sql(`INSERT INTO sample (generation_id, at, rss_anon_kb)
			SELECT generation_id, date_bin('10 minutes', taken_at, 'epoch') + interval '${600 + floors} s', ${kb}
			FROM snapshot WHERE id = ${snapshot.id}`);
	}

	const memoryKb = (slot) => server.number(`SELECT value_kb FROM slot_verdict WHERE slot_id = ${slot}`);

	it('is off, and nothing is taken of a service that leaks', async () => {
		const leaking = (name) => eventually(async () => (await api.all('/alerts')).find((row) => row.finding.service.name === name),
			{ within: 10 * 60_000, every: 1000, what: `the alert of ${name}` });
		alert = await leaking(SERVICE);
		await leaking(LONE);
		service = await named(SERVICE);
		lone = await named(LONE);
		await sleep(TURNS_MS);
		assert.equal(alert.finding.version.version, '1.1.0');
		assert.equal((await api.get(`/services/${service.id}/snapshot-policy`)).enabled, false);
		assert.deepEqual(await captures(service), []);
	});

	it('takes a first of the replica with the clearest slope', async () => {
		endTurn = await turn(); // not before: a leak takes minutes to show
		const policy = await put(service, { enabled: true, grown_bytes: 16 << 20 });
		assert.equal(policy.changed_by, 'admin');
		first = await ended('policy: first');
		const { capture, snapshot } = first;
		assert.equal(capture.version.version, '1.1.0');
		assert.equal(capture.asked_by, null);
		assert.equal(capture.overrules, false);
		assert.equal(snapshot.cause, 'policy: first');
		const holder = snapshot.accumulators.find((row) => /app\.js:\d+:\d+/.test(row.child.location ?? ''));
		assert.ok(holder, JSON.stringify(snapshot.accumulators.slice(0, 3)));
	});

	it('takes one of the version that does not leak', async () => {
		await eventually(() => server.number(`SELECT count(*) FROM slot_verdict v JOIN slot_now n USING (slot_id)
			WHERE n.service_id = ${service.id} AND v.verdict = 'steady'`) > 0,
		{ what: 'an instance that is steady', within: 10 * 60_000, every: 1000 });
		const { snapshot } = await ended('policy: control');
		assert.equal(snapshot.version.version, '1.0.0');
		const compared = await api.get(`/snapshots/${first.snapshot.id}/compare?with=${snapshot.id}`);
		assert.equal(compared.same_process, false);
		assert.ok(compared.rows.length > 0);
	});

	it('takes no second before the process has grown', async () => {
		setFloor(first.snapshot, memoryKb(first.capture.instance) + (1 << 20));
		await sleep(TURNS_MS);
		assert.equal((await captures(service)).length, 2);
	});

	it('takes a second of the same process when it has grown, and says what grew', async () => {
		setFloor(first.snapshot, 0); // what a capture took is given back slowly: no telling when it has grown by itself
		const { snapshot } = await ended('policy: after growth');
		assert.equal(snapshot.generation, first.snapshot.generation);
		assert.equal(snapshot.growth.verdict, 'accumulation', snapshot.growth.words);
		assert.match(JSON.stringify(snapshot.growth.holder), /app\.js:\d+:\d+/);
		await sleep(TURNS_MS);
		assert.equal((await captures(service)).length, 3, 'three are enough');
	});

	it('leaves the last instance of a service alone, and says so once', async () => {
		await put(lone, { enabled: true });
		await eventually(async () => (await audit(lone)).some((row) => row.action === 'policy.skipped'), { what: 'the word in the audit' });
		await sleep(TURNS_MS);
		assert.deepEqual(await captures(lone), []);
		assert.equal((await audit(lone)).filter((row) => row.action === 'policy.skipped').length, 1);
	});

	it('has every step in the audit', async () => {
		const rows = await audit(service);
		const count = (action, actor) => rows.filter((row) => row.action === action && row.actor === actor).length;
		assert.equal(count('snapshot.ask', 'policy'), 3, JSON.stringify(rows));
		assert.equal(count('snapshot.confirm', 'policy'), 3, JSON.stringify(rows));
		assert.equal(rows.filter((row) => row.action === 'snapshot.done').length, 3);
		assert.equal(count('policy.set', 'admin'), 1);
	});

	it('takes nothing once it is off', async () => {
		await put(service, { enabled: false });
		server.sql(`DELETE FROM snapshot WHERE service_id = ${service.id}; DELETE FROM capture WHERE service_id = ${service.id}`);
		await sleep(TURNS_MS);
		assert.deepEqual(await captures(service), []);
	});
});
