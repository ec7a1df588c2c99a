// Those who are told of alerts, as they are: Debian's Alertmanager and Debian's Exim.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Api, request } from './lib/http.mjs';
import { Place } from './lib/place.mjs';
import { freePorts } from './lib/ports.mjs';
import { Receiver } from './lib/receiver.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const SUPPORT = new URL('../support/', import.meta.url);
const PASSWORD = 'correct horse'; // of those in api_seed.sql
const CONSOLE = 'https://tidemark.example';

/** Which user and group a mail server runs as; nothing when we may not become it. */
function mailOwner() {
	const line = fs.readFileSync('/etc/passwd', 'utf8').match(/^Debian-exim:[^:]*:(\d+):(\d+):/m);
	return process.getuid() === 0 && line ? { uid: Number(line[1]), gid: Number(line[2]) } : null;
}

/** A mail as its headers, unfolded, and its parts, decoded. */
function parse(mail) {
	const at = mail.indexOf('\n\n');
	const headers = {};
	for (const line of mail.slice(0, at).replace(/\n[ \t]+/g, ' ').split('\n')) {
		const [, name, value] = line.match(/^([\w-]+):\s*(.*)$/) ?? [];
		if (name)
			(headers[name.toLowerCase()] ??= []).push(value);
	}
	const boundary = headers['content-type'][0].match(/boundary="(.*)"/)[1];
	const parts = mail.slice(at).split(`--${boundary}`).slice(1, -1)
		.map((part) => Buffer.from(part.slice(part.indexOf('\n\n')), 'base64').toString());
	return { headers, parts };
}

const words = (text) => text.replace(/=\?utf-8\?B\?([^?]*)\?=\s*/g, (_, code) => Buffer.from(code, 'base64').toString('latin1'));

