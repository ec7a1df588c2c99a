// The life of an alert, between people who take steps and a watch that follows it: new,
// acknowledged until a time, resolved in a version that nobody runs, and verified.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Api } from './lib/http.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const SUPPORT = new URL('../support/', import.meta.url);
const PASSWORD = 'correct horse'; // of those in api_seed.sql
const LEAK = '/alerts/1';

describe('an alert', () => {
	let place, server, ada, bob;

	const alert = async (api = bob) => (await api.send('GET', LEAK)).json;
	const step = async (api, name, body, revision) => {
		const headers = revision ? { 'if-match': `"${revision}"` } : {};
		return api.send('POST', `${LEAK}/${name}`, { body, headers });
	};
	const until = (what, condition) => eventually(async () => {
		const now = await alert();
		return condition(now) ? now : false;
	}, { within: 120_000, what });

	before(async () => {
		place = new Place('life');
		server = new Server(place, { options: ['--roles', 'api,watch', '--watch-interval', '1s',
			'--verify-host-hours', '2'] });
		await server.start();
		server.sql(fs.readFileSync(new URL('api_seed.sql', SUPPORT), 'utf8'));
		[ada, bob] = await Promise.all(['ada', 'bob'].map(async (name) => {
			const api = new Api(server.port);
			await api.login(name, PASSWORD);
			return api;
		}));
	});

	after(() => place?.close());

	it('is new, and new again when its acknowledgement has run out', async () => {
		assert.equal((await alert()).inbox, 'new');
		const taken = await step(bob, 'acknowledge', { until_ms: Date.now() + 3000, note: 'mine' });
		assert.equal(taken.status, 200, taken.text);
		assert.deepEqual([taken.json.inbox, taken.json.owner], ['acknowledged', 'bob']);
		const again = await until('the acknowledgement to run out', (a) => a.inbox === 'new');
		assert.equal(again.owner, 'bob');
		assert.deepEqual(again.events.at(-1).kind, 'expired');
		assert.match(again.events.at(-1).text, /acknowledgement of bob/);
	});

	it('takes the step of one of two who saw the same', async () => {
		const { revision } = await alert();
		const first = await step(bob, 'resolve', { version: '2.0.1', note: 'listeners' }, revision);
		const second = await step(ada, 'archive', { above_hosts: 3 }, revision);
		assert.equal(first.status, 200, first.text);
		assert.equal(second.status, 412, second.text);
		assert.match(second.json.detail, /moved on/);
	});

	it('waits for the version that fixes it, and is verified by the hours of hosts', async () => {
		const waiting = await alert();
		assert.equal(waiting.resolved_in, '2.0.1');
		assert.deepEqual(waiting.verification, { state: 'waiting', seen_h: 0, needed_h: 2, hosts: 0,
			since_ms: null, verified_at_ms: null });
		server.sql(`INSERT INTO fingerprint (id, service_id, version, runtime) OVERRIDING SYSTEM VALUE
				VALUES (900, 1, '2.0.1', 'node 20.11.1');
			INSERT INTO generation (id, slot_id, fingerprint_id, host_id, boot_id, pid, start_ticks,
				started_at, last_sample_at, command, rule) OVERRIDING SYSTEM VALUE
			VALUES (900, 3, 900, 1, 'b1', 9303, 900, now() - interval '90 minutes', now(),
				'node server.js', 'package.json')`);
		const running = await until('it to run', (a) => a.verification.state !== 'waiting');
		assert.equal(running.verification.state, 'running');
		assert.equal(running.verification.hosts, 1);
		assert.equal(running.verification.seen_h, 1.5);
		server.sql('UPDATE generation SET last_sample_at = now() + interval \'31 minutes\' WHERE id = 900');
		const verified = await until('it to be verified', (a) => a.verification.state === 'verified');
		assert.equal(verified.inbox, 'resolved');
		assert.deepEqual(verified.events.at(-1).kind, 'verified');
		assert.match(verified.events.at(-1).text, /^1 host ran 2\.0\.1 or later for 2 h/);
	});

	it('is counted where it stands, and told in the audit', async () => {
		const { alerts } = await ada.get('/fleet');
		assert.deepEqual([alerts.open, alerts.new, alerts.resolved], [0, 0, 2]);
		const found = await bob.get('/alerts?q=is:resolved+owner:me');
		assert.deepEqual(found.items.map((a) => a.id), [1]);
		const audit = (await ada.get('/audit')).items.filter((r) => r.action.startsWith('alert.'));
		assert.deepEqual(audit.map((r) => `${r.actor} ${r.action}: ${r.detail}`).reverse().at(-1),
			'bob alert.resolve: in 2.0.1: listeners');
	});
});
