// Two PostgreSQLs under Patroni, with etcd and synchronous replication. The leader is lost with
// its Patroni while a fleet sends; the standby becomes leader, and the server, which knows both,
// goes on there.

import fs from 'node:fs';
import path from 'node:path';
import { Fleet } from '../../scenario/lib/fleet.mjs';
import { request } from '../../scenario/lib/http.mjs';
import { Place, processesUnder } from '../../scenario/lib/place.mjs';
import { freePorts } from '../../scenario/lib/ports.mjs';
import { Server } from '../../scenario/lib/server.mjs';
import { eventually, sleep } from '../../scenario/lib/wait.mjs';

const TTL_S = 20, AGENTS = 40;

export default {
	id: 'R6',
	title: 'Patroni failover',
	asked: '0 acknowledged lost, no storing for at most ttl + 5 s',
	longOnly: "two minutes, with Debian's patroni and etcd-server",

	async run() {
		for (const program of ['/usr/bin/patroni', '/usr/bin/etcd'])
			if (!fs.existsSync(program))
				return { why: `needs ${program}` };
		const place = new Place('patroni');
		try {
			return await failOver(place);
		} finally {
			await place.close();
		}
	},
};

/** A node of the cluster: Patroni and its PostgreSQL. */
class Node {
	constructor(place, name, port, etcdPort) {
		Object.assign(this, { place, name, port, rest: port + 1, folder: place.directory(name) });
		this.config = path.join(place.root, `${name}.yml`);
		fs.writeFileSync(this.config, JSON.stringify({ // which is YAML, too
			scope: 'tidemark', name,
			restapi: { listen: `127.0.0.1:${this.rest}`, connect_address: `127.0.0.1:${this.rest}` },
			etcd3: { host: `127.0.0.1:${etcdPort}` },
			bootstrap: {
				dcs: { ttl: TTL_S, loop_wait: 5, retry_timeout: 5, synchronous_mode: true,
					postgresql: { use_pg_rewind: false } },
				initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }],
			},
			postgresql: {
				listen: `127.0.0.1:${port}`, connect_address: `127.0.0.1:${port}`,
				data_dir: path.join(this.folder, 'data'), bin_dir: '/usr/lib/postgresql/15/bin', pgpass: path.join(this.folder, 'pgpass'),
				pg_hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust', 'local all all trust'],
				parameters: { unix_socket_directories: this.folder, max_connections: 100, shared_buffers: '32MB', jit: 'off' },
				authentication: { superuser: { username: 'postgres', password: 'x' }, replication: { username: 'standby', password: 'x' } },
			},
		}));
	}

	start() {
		this.running = this.place.start(this.name, '/usr/bin/patroni', [this.config], { env: { LC_ALL: 'C.UTF-8' } });
		return this;
	}

	async is(what) {
		return (await request(this.rest, 'GET', `/${what}`, { timeout: 3000 })).status === 200;
	}

	/** Power fails: PostgreSQL and Patroni at once. */
	async kill() {
		const ended = this.place.end(this.running, 'SIGKILL');
		for (const pid of processesUnder(this.folder))
			try {
				process.kill(pid, 'SIGKILL');
			} catch {
				// ended with another one
			}
		await ended;
	}
}

/** A server whose database is not its own. */
class Guest extends Server {
	constructor(place, database) {
		super(place, { options: ['--database', database] });
		this.database = database;
	}

	commandOptions() {
		return [...super.commandOptions(), '--database', this.database];
	}

	sql(query) {
		return this.place.must('psql', ['-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-d', this.database, '-c', query])
			.split('\n').filter(Boolean).map((line) => line.split('\t'));
	}
}

async function failOver(place) {
	const port = await freePorts(6);
	const url = (at) => `http://127.0.0.1:${at}`;
	place.start('etcd', '/usr/bin/etcd', ['--data-dir', place.directory('etcd'), '--name', 'one',
		'--listen-client-urls', url(port), '--advertise-client-urls', url(port), '--listen-peer-urls', url(port + 1),
		'--initial-advertise-peer-urls', url(port + 1), '--initial-cluster', `one=${url(port + 1)}`]);
	const nodes = [new Node(place, 'pg-a', port + 2, port).start()];
	await eventually(() => nodes[0].is('leader'), { within: 90_000, every: 500, what: 'a leader' })
		.catch((error) => { throw new Error(`${error.message}\n${place.tailOf('pg-a')}`); });
	nodes.push(new Node(place, 'pg-b', port + 4, port).start());
	await eventually(() => nodes[1].is('sync'), { within: 90_000, every: 500, what: 'a synchronous standby' })
		.catch((error) => { throw new Error(`${error.message}\n${place.tailOf('pg-b')}`); });

	const server = await new Guest(place, `host=127.0.0.1,127.0.0.1 port=${nodes.map((node) => node.port).join(',')} user=postgres ` +
		'dbname=postgres target_session_attrs=read-write connect_timeout=2').start();
	const fleet = new Fleet(place, { token: server.token('--uses', String(AGENTS)), agents: AGENTS,
		options: ['--processes', 5, '--metrics', 4, '--interval', '1s', '--report', '1s', '--no-members'] }).start();
	const count = () => server.number(`SELECT count(DISTINCT (generation_id, at)) FROM
		(SELECT generation_id, at FROM sample UNION ALL SELECT generation_id, at FROM sample_late) s
		JOIN generation g ON g.id = generation_id JOIN slot ON slot.id = g.slot_id JOIN host ON host.id = slot.host_id
		WHERE host.name LIKE 'sim-%'`);
	await eventually(() => fleet.now()?.acknowledged > 5 * AGENTS, { within: 60_000, what: 'the fleet to send' });
	await nodes[0].kill();
	const began = performance.now();
	await sleep(500); // what was under way
	const had = fleet.now().acknowledged;
	await eventually(() => fleet.now().acknowledged > had + AGENTS, { within: 180_000, every: 100, what: 'readings to be stored again' })
		.catch((error) => { throw new Error(`${error.message}\n${place.tailOf('server')}\n${place.tailOf('pg-b')}`); });
	const gapS = (performance.now() - began) / 1000;
	await sleep(3000);
	fleet.stop();
	const [said] = await fleet.finish();
	const stored = count();
	if (stored !== said.acknowledged_samples || said.refused)
		throw new Error(`${said.acknowledged_samples} readings acknowledged, ${stored} stored, ${said.refused} refused`);
	return { met: gapS <= TTL_S + 5,
		seen: `${stored} readings acknowledged, 0 lost; stored again ${gapS.toFixed(1)} s after the leader was lost (ttl ${TTL_S} s)` };
}