describe('receivers', () => {
	let place, server, receiver, ada, bob, alertmanagers, mail;

	before(async () => {
		place = new Place('receivers');
		receiver = await new Receiver().start();
		const certificate = path.join(place.root, 'cert.pem');
		place.must('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
			'-keyout', path.join(place.root, 'key.pem'), '-out', certificate, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
		{ owner: {} });
		server = new Server(place, { options: ['--roles', 'watch,api', '--notify-networks', 'loopback', '--console-url', CONSOLE,
			'--notify-ca-file', certificate] });
		[alertmanagers, mail] = await Promise.all([startAlertmanagers(), startMail(), server.start()]);
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

	/** Two that know nothing of each other, which post all they hear to /am. */
	async function startAlertmanagers() {
		const config = path.join(place.root, 'alertmanager.yml');
		fs.writeFileSync(config, `
route: {receiver: ours, group_by: [alertname, service, tidemark_alert], group_wait: 0s, group_interval: 1s}
receivers: [{name: ours, webhook_configs: [{url: '${receiver.url}/am'}]}]
`);
		const port = await freePorts(2);
		return [0, 1].map((i) => {
			place.start(`alertmanager-${i}`, 'prometheus-alertmanager', [`--config.file=${config}`,
				`--storage.path=${place.directory(`am-${i}`)}`, `--web.listen-address=127.0.0.1:${port + i}`, '--cluster.listen-address=']);
			return port + i;
		});
	}

	/** Exim with TLS and a login, which puts mails into files. */
	async function startMail() {
		const owner = mailOwner();
		if (!owner)
			return null;
		const port = await freePorts(2);
		const root = place.directory('mail');
		for (const name of ['cert.pem', 'key.pem'])
			fs.copyFileSync(path.join(place.root, name), path.join(root, name));
		fs.mkdirSync(path.join(root, 'box'));
		fs.writeFileSync(path.join(place.root, 'exim.conf'), `
keep_environment =
primary_hostname = mail.example.com
spool_directory = ${root}/spool
log_file_path = ${root}/%slog
pid_file_path = ${root}/pid
daemon_smtp_ports = ${port} : ${port + 1}
tls_on_connect_ports = ${port + 1}
local_interfaces = 127.0.0.1
deliver_drop_privilege
tls_advertise_hosts = *
tls_certificate = ${root}/cert.pem
tls_privatekey = ${root}/key.pem
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  deny message = no such user
       local_parts = nobody-here
  accept authenticated = *
  deny message = log in first
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{tidemark}}{eq{$auth3}{s3cret}}}}
  server_advertise_condition = \${if def:tls_in_cipher}
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  maildir_format
  directory = ${root}/box
  create_directory
  envelope_to_add
`);
		for (const name of fs.readdirSync(root))
			fs.chownSync(path.join(root, name), owner.uid, owner.gid);
		fs.chownSync(root, owner.uid, owner.gid);
		place.start('exim', 'exim4', ['-C', path.join(place.root, 'exim.conf'), '-bdf'], { owner });
		return { port, root };
	}

	/** The mails of somebody. */
	function mails(name) {
		const root = path.join(mail.root, 'box', 'new');
		if (!fs.existsSync(root))
			return [];
		return fs.readdirSync(root).map((file) => parse(fs.readFileSync(path.join(root, file), 'utf8')))
			.filter(({ headers }) => headers['envelope-to'][0].startsWith(name + '@'));
	}

	async function target(options) {
		const answer = await ada.send('POST', '/targets', { body: { events: ['acknowledged'], ...options } });
		assert.equal(answer.status, 201, answer.text);
		return answer.json;
	}

	async function step(verb, body = {}) {
		const answer = await bob.send('POST', `/alerts/1/${verb}`, { body });
		assert.equal(answer.status, 200, answer.text);
		return answer.json;
	}

	const last = async (id) => (await ada.get(`/targets/${id}/messages`)).items[0];

	async function settled(id, state = 'sent') {
		return eventually(async () => {
			const message = await last(id);
			return message?.state === state && message;
		}, { what: `a message that is ${state}` });
	}

	const drop = (...targets) => Promise.all(targets.map(({ id }) => ada.send('DELETE', `/targets/${id}`)));

	/** The post of one alert, by status; the receiver's own status is 200. */
	const post = (where, status) => receiver.of(where).map((letter) => JSON.parse(letter.body))
		.findLast((body) => body.status === status && body.alerts[0].labels.tidemark_alert === '1' && body.alerts[0].annotations.event);

	it('posts what Alertmanager posts, and Alertmanager takes what is pushed', async () => {
		await eventually(async () => {
			for (const port of alertmanagers)
				assert.equal((await request(port, 'GET', '/-/ready')).status, 200);
			return true;
		}, { what: 'the Alertmanagers' });
		const dead = await freePorts(1);
		const events = ['acknowledged', 'resolved'];
		const own = await target({ name: 'ours', kind: 'alertmanager-webhook', url: receiver.url + '/own', events });
		const pushed = await target({ name: 'theirs', kind: 'alertmanager', events,
			url: [...alertmanagers.map((port) => `http://127.0.0.1:${port}`), `http://127.0.0.1:${dead}/`].join(' ') });
		for (const [verb, status, body] of [['acknowledge', 'firing', { note: 'I look' }], ['resolve', 'resolved', {}]]) {
			await step(verb, body);
			const [ours, theirs] = await eventually(() => {
				const both = [post('/own', status), post('/am', status)];
				return both.every(Boolean) && both;
			}, { what: `both posts that are ${status}` });
			assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
			assert.deepEqual(ours.alerts.map((alert) => Object.keys(alert).sort()), theirs.alerts.map((alert) => Object.keys(alert).sort()));
			for (const key of ['receiver', 'status', 'groupLabels', 'commonLabels', 'commonAnnotations', 'version', 'truncatedAlerts', 'groupKey'])
				assert.deepEqual(ours[key], theirs[key], key);
			assert.deepEqual(ours.alerts, theirs.alerts);
			assert.equal(ours.externalURL, CONSOLE);
			assert.equal(ours.alerts[0].generatorURL, `${CONSOLE}/alerts/1`);
		}
		assert.equal((await settled(pushed.id)).tries, 1, 'one of the three that is away keeps nothing back');
		await step('reopen');
		await drop(own, pushed);
	});

	it('renews open alerts, and ends those that are over', async () => {
		const { id } = await target({ name: 'renewed', kind: 'alertmanager', url: `http://127.0.0.1:${alertmanagers[0]}`, events: ['verified'] });
		const held = async () => (await request(alertmanagers[0], 'GET', '/api/v2/alerts')).json.find((alert) => alert.labels.tidemark_alert === '1');
		const renew = () => server.sql(`UPDATE target_state SET renewed_at = '-infinity' WHERE target_id = ${id}`);
		const first = await eventually(held, { what: 'the alert' });
		assert.ok(Date.parse(first.endsAt) > Date.parse(first.updatedAt) + 200_000, first.endsAt);
		await eventually(async () => {
			renew();
			return Date.parse((await held()).endsAt) > Date.parse(first.endsAt);
		}, { every: 1000, what: 'its renewal' });
		await step('resolve');
		await eventually(async () => {
			renew();
			return !await held();
		}, { every: 1000, what: 'its end' });
		await step('reopen');
		await drop({ id });
	});

	it('sends mails that thread, and in which names are nothing but names', async (t) => {
		if (!mail)
			return t.skip('no Exim, or no right to run it');
		const smtp = { kind: 'smtp', url: `smtp://localhost:${mail.port}`, sender: 'tidemark@example.com', username: 'tidemark', password: 's3cret' };
		server.sql(`UPDATE service SET name = E'ché<b>ckout\\r\\nBcc: evil@example.com' WHERE id = 1;
			UPDATE finding SET summary = E'grows\\r\\n.\\r\\nMAIL FROM:<evil@example.com> <script>' WHERE service_id = 1`);
		const both = await target({ ...smtp, name: 'mail', recipients: 'ops@example.com, nobody-here@example.com', events: ['acknowledged', 'reopened'] });
		const direct = await target({ ...smtp, name: 'smtps', url: `smtps://localhost:${mail.port + 1}`, recipients: 'ada@example.com' });
		await step('acknowledge');
		await step('reopen');
		await eventually(() => mails('ops').length === 2 && mails('ada').length === 1, { what: 'the mails' });
		const sent = mails('ops').map(({ headers, parts }) => {
			assert.equal(headers.bcc, undefined);
			assert.deepEqual([headers.from, headers.to].map(([value]) => value), ['Tidemark <tidemark@example.com>', 'ops@example.com, nobody-here@example.com']);
			assert.match(Buffer.from(words(headers.subject[0]), 'latin1').toString(), /^\[Tidemark\] (Acknowledged|Open again): ché<b>ckout {2}Bcc: evil@example\.com/);
			assert.equal(headers.references[0], '<tidemark-alert-1@example.com>');
			assert.equal(headers['auto-submitted'][0], 'auto-generated');
			const [plain, html] = parts;
			assert.match(plain, /grows {2}\. {2}MAIL FROM:<evil@example\.com> <script>/);
			assert.ok(html.includes('&lt;script&gt;') && !html.includes('<script>'));
			assert.ok(html.includes(`<a href="${CONSOLE}/alerts/1">`));
			return headers['message-id'][0];
		});
		assert.equal(new Set(sent).size, 2);
		assert.match((await settled(both.id)).problem, /^1 of 2 recipients were refused: 550 no such user/);
		// A password that is wrong; a server that offers no TLS, to which nothing is said.
		const wrong = await target({ ...smtp, name: 'wrong', password: 'guess', recipients: 'ops@example.com' });
		const heard = [];
		const open = net.createServer((socket) => {
			socket.write('220 open\r\n');
			socket.on('error', () => {});
			socket.on('data', (line) => { heard.push(String(line)); socket.write('250 fine\r\n'); });
		});
		await new Promise((resolve) => open.listen(0, '127.0.0.1', resolve));
		const bare = await target({ ...smtp, name: 'bare', url: `smtp://localhost:${open.address().port}`, recipients: 'ops@example.com' });
		for (const { id } of [wrong, bare])
			await ada.send('POST', `/targets/${id}/test`, { body: {} });
		const problem = (id) => eventually(async () => (await last(id))?.problem, { what: 'the problem' });
		assert.match(await problem(wrong.id), /535/);
		assert.match(await problem(bare.id), /SSL|TLS/);
		assert.ok(!heard.join('').match(/AUTH|MAIL/), heard.join(''));
		open.close();
		await drop(both, direct, wrong, bare);
		server.sql(`UPDATE service SET name = 'checkout' WHERE id = 1`);
	});

	it('speaks to chat services as they document it, and hears their refusals', async () => {
		const kinds = ['slack', 'feishu', 'dingtalk', 'wecom'];
		const made = await Promise.all(kinds.map((kind) => target({ name: kind, kind, url: `${receiver.url}/${kind}?key=1`, password: 'theirs' })));
		await step('acknowledge');
		for (const { id } of made)
			await settled(id);
		const of = (kind) => receiver.of(`/${kind}`).at(-1);
		assert.match(JSON.parse(of('slack').body).text, /^Acknowledged: checkout/);
		const feishu = JSON.parse(of('feishu').body);
		assert.deepEqual(Object.keys(feishu), ['timestamp', 'sign', 'msg_type', 'content']);
		assert.match(feishu.content.text, /^Acknowledged: checkout/);
		assert.match(of('dingtalk').url, /^\/dingtalk\?key=1&timestamp=\d{13}&sign=[\w%]+$/);
		for (const kind of ['dingtalk', 'wecom']) {
			const body = JSON.parse(of(kind).body);
			assert.equal(body.msgtype, 'text');
			assert.match(body.text.content, /^Acknowledged: checkout/);
		}
		receiver.answer = '{"errcode":310000,"errmsg":"sign not match"}';
		await step('reopen');
		await step('acknowledge');
		const problem = await eventually(async () => (await last(made[3].id))?.problem, { what: 'the refusal' });
		assert.equal(problem, 'the receiver answered with error 310000');
		receiver.answer = 'thanks';
		await step('reopen');
		await drop(...made);
	});
});
