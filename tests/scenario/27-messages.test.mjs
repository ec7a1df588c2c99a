// Who is told of alerts: over real HTTP, once it can be, and never what is muted.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Api } from './lib/http.mjs';
import { Place } from './lib/place.mjs';
import { Receiver } from './lib/receiver.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const SUPPORT = new URL('../support/', import.meta.url);
const PASSWORD = 'correct horse'; // of those in api_seed.sql
const A_MINUTE = 30;

describe('messages', () => {
	let place, server, receiver, ada, bob;

	before(async () => {
		place = new Place('messages');
		receiver = await new Receiver().start();
		server = new Server(place, { options: ['--roles', 'watch,api', '--notify-networks', 'loopback', '--console-url', 'https://tidemark.example'] });
		await server.start();
		server.sql(fs.readFileSync(new URL('api_seed.sql', SUPPORT), 'utf8'));
		server.sql('DELETE FROM target');
		[ada, bob] = await Promise.all(['ada', 'bob'].map(async (name) => {
			const api = new Api(server.port);
			await api.login(name, PASSWORD);
			return api;
		}));
	});
	after(async () => {
		receiver?.close();
		await place?.close();
	});

	async function target(path, options = {}) {
		const answer = await ada.send('POST', '/targets', { body: { name: path, kind: 'webhook', url: receiver.url + path,
			events: ['acknowledged'], ...options } });
		assert.equal(answer.status, 201, answer.text);
		return answer.json;
	}

	const done = async (id) => (await ada.get(`/targets/${id}/messages?state=sent,failed`)).items;

	async function step(verb, body = {}) {
		const answer = await bob.send('POST', `/alerts/1/${verb}`, { body });
		assert.equal(answer.status, 200, answer.text);
		return answer.json;
	}

	const aMinutePasses = (id) => server.sql(`UPDATE target_state SET tried_at =
		(SELECT array_agg(a - interval '1 minute' ORDER BY a) FROM unnest(tried_at) AS a) WHERE target_id = ${id}`);

	it('sends a trial', async () => {
		const { id } = await target('/trial');
		assert.equal((await ada.send('POST', `/targets/${id}/test`, { body: {} })).status, 200);
		await eventually(() => receiver.of('/trial').length === 1, { what: 'the trial' });
		const [letter] = receiver.of('/trial');
		assert.equal(letter.event, 'test');
		assert.equal(letter.headers['idempotency-key'], letter.key);
		assert.equal(letter.alert, null);
		assert.match(letter.type, /^application\/json/);
		await eventually(async () => (await done(id))[0]?.state === 'sent', { what: 'the trial to be noted as sent' });
		await ada.send('DELETE', `/targets/${id}`);
	});

	it('tells what was asked for, with the alert and the way to it', async () => {
		const all = await target('/all');
		const others = await target('/others', { service: 'mail*' });
		const after = await step('acknowledge', { note: 'I look' });
		await eventually(() => receiver.of('/all').length === 1, { what: 'the message' });
		const [letter] = receiver.of('/all');
		assert.equal(letter.event, 'acknowledged');
		assert.equal(letter.by, 'bob');
		assert.equal(letter.alert.id, 1);
		assert.equal(letter.alert.state, 'acknowledged');
		assert.equal(letter.alert.summary, after.finding.summary);
		assert.equal(letter.alert.url, 'https://tidemark.example/alerts/1');
		await step('reopen');
		assert.equal(server.number(`SELECT count(*) FROM message WHERE target_id = ${others.id}`), 0);
		assert.equal(server.number(`SELECT count(*) FROM message WHERE target_id = ${all.id}`), 1);
	});

	it('tries again what is not taken, and follows nobody elsewhere', async () => {
		const before = receiver.of('/all').length;
		receiver.status = 302;
		await step('acknowledge');
		await eventually(() => receiver.of('/all').length > before, { what: 'the first try' });
		const [{ id }] = await ada.get('/targets').then((page) => page.items.filter((t) => t.name === '/all'));
		await eventually(async () => {
			const { items } = await ada.get(`/targets/${id}/messages?state=waiting`);
			return items[0]?.problem === 'the receiver answered with 302';
		}, { what: 'the problem' });
		receiver.status = 204;
		await eventually(() => receiver.of('/all').length > before + 1, { what: 'the second try' });
		assert.equal(receiver.of('/all').at(-1).try, 2);
		assert.equal(receiver.of('/elsewhere').length, 0);
		await step('reopen');
		receiver.status = 200;
	});

	/** As docs/alerts.md tells receivers to do. */
	function verified(letter, secret) {
		const fields = letter.headers['tidemark-signature'].split(',').map((field) => field.split('='));
		const [, at] = fields.find(([name]) => name === 't');
		assert.ok(Math.abs(Date.now() / 1000 - at) < 300, 'too old');
		const mac = crypto.createHmac('sha256', secret).update(`${at}.${letter.body}`).digest('hex');
		return fields.some(([name, value]) => name === 'v1' && value === mac);
	}

	it('signs what it posts, with two secrets while one takes over from the other', async () => {
		const { id, secret } = await target('/signed');
		const trial = async () => {
			const before = receiver.of('/signed').length;
			await ada.send('POST', `/targets/${id}/test`, { body: {} });
			await eventually(() => receiver.of('/signed').length > before, { what: 'a trial' });
			return receiver.of('/signed').at(-1);
		};
		assert.match(secret, /^tms1_[0-9a-f]{64}$/);
		assert.ok(verified(await trial(), secret));
		assert.ok(!verified(await trial(), 'tms1_' + '0'.repeat(64)));
		const turned = await ada.send('POST', `/targets/${id}/secret`, { body: { overlap_hours: 1 } });
		assert.equal(turned.status, 200, turned.text);
		const both = await trial();
		assert.ok(verified(both, secret) && verified(both, turned.json.secret));
		server.sql(`UPDATE target_secret SET old_until = now() WHERE target_id = ${id}`);
		const one = await trial();
		assert.ok(!verified(one, secret) && verified(one, turned.json.secret));
		for (const answer of [await ada.get('/targets'), await ada.get(`/targets/${id}/messages`)])
			assert.ok(!JSON.stringify(answer).includes('tms1_'));
		await ada.send('DELETE', `/targets/${id}`);
	});

	it('lets nobody wait for a receiver that does not answer', async () => {
		const slow = await Promise.all(['/hang1', '/hang2', '/hang3'].map((path) => target(path)));
		const quick = await target('/quick');
		for (const { id } of slow)
			await ada.send('POST', `/targets/${id}/test`, { body: {} });
		await eventually(async () => {
			if (receiver.hanging.size < 3) // they were cut after ten seconds: again
				for (const { id } of slow)
					await ada.send('POST', `/targets/${id}/test`, { body: {} });
			const before = receiver.of('/quick').length;
			await ada.send('POST', `/targets/${quick.id}/test`, { body: {} });
			await eventually(() => receiver.of('/quick').length > before, { what: 'the quick one' });
			return receiver.hanging.size === 3;
		}, { what: 'somebody to be told while three do not answer' });
		for (const { id } of [...slow, quick])
			await ada.send('DELETE', `/targets/${id}`);
	});

	it('tells at least once after an outage of an hour, in order, and marks what comes twice', async () => {
		const { id } = await target('/outage', { events: ['acknowledged', 'reopened'] });
		receiver.status = 503;
		for (const verb of ['acknowledge', 'reopen', 'acknowledge'])
			await step(verb);
		const failures = () => server.number(`SELECT failures FROM target_state WHERE target_id = ${id}`);
		await eventually(() => failures() === 1, { what: 'the first try' });
		for (let minutes = 0; minutes < 60; minutes += 15) {
			const before = failures();
			server.sql(`UPDATE message SET made_at = made_at - interval '15 minutes', due_at = due_at - interval '15 minutes',
					next_at = next_at - interval '15 minutes' WHERE target_id = ${id};
				UPDATE target_state SET next_at = now() WHERE target_id = ${id}`);
			await eventually(() => failures() > before, { what: 'another try' });
		}
		// The longest rest is ten minutes; whatever is left of it passes.
		receiver.status = 200;
		server.sql(`UPDATE target_state SET next_at = now() WHERE target_id = ${id}`);
		await eventually(() => server.number(`SELECT count(*) FROM message WHERE target_id = ${id} AND state = 'sent'`) === 3,
			{ what: 'all of it' });
		const taken = receiver.of('/outage').filter((letter) => letter.status === 200);
		assert.deepEqual(taken.map((letter) => letter.event), ['acknowledged', 'reopened', 'acknowledged']);
		const keys = new Set(receiver.of('/outage').map((letter) => letter.key));
		assert.equal(keys.size, 3, 'each try of a message has its key');
		assert.ok(receiver.of('/outage').length > 3, 'what was answered with 503 may have been taken');
		await step('reopen');
		await ada.send('DELETE', `/targets/${id}`);
	});

	it('tells of what is silenced when the silence ends, if it is still open', async () => {
		const { id } = await target('/later', { events: ['acknowledged', 'reopened'] });
		const silence = await bob.send('POST', '/silences', { body: { service: 'checkout', ends_at_ms: Date.now() + 600_000, reason: 'a trial' } });
		for (const verb of ['acknowledge', 'reopen', 'acknowledge', 'reopen'])
			await step(verb);
		const states = () => server.sql(`SELECT state FROM message WHERE target_id = ${id} ORDER BY id`).flat();
		assert.deepEqual(states(), ['muted', 'muted'], 'what was acknowledged needs no word');
		assert.equal((await ada.get('/targets')).items.find((t) => t.id === id).messages.muted, 2);
		await bob.send('DELETE', `/silences/${silence.json.id}`);
		await eventually(() => receiver.of('/later').length === 1, { what: 'the message' });
		const [letter] = receiver.of('/later');
		assert.deepEqual([letter.event, letter.silenced, letter.alert.id], ['reopened', true, 1]);
		// Of what is dealt with before the silence ends, nobody hears.
		const second = await bob.send('POST', '/silences', { body: { service: 'checkout', ends_at_ms: Date.now() + 600_000, reason: 'a trial' } });
		await step('acknowledge');
		await step('reopen');
		await step('acknowledge');
		await eventually(() => states().join() === 'sent', { what: 'it to be forgotten' });
		await bob.send('DELETE', `/silences/${second.json.id}`);
		await step('reopen');
		await ada.send('DELETE', `/targets/${id}`);
	});

	it('folds what is held back into one message that says which', async () => {
		const { id } = await target('/fold', { a_minute: 3, enabled: false });
		server.sql(`INSERT INTO message (target_id, event_id) SELECT ${id}, (SELECT min(id) FROM alert_event WHERE alert_id = 1)
			FROM generate_series(1, 12)`);
		const wish = { name: '/fold', kind: 'webhook', url: receiver.url + '/fold', events: ['acknowledged'], a_minute: 3 };
		assert.equal((await ada.send('PUT', `/targets/${id}`, { body: wish })).status, 200);
		await eventually(() => server.number(`SELECT count(*) FROM message WHERE target_id = ${id} AND state = 'folded'`) > 0,
			{ what: 'them to be folded' });
		assert.ok(receiver.of('/fold').length <= 3, 'never more than its rate');
		aMinutePasses(id);
		const digest = await eventually(() => receiver.of('/fold').find((letter) => letter.digest), { what: 'the digest' });
		assert.equal(digest.digest.count + receiver.of('/fold').length - 1, 12, 'nothing is lost');
		assert.deepEqual([digest.event, digest.alert, digest.digest.items.length], ['digest', null, digest.digest.count]);
		assert.deepEqual([digest.digest.items[0].alert, digest.digest.items[0].service], [1, 'checkout']);
		const { items } = await ada.get(`/targets/${id}/messages`);
		const folded = items.filter((m) => m.state === 'folded');
		const whole = items.find((m) => m.event === 'digest');
		assert.ok(folded.length === whole.digest && folded.every((m) => m.folded_into === whole.id));
		await ada.send('DELETE', `/targets/${id}`);
	});

	it('keeps dead letters for people, who send them again or drop them', async () => {
		const { id } = await target('/dead');
		receiver.status = 410;
		for (let i = 0; i < 2; i++)
			await ada.send('POST', `/targets/${id}/test`, { body: {} });
		server.sql(`UPDATE message SET due_at = now() - interval '25 hours' WHERE target_id = ${id}`);
		const dead = await eventually(async () => {
			const { items } = await ada.get('/messages?state=failed');
			const ours = items.filter((m) => m.target.id === id);
			return ours.length === 2 && ours;
		}, { what: 'both to be given up' });
		assert.equal(dead[0].problem, 'the receiver answered with 410');
		assert.match((await server.http('GET', '/metrics')).text, /tidemark_notify_messages\{target="\/dead",kind="webhook",state="failed"\} 2/);
		receiver.status = 200;
		const before = receiver.of('/dead').length;
		assert.equal((await ada.send('POST', `/messages/${dead[0].id}/retry`, { body: {} })).status, 200);
		assert.equal((await ada.send('POST', `/messages/${dead[1].id}/drop`, { body: {} })).status, 200);
		assert.equal((await ada.send('POST', `/messages/${dead[1].id}/drop`, { body: {} })).status, 404);
		await eventually(() => receiver.of('/dead').length === before + 1, { what: 'the one that was sent again' });
		await eventually(() => server.sql(`SELECT state FROM message WHERE target_id = ${id} ORDER BY id`).flat().sort().join() === 'dropped,sent',
			{ what: 'both to be settled' });
		assert.equal(server.number(`SELECT count(*) FROM audit WHERE action IN ('message.retry', 'message.drop')`), 2);
		await ada.send('DELETE', `/targets/${id}`);
	});

	it('keeps a password for those whom it was given for', async () => {
		const wish = { name: '/secret', kind: 'webhook', url: receiver.url + '/secret', events: ['opened'], username: 'tidemark', password: 'hunter2' };
		const { json } = await ada.send('POST', '/targets', { body: wish });
		assert.ok(json.has_password && !('password' in json));
		await ada.send('POST', `/targets/${json.id}/test`, { body: {} });
		await eventually(() => receiver.of('/secret').length === 1, { what: 'the trial' });
		assert.equal(receiver.of('/secret')[0].headers.authorization, 'Basic ' + btoa('tidemark:hunter2'));
		const { password, ...moved } = { ...wish, url: receiver.url + '/thief' };
		const refused = await ada.send('PUT', `/targets/${json.id}`, { body: moved });
		assert.equal(refused.status, 400, refused.text);
		assert.match(refused.text, /password/);
		const renamed = await ada.send('PUT', `/targets/${json.id}`, { body: { ...moved, name: 'other', url: wish.url } });
		assert.ok(renamed.status === 200 && renamed.json.has_password, renamed.text);
		await ada.send('DELETE', `/targets/${json.id}`);
	});

	it('tells nobody of what is silenced', async () => {
		const silence = await bob.send('POST', '/silences', { body: { service: 'checkout', ends_at_ms: Date.now() + 600_000, reason: 'a trial' } });
		assert.ok(silence.status < 300, silence.text);
		const before = server.number('SELECT count(*) FROM message');
		await step('acknowledge');
		await step('reopen');
		assert.equal(server.number('SELECT count(*) FROM message'), before);
		await bob.send('DELETE', `/silences/${silence.json.id}`);
	});

	it('reaches for nothing that is nobody’s', async () => {
		const urls = ['http://169.254.169.254/latest/meta-data', 'http://[fe80::1]/', 'http://0.0.0.0:80/', 'http://[::ffff:169.254.169.254]/',
			'http://[64:ff9b::a9fe:a9fe]/', 'http://[2002:a9fe:a9fe::1]/', 'http://100.100.100.200/', 'http://[fd00:ec2::254]/'];
		const made = await Promise.all(urls.map((url) => target(url, { url })));
		for (const { id } of made)
			await ada.send('POST', `/targets/${id}/test`, { body: {} });
		for (const { id, url } of made) {
			const [message] = await eventually(async () => {
				const items = await done(id);
				return items.length && items;
			}, { what: `the end of ${url}` });
			assert.equal(message.state, 'failed', url);
			assert.match(message.problem, /link-local/);
		}
		const inside = await target('http://10.255.255.1/', { url: 'http://10.255.255.1/' });
		await ada.send('POST', `/targets/${inside.id}/test`, { body: {} });
		const waits = await eventually(async () => (await ada.get(`/targets/${inside.id}/messages`)).items.find((m) => m.problem), { what: 'the problem' });
		assert.equal(waits.state, 'waiting', 'somebody may name the network yet');
		assert.match(waits.problem, /notify_networks/);
		for (const url of ['file:///etc/passwd', 'smtp://mail.example.com', 'http://ada:secret@example.com/', 'gopher://127.0.0.1/', 'javascript:alert(1)', 'http:///x', 'http://a b/']) {
			const made = await ada.send('POST', '/targets', { body: { name: 'x', kind: 'webhook', url, events: ['opened'] } });
			assert.equal(made.status, 400, url);
			assert.match(made.text, /"\/url"/);
		}
	});

	it('holds back more than so many a minute, and says when they were made', async () => {
		const { id } = await target('/many');
		server.sql(`INSERT INTO message (target_id) SELECT ${id} FROM generate_series(1, ${A_MINUTE + 5})`);
		await eventually(() => receiver.of('/many').length === A_MINUTE, { what: 'as many as may go' });
		assert.equal(server.number(`SELECT count(*) FROM message WHERE target_id = ${id} AND state = 'waiting'`), 5);
		aMinutePasses(id);
		await eventually(() => receiver.of('/many').length === A_MINUTE + 5, { what: 'the rest' });
		assert.ok(receiver.of('/many').every((letter) => letter.made_at_ms > 0));
	});

	it('goes on after it was killed, and loses nothing', async () => {
		await server.kill();
		await server.start();
		await eventually(async () => (await new Api(server.port).login('ada', PASSWORD)), { what: 'to log in' });
		const before = receiver.of('/all').length;
		await step('acknowledge');
		await eventually(() => receiver.of('/all').length === before + 1, { what: 'the message after the restart' });
	});
});
