// Central configuration: a change reaches one host, then more, then all; each says what it
// runs; a host's own file wins; a change under which an agent falls silent is taken back.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const SLOW = { within: 90_000, every: 250 };

describe('configuration', () => {
	let place, server, api, group;
	const agents = {};

	before(async () => {
		place = new Place('config');
		server = await new Server(place, { options: ['--watch-interval', '1s'] }).start();
		api = await server.api();
		const token = server.token('--uses', '3');
		agents.one = new Agent(place, { name: 'one', interval: null });
		agents.two = new Agent(place, { name: 'two', interval: null });
		agents.three = new Agent(place, { name: 'three', config: 'central = interval' });
		for (const agent of Object.values(agents)) {
			agent.join(token);
			agent.start();
		}
		await Promise.all(Object.values(agents).map((agent) => agent.stored(server)));
	});
	after(() => place?.close());

	const must = async (method, route, body = {}, status = 200) => {
		const answer = await api.send(method, route, { body });
		assert.equal(answer.status, status, answer.text);
		return answer.json;
	};
	const now = () => api.get(`/config/groups/${group.id}`);
	const states = async () => Object.fromEntries((await api.all('/config/agents'))
		.map((a) => [a.host.name, a]));
	const status = (agent) => place.run(agent.program, ['status', ...agent.options()]).stdout;

	it('shows whom a rule fits before it is made', async () => {
		const fits = await api.get('/config/preview?host=t*');
		assert.equal(fits.hosts, 2);
		assert.deepEqual(fits.items.map((h) => [h.name, h.fits]), [['three', true], ['two', true]]);
		group = await must('POST', '/config/groups', { name: 'all', canary_hosts: 1, part_pct: 50,
			soak_s: 1, silent_s: 5, cpu_pct: 100, rss_bytes: 1 << 30 }, 201);
		assert.equal(group.hosts, 3);
		assert.deepEqual(group.versions.map((v) => v.hosts), [3]);
	});

	it('refuses what no agent would take', async () => {
		for (const [name, value] of [['interval', '0s'], ['interval', 'often'], ['server', 'evil:1'], ['allow_commands', 'yes']])
			assert.equal((await api.send('POST', `/config/groups/${group.id}/revisions`,
				{ body: { settings: { [name]: value } } })).status, 400);
	});

	it('reaches one host, then all, each of which acknowledges it', async () => {
		const revision = await must('POST', `/config/groups/${group.id}/revisions`,
			{ settings: { interval: '1000ms', pss_budget: '0ms' } }, 201);
		assert.deepEqual(revision.settings, { interval: '1s', pss_budget: '0' });
		const begun = await must('POST', `/config/groups/${group.id}/rollout`, { revision: revision.id });
		assert.equal(begun.rollout.stage, 'canary');
		assert.equal(begun.rollout.stage_hosts, 1);
		const seen = new Set();
		await eventually(async () => {
			const g = await now();
			if (g.rollout)
				seen.add(g.rollout.stage);
			return g.good?.id === revision.id && g.counts.same + g.counts.refused === 3;
		}, { ...SLOW, what: 'all to run it' });
		assert.deepEqual([...seen], ['canary', 'part', 'all']);
		const all = await states();
		assert.equal(all.one.state, 'same');
		assert.equal(all.three.state, 'refused');
		assert.deepEqual(all.three.exceptions.map((x) => [x.setting, x.fate]),
			[['interval', 'overridden'], ['pss_budget', 'forbidden']]);
		assert.match(status(agents.one), /interval +1s \(server\)/);
		assert.match(status(agents.three), /interval +1s \(own file\)/);
		await eventually(() => server.number("SELECT interval_ms FROM host WHERE name = 'two'") === 1000,
			{ ...SLOW, what: 'readings every second' });
		assert.equal(server.number('SELECT count(*) FROM gap'), 0);
	});

	it('holds over a restart', async () => {
		await agents.two.stop();
		agents.two.start();
		await eventually(() => /reading every 1000 ms[^]*reading every 1000 ms|every 10000 ms[^]*every 1000 ms/
			.test(place.tailOf('two', 100)), { what: 'its start with what it was told' });
		assert.match(fs.readFileSync(path.join(agents.two.state, 'settings'), 'utf8'), /tries -1/);
	});

	it('is taken back when an agent falls silent under it', async () => {
		const good = (await now()).good.id;
		const revision = await must('POST', `/config/groups/${group.id}/revisions`,
			{ settings: { interval: '1s', min_rss: '1M' }, note: 'smaller ones, too' }, 201);
		await must('POST', `/config/groups/${group.id}/rollout`, { revision: revision.id });
		let canary;
		await eventually(async () => (canary = (await api.all('/config/agents'))
			.find((a) => a.stage === 'canary' && a.acknowledged === revision.id)),
		{ ...SLOW, every: 100, what: 'the canary to acknowledge' });
		// It must not go on by itself before it has fallen silent.
		await must('POST', `/config/groups/${group.id}/pause`);
		const process = agents[canary.host.name].running.child;
		process.kill('SIGSTOP');
		try {
			server.sql(`UPDATE config_group SET soak_s = 600; UPDATE config_revision SET state = 'rolling' WHERE id = ${revision.id}`);
			await eventually(async () => !(await now()).rollout, { ...SLOW, what: 'it to be taken back' });
		} finally {
			process.kill('SIGCONT');
		}
		const [last] = (await api.get(`/config/groups/${group.id}/revisions`)).items;
		assert.equal(last.state, 'rolled_back');
		assert.match(last.reason, new RegExp(`The agent of ${canary.host.name} stopped reporting`));
		assert.equal((await now()).good.id, good);
		await eventually(async () => (await states())[canary.host.name].acknowledged === good,
			{ ...SLOW, what: 'the canary to go back' });
		const audit = await api.all('/audit');
		const row = audit.find((r) => r.action === 'config.rollback');
		assert.equal(row.actor, 'server');
		assert.match(row.detail, /stopped reporting/);
		assert.ok(audit.some((r) => r.action === 'config.good'));
	});

	it('goes back to their own files when the group is gone', async () => {
		await must('DELETE', `/config/groups/${group.id}`);
		await eventually(async () => Object.values(await states()).every((a) => a.state === 'own'),
			{ ...SLOW, what: 'all to run their own files' });
		assert.match(status(agents.one), /interval +10s \(default\)/);
	});
});
