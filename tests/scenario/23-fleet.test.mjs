// A simulated fleet: 200 hosts send two days of virtual time as fast as they can, in which
// one of their services is deployed. The server stores every reading once and seals the
// days that are over; what is kept is what the fleet says that it sent.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Fleet } from './lib/fleet.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const AGENTS = 200, PROCESSES = 2;

describe('a fleet', () => {
	let place, server, api, said;

	before(async () => {
		place = new Place('fleet');
		server = new Server(place, { options: ['--watch-interval', '2s'] });
		await server.start();
		api = await server.api();
	});
	after(() => place?.close());

	it('is stored as fast as it sends, every reading once', async () => {
		const fleet = new Fleet(place, { token: server.token('--uses', String(AGENTS)), agents: AGENTS,
			options: ['--metrics', 4, '--processes', PROCESSES, '--services', PROCESSES, '--interval', '2m', '--ticks', 15,
				'--virtual', '-2d..now', '--shape', 'steady', '--leak-version', '2.0.0', '--leak-rate', '1.5',
				'--report', '1s'] }).start();
		[said] = await fleet.finish();
		assert.equal(said.status, 0, place.tailOf('fleet-1'));
		assert.equal(said.acknowledged_samples, said.samples);
		assert.equal(said.samples, said.host_samples * PROCESSES);
		for (const [host, sequence] of server.sql(`SELECT h.name, upper(range_merge(s.stored)) - 1
			FROM stream s JOIN agent a ON a.id = s.agent_id JOIN host h ON h.id = a.host_id`)) {
			const member = said.members.find((each) => each.host === host);
			assert.equal(Number(sequence), member.last_sequence, host);
		}
		assert.equal((await api.get('/fleet')).hosts, AGENTS);
	});

	it('seals the days that are over', async () => {
		const day = 86_400_000, sealed = Math.floor((said.end_at_ms - 1_800_000) / day) * day;
		const status = await eventually(() => {
			const now = JSON.parse(server.command('storage', 'status', '--json'));
			return now.sealed_ms >= sealed && now;
		}, { within: 600_000, every: 1000, what: 'the days to be sealed' });
		assert.ok(status.chunk_days >= 1, JSON.stringify(status));
		// Rollups count the readings of sealed days; the newest day is in hot rows as well.
		for (const { name, samples } of said.services) {
			const kept = server.number(`SELECT
				(SELECT coalesce(sum(each), 0) FROM slot_rollup r JOIN slot s ON s.id = r.slot_id
					JOIN service v ON v.id = s.service_id, unnest(r.n) AS each
					WHERE v.name = '${name}' AND r.metric = 0)
				+ (SELECT count(*) FROM sample r JOIN generation g ON g.id = r.generation_id
					JOIN slot s ON s.id = g.slot_id JOIN service v ON v.id = s.service_id
					WHERE v.name = '${name}' AND r.at >= to_timestamp(${status.sealed_ms} / 1000.0))`);
			const sent = Object.values(samples).reduce((sum, count) => sum + count, 0);
			assert.equal(kept, sent, name);
		}
		const verified = JSON.parse(server.command('storage', 'verify', '--json'));
		assert.deepEqual(verified.damages, []);
		assert.ok(verified.values > 0);
	});
});
