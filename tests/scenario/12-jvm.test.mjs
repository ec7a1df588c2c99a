// A Java service has the same tables, comparisons and pages: its own machine counts the
// live objects of each class, which costs one collection and no file.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { turn } from './lib/captures.mjs';
import { Place, SOURCE } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const SERVICE = 'carts';
const CARTS = 20_000;
const ENDS = ['done', 'denied', 'failed', 'expired', 'cancelled'];

/** tests/support/programs/Carts.java; add() makes it keep CARTS more. */
class Carts {
	constructor(place) {
		const file = path.join(place.root, 'Carts.java');
		fs.copyFileSync(path.join(SOURCE, 'tests/support/programs/Carts.java'), file);
		fs.chmodSync(file, 0o644);
		const out = fs.openSync(path.join(place.root, 'carts.log'), 'a');
		this.place = place;
		this.count = CARTS;
		this.running = place.start('carts', 'java', ['-Xmx128m', file, String(CARTS)], { stdio: ['pipe', out, out] });
		fs.closeSync(out);
	}

	get pid() {
		return this.running.child.pid;
	}

	async ready() {
		await eventually(() => this.place.tailOf('carts', 1) === `ready ${this.count}`, { what: `${this.count} carts` });
		return this;
	}

	add() {
		this.count += CARTS;
		this.running.child.stdin.write('x');
		return this.ready();
	}
}

describe('a snapshot of a Java service', () => {
	let place, endTurn, server, agent, api, carts, instance, first, second;

	before(async () => {
		endTurn = await turn();
		place = new Place('jvm');
		server = await new Server(place).start();
		agent = new Agent(place, {
			name: 'java-1',
			config: `snapshots = ${SERVICE}\nsnapshot_cooldown = 0s\n[service ${SERVICE}]\ncommand = java *Carts.java`,
		});
		agent.join(server.token());
		agent.start();
		carts = await new Carts(place).ready();
		api = await server.api();
		instance = await eventually(async () => {
			const service = (await api.all('/services')).find((row) => row.name === SERVICE);
			return service && (await api.all(`/services/${service.id}/instances`)).find((row) => row.pid === carts.pid);
		}, { what: 'the instance', within: 60_000 });
	});
	after(async () => {
		await place?.close();
		endTurn?.();
	});

	async function capture(body = {}) {
		const asked = await api.send('POST', `/instances/${instance.id}/captures`, { body });
		assert.equal(asked.status, 201, asked.text);
		const quoted = await eventually(async () => {
			const now = await api.get(`/captures/${asked.json.id}`);
			return now.state !== 'quoting' && now;
		}, { what: 'the card', within: 60_000 });
		assert.equal(quoted.state, 'quoted', JSON.stringify(quoted));
		const confirmed = await api.send('POST', `/captures/${quoted.id}/confirm`, { body: { overrule: true } });
		assert.equal(confirmed.status, 200, confirmed.text);
		const ended = await eventually(async () => {
			const now = await api.get(`/captures/${quoted.id}`);
			return ENDS.includes(now.state) && now;
		}, { what: 'the end of the capture', within: 60_000 });
		assert.equal(ended.state, 'done', `${ended.text}\n${place.tailOf('java-1')}`);
		return { card: quoted.card, snapshot: await api.get(`/snapshots/${ended.snapshot}`) };
	}

	const take = (...options) => place.run(place.program('tidemark-agent'),
		['snapshot', 'take', String(carts.pid), ...agent.options(), ...options]);

	it('says on the command line what it would cost', () => {
		const card = take();
		assert.equal(card.status, 3, card.stderr);
		assert.match(card.stdout, /Route +jvm/);
		assert.match(card.stdout, /Verdict +allowed/);
	});

	it('costs a collection and hardly any memory', async () => {
		const { card, snapshot } = await capture();
		assert.equal(card.route, 'jvm');
		assert.ok(card.pause_ms > 0 && card.pause_ms < 2000, JSON.stringify(card));
		assert.ok(card.need_bytes <= 32 << 20);
		assert.ok(card.heap_bytes > 8 << 20, 'at most what the process has in memory');
		assert.equal(card.heap_is_measured, false);
		first = snapshot;
	});

	it('tells the live objects of each class, and no retained sizes', () => {
		assert.equal(first.kind, 'jvm');
		assert.equal(first.route, 'jvm');
		assert.match(first.runtime, /^java \d+/);
		const cart = first.classes.find((row) => row.name === 'Carts$Cart');
		assert.equal(cart.count, CARTS);
		assert.ok(cart.shallow_bytes >= 16 * CARTS);
		assert.equal(cart.retained_bytes, null);
		assert.ok(first.classes.find((row) => row.name === 'byte[]').shallow_bytes > 200 * CARTS);
		assert.deepEqual(first.accumulators, []);
		assert.ok(first.uptime_ms > 0, 'growth per hour needs it');
	});

	it('says which class grows in one process', async () => {
		await carts.add();
		second = (await capture({ route: 'jvm' })).snapshot;
		assert.equal(second.growth.verdict, 'class-growth', second.growth.words);
		assert.equal(second.growth.before, first.id);
		assert.match(second.growth.words, /\+20000 Carts\$Cart/);
		assert.equal(second.growth.changes[0].name, 'Carts$Cart');
		assert.equal(second.growth.changes[0].added, CARTS);
		assert.ok(second.growth.grown_bytes > 200 * CARTS);
		assert.equal(second.growth.holder, null);
	});

	it('says that nothing grows when nothing does', async () => {
		const third = (await capture()).snapshot;
		assert.equal(third.growth.verdict, 'no-leak', third.growth.words);
		assert.equal(third.growth.before, second.id);
	});

	it('compares class by class', async () => {
		const compared = await api.get(`/snapshots/${second.id}/compare?with=${first.id}`);
		assert.equal(compared.same_process, true);
		const cart = compared.rows.find((row) => row.name === 'Carts$Cart');
		assert.equal(cart.count_delta, CARTS);
		assert.ok(cart.count_per_hour > CARTS);
	});

	it('takes one from the command line, which the server hears of', async () => {
		const known = (await api.all(`/services/${instance.service.id}/snapshots`)).length;
		const taken = take('--yes', '--json', '--route', 'jvm');
		assert.equal(taken.status, 0, taken.stderr);
		const summary = JSON.parse(taken.stdout);
		assert.equal(summary.classes.find((row) => row.name === 'Carts$Cart').count, 2 * CARTS);
		assert.match(summary.growth, /No leak visible/);
		await eventually(async () => (await api.all(`/services/${instance.service.id}/snapshots`)).length === known + 1,
			{ what: 'the snapshot of the command line' });
	});

	it('is not taken by a way for another runtime', () => {
		const refused = take('--yes', '--route', 'inspector');
		assert.equal(refused.status, 4, refused.stderr);
		assert.match(refused.stdout, /is not Node\.js; routes that would work: jvm|routes that would work: jvm/);
	});

	it('leaves the process well', async () => {
		await carts.add();
	});
});
