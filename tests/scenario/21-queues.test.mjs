// Jobs in against jobs out: the real Kue, Bull, BullMQ and RabbitMQ, read from outside and
// seen through the whole product; a counter of requests; and sources that are dead, which
// keep no other waiting.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { request } from './lib/http.mjs';
import { Place, SOURCE } from './lib/place.mjs';
import { freePorts } from './lib/ports.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const SHOP = `shop-${process.pid}`; // others may run on this machine
const ADDED = 200;
const FAILED = 19; // every tenth, but the hundredth: that one is never marked done
const RABBIT = '/usr/lib/rabbitmq/bin/rabbitmq-server';

describe('queues', () => {
	let place, server, agent, api, ports, metrics, requests = 1000;

	const file = (name, text) => {
		const at = path.join(place.root, name);
		fs.writeFileSync(at, text);
		fs.chmodSync(at, 0o644);
		return at;
	};

	function startRedis(port) {
		place.start('redis', 'redis-server', ['--port', port, '--bind', '127.0.0.1', '--save', '',
			'--dir', place.directory('redis'), '--requirepass', 'a secret']
			.map(String));
	}

	function startRabbit(port) {
		const data = place.directory('rabbit');
		const epmd = { ERL_EPMD_ADDRESS: '127.0.0.1', ERL_EPMD_PORT: String(port) };
		const config = file('rabbitmq.conf', [
			`listeners.tcp.1 = 127.0.0.1:${port + 1}`,
			'management.tcp.ip = 127.0.0.1',
			`management.tcp.port = ${port + 2}`,
			'collect_statistics_interval = 1000',
			'vm_memory_high_watermark.absolute = 512MiB',
			'disk_free_limit.absolute = 1MB',
		].join('\n') + '\n');
		place.start('epmd', 'epmd', ['-port', String(port), '-address', '127.0.0.1']);
		place.start('rabbit', RABBIT, [], { cwd: data, env: {
			...epmd,
			HOME: data,
			RABBITMQ_NODENAME: `tidemark-${process.pid}@localhost`,
			RABBITMQ_DIST_PORT: String(port + 3),
			RABBITMQ_CONFIG_FILE: config,
			RABBITMQ_CONF_ENV_FILE: '/dev/null',
			RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins', '[rabbitmq_management].\n'),
			RABBITMQ_MNESIA_BASE: path.join(data, 'mnesia'),
			RABBITMQ_LOG_BASE: path.join(data, 'log'),
			RABBITMQ_LOGS: '-',
			RABBITMQ_PID_FILE: path.join(data, 'pid'),
			RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
		} });
	}

	/** The worker of that kind runs where its packages are; its log is its own count. */
	function startJobs(kind) {
		place.start(kind, process.execPath, [path.join(SOURCE, 'tests/scenario/queues/jobs.mjs'), kind,
			String(ports.redis)], { env: { REDIS_PASSWORD: 'a secret' } });
	}

	const ownCount = (kind) => JSON.parse(place.tailOf(kind, 1) || '{}');

	const rabbit = (method, route, body) => request(ports.management, method, `/api${route}`, {
		headers: { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` }, body,
	});

	before(async () => {
		place = new Place('queues');
		const first = await freePorts(7);
		ports = { redis: first, epmd: first + 1, management: first + 3, dead: first + 5, silent: first + 6 };
		startRedis(ports.redis);
		startRabbit(ports.epmd);
		metrics = http.createServer((ask, answer) => answer.end('# TYPE http_requests_total counter\n' +
			`http_requests_total{code="200"} ${requests += 5}\nhttp_requests_total{code="500"} 3\n` +
			`jobs_depth{queue="mail"} 7\njobs_depth{queue="sms"} 2\n`));
		await new Promise((resolve) => { metrics.listen(0, '127.0.0.1', resolve); });
		const url = `http://127.0.0.1:${metrics.address().port}/`;
		const redis = `url = redis://127.0.0.1:${ports.redis}\npassword_file = ${file('password', 'a secret\n')}`;
		const script = file('till.cjs', 'require("node:net").createServer().listen(0, "127.0.0.1");' +
			'module.exports = Buffer.alloc(20 << 20, 1);');
		agent = new Agent(place, { name: 'shop-1', config: [
			`[service ${SHOP}]\ncommand = node ${script}`,
			`load_url = ${url}\nload_metric = http_requests_total{code="200"}`,
			`[queue mails]\nkind = bullmq\n${redis}\nqueues = ma*\nproducers = ${SHOP}`,
			`[queue invoices]\nkind = bull\n${redis}\nprefix = shop\nworkers = shop-*`,
			`[queue pictures]\nkind = kue\n${redis}`,
			`[queue orders]\nkind = rabbitmq\nurl = http://127.0.0.1:${ports.management}\nuser = guest`,
			`password_file = ${file('guest', 'guest')}`,
			`[queue exported]\nkind = prometheus\nurl = ${url}\ndepth = jobs_depth\nlabel = queue`,
			`[queue dead]\nkind = json\nurl = http://127.0.0.1:${ports.dead}/\ndepth = a`,
			`[queue wrong]\nkind = kue\nurl = redis://127.0.0.1:${ports.redis}`,
		].join('\n') });
		place.start('till', process.execPath, [script]);
		server = await new Server(place).start();
		agent.join(server.token());
		agent.start();
		api = await server.api();
		for (const kind of ['bullmq', 'bull', 'kue'])
			startJobs(kind);
	});
	after(async () => {
		metrics?.close();
		await place?.close();
	});

	const queue = async (source, name) => (await api.all('/queues'))
		.find((row) => row.source === source && (!name || row.name === name));

	/** Until the workers have done all they can, and the server knows. */
	async function settled(kind, source) {
		await eventually(() => {
			const did = ownCount(kind);
			return did.added === ADDED && did.done + did.failed + did.stuck === ADDED;
		}, { what: `the jobs of ${kind}`, within: 90_000 })
			.catch((error) => { throw new Error(`${error.message}\n${place.tailOf(kind)}`); });
		const rows = async () => (await api.all('/queues')).filter((row) => row.source === source);
		return eventually(async () => {
			const all = await rows();
			const sum = (name) => all.reduce((total, row) => total + (row[name] ?? 0), 0);
			return sum('entered') === ADDED && sum('completed') + sum('failures') === ADDED - 1 && all;
		}, { what: `what the server knows of ${source}`, within: 30_000 })
			.catch(async (error) => {
				throw new Error(`${error.message}\n${JSON.stringify(await rows())}\n${place.tailOf('shop-1')}`);
			});
	}

	it('counts what goes through BullMQ, and finds the job that is never marked done', async () => {
		const [mail] = await settled('bullmq', 'mails');
		assert.deepEqual([mail.name, mail.kind, mail.depth, mail.active, mail.failed, mail.completed],
			['mail', 'bullmq', 1, 1, FAILED, ADDED - 1 - FAILED]);
		assert.ok(mail.in_per_min > 0 && mail.out_per_min > 0, JSON.stringify(mail));
		await eventually(async () => (await queue('mails')).overdue === 1, { what: 'the overdue job', within: 120_000 });
		assert.deepEqual((await queue('mails')).producers.map((service) => service.name), [SHOP]);
	});

	it('counts what goes through Bull, though finished jobs are removed at once', async () => {
		const [invoice] = await settled('bull', 'invoices');
		assert.deepEqual([invoice.name, invoice.depth, invoice.active, invoice.failed, invoice.completed],
			['invoice', 1, 1, FAILED, ADDED - 1 - FAILED]);
		assert.ok(invoice.workers.some((service) => service.name === SHOP), JSON.stringify(invoice));
	});

	it('counts what goes through Kue, type by type', async () => {
		const types = await settled('kue', 'pictures');
		const of = Object.fromEntries(types.map((row) => [row.name, row]));
		assert.deepEqual(Object.keys(of).sort(), ['gif', 'thumb']);
		// Where several types are done between two looks, which it was is an estimate.
		assert.equal(of.thumb.entered + of.gif.entered, ADDED);
		assert.ok(Math.abs(of.thumb.entered - ADDED / 4) <= ADDED / 10, String(of.thumb.entered));
		assert.equal(of.thumb.depth + of.gif.depth, 1);
	});

	it('reads RabbitMQ through its management API', async () => {
		await eventually(async () => (await rabbit('GET', '/overview').catch(() => ({}))).status === 200,
			{ what: 'RabbitMQ', within: 120_000 })
			.catch((error) => { throw new Error(`${error.message}\n${place.tailOf('rabbit')}`); });
		await rabbit('PUT', '/queues/%2f/basket', {});
		for (let i = 0; i < 5; i++) {
			await rabbit('POST', '/exchanges/%2f/amq.default/publish', { properties:
				{ timestamp: Math.floor(Date.now() / 1000) - 60 }, routing_key: 'basket', payload: 'x',
			payload_encoding: 'string' });
		}
		await rabbit('POST', '/queues/%2f/basket/get', { count: 2, ackmode: 'ack_requeue_false', encoding: 'auto' });
		const basket = await eventually(async () => {
			const row = await queue('orders', 'basket');
			return row?.depth === 3 && row.entered === 5 && row.completed === 2 && row.oldest_ms && row;
		}, { what: 'the basket', within: 60_000 })
			.catch(async (error) => { throw new Error(`${error.message}\n${JSON.stringify(await queue('orders'))}`); });
		assert.ok(basket.oldest_ms >= 60_000 && basket.oldest_ms < 180_000, String(basket.oldest_ms));
	});

	it('makes a queue of each value of a label', async () => {
		assert.equal((await queue('exported', 'mail')).depth, 7);
		assert.equal((await queue('exported', 'sms')).depth, 2);
	});

	it('knows how many requests a service has served, and who waits for it', async () => {
		await eventually(() => server.number(`SELECT max(requests) FROM sample WHERE requests > 0`) > 1000,
			{ what: 'requests', within: 30_000 });
		await eventually(() => server.number('SELECT count(backlog) FROM sample') > 0,
			{ what: 'a backlog', within: 30_000 });
	});

	it('says which sources do not work, and why', async () => {
		const sources = await api.all('/sources');
		const of = Object.fromEntries(sources.map((row) => [row.name, row]));
		for (const name of ['mails', 'invoices', 'pictures', 'orders', 'exported', `load ${SHOP}`])
			assert.equal(of[name]?.works, true, JSON.stringify(of[name]));
		assert.equal(of.dead.works, false);
		assert.match(of.dead.text, /connect/);
		assert.equal(of.wrong.works, false);
		assert.match(of.wrong.text, /NOAUTH/);
	});

	it('gives the same in the terminal', () => {
		const read = place.run(agent.program, ['queues', '--json', ...agent.options()]);
		assert.equal(read.status, 1, read.stderr); // two of them are dead
		const { sources } = JSON.parse(read.stdout);
		const [mail] = sources.find((row) => row.name === 'mails').queues;
		assert.deepEqual([mail.name, mail.entered, mail.depth], ['mail', ADDED, 1]);
		const table = place.run(agent.program, ['queues', ...agent.options()]);
		assert.match(table.stdout, /^invoices +invoice +1 /m);
		assert.match(table.stdout, /^dead +\(json\) failed after/m);
		assert.ok(!(read.stdout + table.stdout).includes('a secret'));
	});
});
