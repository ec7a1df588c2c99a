// A host is enrolled with a token, and its readings arrive.

import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

describe('first data', () => {
	let place, server, agent, api;

	before(async () => {
		place = new Place('first');
		server = await new Server(place).start();
		agent = new Agent(place, { name: 'web-1' });
	});
	after(() => place?.close());

	it('answers before there is any data', async () => {
		assert.equal((await server.http('GET', '/healthz')).status, 200);
		api = await server.api();
		const fleet = await api.get('/fleet');
		assert.equal(fleet.hosts, 0);
		assert.equal(fleet.services, 0);
	});

	it('enrols a host with a token, once', () => {
		const token = server.token('--uses', '1');
		agent.join(token);
		const second = new Agent(place, { name: 'web-2' }).tryJoin(token);
		assert.notEqual(second.status, 0);
		assert.match(second.stderr, /used up/);
	});

	it('stores its readings', async () => {
		agent.start();
		await agent.stored(server, 3);
		await eventually(() => server.number('SELECT count(*) FROM host_sample') >= 3,
			{ what: 'readings of the host', every: 200 });
		await eventually(() => server.number('SELECT count(*) FROM sample') > 0,
			{ what: 'readings of processes', every: 200 });
	});

	it('shows the host and its services in the API', async () => {
		await eventually(async () => (await api.get('/fleet')).services > 0, { what: 'services' });
		const fleet = await api.get('/fleet');
		assert.equal(fleet.hosts, 1);
		assert.equal(fleet.agents.reporting, 1);
		const [row] = await api.all('/agents');
		assert.equal(row.host.name, 'web-1');
		assert.equal(row.state, 'reporting');
		assert.ok(row.stored_batches >= 3);
		assert.equal(row.refused_batches, 0);
		assert.equal(row.lost_batches, 0);
	});

	// In a PID namespace of its own the agent sees its part of the machine's processes only.
	const apart = readlinkSync('/proc/self/ns/pid') !== 'pid:[4026531836]';
	it('accounts for the memory of the whole host', { skip: apart && 'a PID namespace' }, () => {
		// What services and the rest use together is what the kernel says, within a tenth:
		// all of it is read at slightly different moments.
		const [anon, followed, rest] = server.sql(`
			WITH newest AS (SELECT max(at) AS at FROM host_sample)
			SELECT h.anon_kb, (SELECT sum(rss_anon_kb) FROM sample s WHERE s.at = newest.at), h.rest_anon_kb
			FROM newest JOIN host_sample h USING (at)`)[0].map(Number);
		assert.ok(followed > 0 && rest > 0, `followed ${followed}, rest ${rest}`);
		const ratio = (followed + rest) / anon;
		assert.ok(ratio > 0.75 && ratio < 1.25, `${followed} + ${rest} of ${anon} KiB`);
	});

	it('reads a series back through the API', async () => {
		const [service] = (await api.get('/services?limit=1')).items;
		const now = Date.now();
		const answer = await api.get(`/series?service=${service.id}&metric=rss_kb` +
			`&from=${now - 60_000}&to=${now}&points=60`);
		assert.ok(answer.series.length > 0);
		assert.ok(answer.series.some((line) => line.values.some((value) => value > 0)));
	});
});
