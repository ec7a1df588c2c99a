// Captures that go wrong: two at once, an agent that is away, an agent that is killed in
// the middle. Somebody is always told, no inspector stays open, and the process goes on.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { isOpen, Target, turn } from './lib/captures.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const LARGE = 'large', SMALL = 'small';
const INSPECTOR = 9229;
const ENDS = ['done', 'denied', 'failed', 'expired', 'cancelled'];

describe('a capture that goes wrong', () => {
	let place, endTurn, server, agent, api, large, small;
	const instances = {};

	before(async () => {
		endTurn = await turn();
		place = new Place('broken');
		server = await new Server(place, { options: ['--watch-interval', '2s'] }).start();
		agent = new Agent(place, {
			name: 'shop-1', config: `snapshots = ${LARGE}, ${SMALL}\nsnapshot_cooldown = 0s\nsnapshot_pause_max = 60s`,
		});
		agent.join(server.token());
		agent.start();
		// Large enough to be busy with it for some seconds.
		large = await new Target(place, { name: LARGE, program: 'dumper.js', env: { COUNT: '150000' } }).start();
		small = await new Target(place, { name: SMALL }).start();
		api = await server.api();
		for (const target of [large, small]) {
			instances[target.name] = await eventually(async () => {
				const service = (await api.all('/services')).find((row) => row.name === target.name);
				return service && (await api.all(`/services/${service.id}/instances`)).find((row) => row.pid === target.pid);
			}, { what: `the instance of ${target.name}`, within: 60_000 });
		}
	});
	after(async () => {
		await place?.close();
		endTurn?.();
	});

	const ask = (name) => api.send('POST', `/instances/${instances[name].id}/captures`, { body: {} });
	const confirm = (id) => api.send('POST', `/captures/${id}/confirm`, { body: { overrule: true } });

	/** The capture, once it is in one of these states. */
	const until = (id, states, within = 60_000) => eventually(async () => {
		const now = await api.get(`/captures/${id}`);
		return states.includes(now.state) && now;
	}, { what: `capture ${id} to be ${states}`, within, every: 50 });

	async function quoted(name) {
		const asked = await eventually(async () => {
			const answer = await ask(name);
			return answer.status === 201 && answer; // the agent may just have come back
		}, { what: 'the agent to be there' });
		const card = await until(asked.json.id, ['quoted', ...ENDS]);
		assert.equal(card.state, 'quoted', JSON.stringify(card));
		return card;
	}

	async function running(name) {
		const card = await quoted(name);
		assert.equal((await confirm(card.id)).status, 200);
		return until(card.id, ['running', ...ENDS]);
	}

	const take = (target) => place.run(place.program('tidemark-agent'), ['snapshot', 'take', String(target.pid), '--yes', ...agent.options()],
		{ timeout: 120_000 });

	it('is refused while another is under way on the host', async () => {
		const one = await quoted(LARGE);
		const other = await ask(SMALL);
		assert.equal(other.status, 409, other.text);
		assert.match(other.text, /another capture|under way/);
		assert.equal((await api.send('POST', `/captures/${one.id}/cancel`, { body: {} })).status, 200);
		assert.equal((await api.get(`/captures/${one.id}`)).state, 'cancelled');
	});

	it('is refused on the command line while the agent captures', async () => {
		const capture = await running(LARGE);
		assert.equal(capture.state, 'running', JSON.stringify(capture));
		const refused = take(small);
		assert.equal(refused.status, 4, refused.stdout + refused.stderr);
		assert.match(refused.stdout, /another capture is running on this host/);
		assert.equal((await until(capture.id, ENDS, 120_000)).state, 'done');
		const taken = take(small);
		assert.equal(taken.status, 0, taken.stderr);
	});

	it('fails when the agent is killed in the middle, and the inspector is closed all the same', async () => {
		const capture = await running(LARGE);
		assert.equal(capture.state, 'running', JSON.stringify(capture));
		await eventually(() => isOpen(INSPECTOR), { what: 'the inspector', every: 20, within: 10_000 });
		await agent.kill();
		await eventually(async () => !(await isOpen(INSPECTOR)), { what: 'the inspector to be closed', within: 30_000 });
		await large.load(20);
		agent.start();
		const failed = await until(capture.id, ENDS);
		assert.equal(failed.state, 'failed');
		assert.match(failed.text, /the agent was ended in the middle of it/);
		await large.load(20);
	});

	it('can be asked for again afterwards', async () => {
		const capture = await running(LARGE);
		assert.equal((await until(capture.id, ENDS, 120_000)).state, 'done');
		assert.equal(await isOpen(INSPECTOR), false);
	});

	it('expires when its agent is away, and is not made up for later', async () => {
		const card = await quoted(SMALL);
		await agent.stop();
		assert.equal((await confirm(card.id)).status, 200);
		assert.equal((await api.get(`/captures/${card.id}`)).state, 'ordered');
		server.sql(`UPDATE capture SET deadline_at = now() WHERE id = ${card.id}`); // for minutes to pass
		const expired = await until(card.id, ENDS);
		assert.equal(expired.state, 'expired');
		assert.ok(expired.text.length > 0);
		agent.start();
		const again = await running(SMALL); // by then the agent has heard all that waited for it
		assert.equal((await until(again.id, ENDS)).state, 'done');
		assert.equal((await api.get(`/captures/${card.id}`)).state, 'expired');
		assert.equal((await api.all(`/services/${instances[SMALL].service.id}/snapshots`)).length, 2, 'the one of the command line, and this');
	});

	it('has each in the audit, with who asked', async () => {
		const actions = (await api.all('/audit')).map((row) => row.action);
		for (const action of ['snapshot.refused', 'snapshot.cancel', 'snapshot.failed', 'snapshot.expired', 'snapshot.denied', 'snapshot.done'])
			assert.ok(actions.includes(action), `${action} in ${[...new Set(actions)]}`);
	});
});
