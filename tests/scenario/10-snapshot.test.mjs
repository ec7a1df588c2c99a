// The first story's heart: a heap that is too large to download is summarised where it is.
// Asked for in the console, cost first; a second one says what grew between them, and the
// raw file comes over whole however often its way is cut.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { isOpen, Target, turn } from './lib/captures.mjs';
import { request } from './lib/http.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually, sleep } from './lib/wait.mjs';

const SERVICE = 'gif-shop';
const ENDS = ['done', 'denied', 'failed', 'expired', 'cancelled'];

describe('a snapshot that is asked for in the console', () => {
	let place, endTurn, server, agent, api, leaking, instance, first, second;

	before(async () => {
		endTurn = await turn();
		place = new Place('snapshot');
		server = await new Server(place, { options: ['--watch-interval', '5s'] }).start();
		agent = new Agent(place, { name: 'shop-1', config: `snapshots = ${SERVICE}\nsnapshot_cooldown = 0s` });
		agent.join(server.token());
		agent.start();
		leaking = await new Target(place, { name: 'leaking', service: SERVICE }).start();
		await new Target(place, { name: 'sister', service: SERVICE, env: { FIX: '1' } }).start();
		await leaking.load(1000);
		api = await server.api();
		instance = await eventually(async () => {
			const service = (await api.all('/services')).find((row) => row.name === SERVICE);
			const all = service ? await api.all(`/services/${service.id}/instances`) : [];
			return all.length === 2 && all.find((row) => row.pid === leaking.pid);
		}, { what: 'the instance', within: 60_000 });
	});
	after(async () => {
		await place?.close();
		endTurn?.();
	});

	async function ask() {
		const asked = await api.send('POST', `/instances/${instance.id}/captures`, { body: {} });
		assert.equal(asked.status, 201, asked.text);
		assert.equal(asked.json.state, 'quoting');
		return eventually(async () => {
			const now = await api.get(`/captures/${asked.json.id}`);
			assert.ok(!ENDS.includes(now.state), JSON.stringify(now));
			return now.state === 'quoted' && now;
		}, { what: 'the cost card', within: 60_000 });
	}

	async function confirm(capture, body) {
		const confirmed = await api.send('POST', `/captures/${capture.id}/confirm`, { body });
		assert.equal(confirmed.status, 200, confirmed.text);
		const ended = await eventually(async () => {
			const now = await api.get(`/captures/${capture.id}`);
			return ENDS.includes(now.state) && now;
		}, { what: 'the end of the capture', within: 120_000 });
		assert.equal(ended.state, 'done', `${ended.text}\n${place.tailOf('shop-1')}`);
		return api.get(`/snapshots/${ended.snapshot}`);
	}

	it('says what it would cost before anything happens', async () => {
		const quoted = await ask();
		assert.ok(['allowed', 'asks'].includes(quoted.card.gate), JSON.stringify(quoted.card));
		assert.ok(quoted.card.heap_is_measured);
		assert.ok(quoted.card.heap_bytes > 2e6 && quoted.card.pause_ms > 0);
		assert.ok(quoted.card.need_bytes > 64 << 20 && quoted.card.free_bytes > 0);
		assert.equal(await isOpen(9229), false);
		first = quoted;
	});

	it('takes it when told so, and the process goes on', async () => {
		first = await confirm(first, { overrule: true, keep_raw: true });
		assert.equal(first.kind, 'v8');
		assert.equal(first.pid, leaking.pid);
		assert.ok(first.classes.find((row) => row.name === 'Function').count >= 1000);
		const holder = first.accumulators.find((row) => /listener\.js:\d+:\d+/.test(row.child.location ?? ''));
		assert.ok(holder, JSON.stringify(first.accumulators.slice(0, 3)));
		assert.ok(holder.path.length > 0);
		assert.equal(await isOpen(9229), false);
		await leaking.load(20);
	});

	it('says what grew between two of one process, and what holds it', async () => {
		await leaking.load(2000);
		second = await confirm(await ask(), { overrule: true });
		assert.equal(second.growth.verdict, 'accumulation', second.growth.words);
		assert.equal(second.growth.before, first.id);
		assert.ok(second.growth.holder.child_count >= 1900, JSON.stringify(second.growth));
		assert.match(second.growth.holder.child.location, /listener\.js:\d+:\d+/);
		assert.match(JSON.stringify(second.growth.holder.path), /_events/);
		assert.ok(second.growth.explained_bytes / second.growth.grown_bytes > 0.5, second.growth.words);
	});

	it('compares any two by class and place', async () => {
		const compared = await api.get(`/snapshots/${second.id}/compare?with=${first.id}`);
		assert.equal(compared.same_process, true);
		const functions = compared.rows.find((row) => row.name === 'Function');
		assert.ok(functions.count_delta >= 2000);
		assert.equal(functions.count_delta, functions.after.count - functions.before.count);
		assert.ok(functions.count_per_hour > 0);
	});

	it('pulls the raw file over a way that is cut, byte by byte the same', async () => {
		assert.equal(first.raw.state, 'kept');
		const asked = await api.send('POST', `/snapshots/${first.id}/raw`, { body: {} });
		assert.ok(asked.status === 200 || asked.status === 202, asked.text);
		for (let cut = 0; cut < 3; cut++) {
			await sleep(300);
			await agent.kill();
			agent.start();
		}
		await eventually(async () => (await api.get(`/snapshots/${first.id}`)).raw.state === 'complete',
			{ what: 'the whole raw file', within: 120_000 });
		const { raw } = await api.get(`/snapshots/${first.id}`);
		const hash = crypto.createHash('sha256');
		const step = Math.ceil(raw.bytes / 3);
		for (let from = 0; from < raw.bytes; from += step) {
			const to = Math.min(from + step, raw.bytes) - 1;
			const part = await api.send('GET', `/snapshots/${first.id}/raw`, { headers: { range: `bytes=${from}-${to}` }, timeout: 60_000 });
			assert.equal(part.status, 206);
			assert.equal(part.headers['content-range'], `bytes ${from}-${to}/${raw.bytes}`);
			hash.update(part.text); // V8 writes ASCII alone
		}
		assert.equal(hash.digest('hex'), raw.sha256);
		const beyond = await api.send('GET', `/snapshots/${first.id}/raw`, { headers: { range: `bytes=${raw.bytes}-` } });
		assert.equal(beyond.status, 416);
	});

	it('keeps the raw file from those who may not have it', async () => {
		const answer = await request(server.port, 'GET', `/api/v1/snapshots/${first.id}/raw`);
		assert.equal(answer.status, 401);
	});

	it('has every capture in the audit', async () => {
		const rows = await api.all('/audit');
		assert.ok(rows.filter((row) => row.action === 'snapshot.done').length >= 2, JSON.stringify(rows));
		assert.ok(rows.some((row) => row.action.startsWith('raw.')));
		assert.ok(rows.every((row) => row.actor));
	});

	it('refuses a service that has not opted in, with the reason', async () => {
		const stranger = await new Target(place, { name: 'stranger', service: 'stranger' }).start();
		const other = await eventually(async () => {
			const service = (await api.all('/services')).find((row) => row.name === 'stranger');
			return service && (await api.all(`/services/${service.id}/instances`))[0];
		}, { what: 'the stranger', within: 60_000 });
		const asked = await api.send('POST', `/instances/${other.id}/captures`, { body: {} });
		assert.equal(asked.status, 201, asked.text);
		const ended = await eventually(async () => {
			const now = await api.get(`/captures/${asked.json.id}`);
			return ENDS.includes(now.state) && now;
		}, { what: 'the refusal', within: 60_000 });
		assert.equal(ended.state, 'denied');
		assert.match(ended.text, /snapshots/);
		await stranger.load(5);
	});
});
