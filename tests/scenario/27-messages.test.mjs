// Who is told of alerts: over real HTTP, once it can be, and never what is muted.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Api } from './lib/http.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const SUPPORT = new URL('../support/', import.meta.url);
const PASSWORD = 'correct horse'; // of those in api_seed.sql
const A_MINUTE = 30;

/** Takes what is posted; answers with what it is told to. */
class Receiver {
	constructor() {
		this.got = [];
		this.status = 200;
		this.server = http.createServer((request, answer) => {
			let text = '';
			request.on('data', (part) => { text += part; });
			request.on('end', () => {
				this.got.push({ path: request.url, type: request.headers['content-type'], status: this.status, ...JSON.parse(text) });
				answer.writeHead(this.status, { location: '/elsewhere' }).end('thanks');
			});
		});
	}

	async start() {
		await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		this.url = `http://127.0.0.1:${this.server.address().port}`;
		return this;
	}

	of(path) {
		return this.got.filter((letter) => letter.path === path);
	}

	close() {
		this.server.close();
	}
}

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

	it('sends a trial', async () => {
		const { id } = await target('/trial');
		assert.equal((await ada.send('POST', `/targets/${id}/test`, { body: {} })).status, 200);
		await eventually(() => receiver.of('/trial').length === 1, { what: 'the trial' });
		const [letter] = receiver.of('/trial');
		assert.equal(letter.event, 'test');
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
		for (const url of ['http://169.254.169.254/latest/meta-data', 'http://[fe80::1]/', 'http://0.0.0.0:80/', 'http://[::ffff:169.254.169.254]/']) {
			const made = await ada.send('POST', '/targets', { body: { name: url, kind: 'webhook', url, events: ['opened'] } });
			assert.equal(made.status, 201, made.text);
			await ada.send('POST', `/targets/${made.json.id}/test`, { body: {} });
			const [message] = await eventually(async () => {
				const items = await done(made.json.id);
				return items.length && items;
			}, { what: `the end of ${url}` });
			assert.equal(message.state, 'failed', url);
			assert.match(message.problem, /link-local/);
		}
		for (const url of ['file:///etc/passwd', 'gopher://127.0.0.1/', 'javascript:alert(1)', 'http:///x', 'http://a b/']) {
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
		server.sql(`UPDATE target_state SET tried_at = (SELECT array_agg(a - interval '1 minute') FROM unnest(tried_at) AS a) WHERE target_id = ${id}`);
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
