// Services under the real pm2, with no configuration: they are called as `pm2 ls` calls
// them, every worker keeps its slot, and each of its processes is a generation of it,
// whether it was killed, reloaded or restarted for its memory.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Place, SOURCE } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

// Other stories, and people, may run pm2 on this machine.
const WEB = `web-p${process.pid}`, MAIL = `mail-p${process.pid}`, HOG = `hog-p${process.pid}`,
	FRONT = `front-p${process.pid}`;
const WORKERS = 3;
const SLOW_END_MS = 5000; // a reload has both processes of a worker for some readings
const WITHIN = { within: 60_000, every: 300 };

const PROGRAMS = {
	'package.json': JSON.stringify({ name: `shop-${process.pid}`, version: '1.4.0', scripts: { start: 'node front.js' } }),
	'server.js': `require('http').createServer((request, answer) => answer.end()).listen(process.env.SOCKET);
		process.on('SIGINT', () => setTimeout(process.exit, ${SLOW_END_MS}));`,
	'worker.js': 'setInterval(() => {}, 1000);',
	'front.js': 'setInterval(() => {}, 1000);',
	// Grows by 10 MiB a step while the file is there.
	'hog.js': `const kept = [];
		setInterval(() => require('fs').existsSync('grow') && kept.push(Buffer.alloc(10 << 20, 1)), 200);`,
};

describe('services under pm2', () => {
	let place, server, agent, shop, pm2;

	before(async () => {
		place = new Place('pm2');
		server = await new Server(place).start();
		agent = new Agent(place, { name: 'shop-1', interval: '1s' });
		agent.join(server.token());
		agent.start();
		shop = place.directory('shop');
		for (const [file, text] of Object.entries(PROGRAMS))
			fs.writeFileSync(path.join(shop, file), text, { mode: 0o644 });
		fs.writeFileSync(path.join(shop, 'pm2.config.js'), `module.exports = { apps: ${JSON.stringify([
			{ name: WEB, script: 'server.js', instances: WORKERS, exec_mode: 'cluster', kill_timeout: 3 * SLOW_END_MS, env: { SOCKET: path.join(shop, 'socket') } },
			{ name: MAIL, script: 'worker.js', args: '--password hunter2' },
			{ name: HOG, script: 'hog.js', max_memory_restart: '150M' },
			{ name: FRONT, script: 'npm', args: 'start' },
		])} };`);
		const copy = path.join(place.root, 'pm2');
		fs.cpSync(path.join(SOURCE, 'tests/scenario/pm2/node_modules'), path.join(copy, 'node_modules'), { recursive: true });
		const program = path.join(copy, 'node_modules/pm2/bin/pm2');
		const env = { PM2_HOME: place.directory('.pm2'), PM2_DISCRETE_MODE: 'true', PM2_WORKER_INTERVAL: '1000' };
		pm2 = (...args) => place.must(process.execPath, [program, ...args], { cwd: shop, env });
		pm2('start', 'pm2.config.js');
	});
	after(async () => {
		try {
			pm2?.('kill');
		} finally {
			await place?.close();
		}
	});

	const listed = (name) => JSON.parse(pm2('jlist').replace(/^[^[]*/, '')).filter((row) => row.name === name);
	const pids = (name) => listed(name).map((row) => row.pid).sort();

	// Slot and pid of each generation of a service, oldest first.
	const generations = (name) => server.sql(`SELECT slot.ordinal, pid, rule FROM generation
		JOIN slot ON slot.id = slot_id JOIN service ON service.id = service_id
		WHERE service.name = '${name}' ORDER BY started_at, generation.id`)
		.map(([slot, pid, rule]) => ({ slot: Number(slot), pid: Number(pid), rule }));
	const slots = (name) => [...new Set(generations(name).map((row) => row.slot))].sort();
	const newest = (name) => new Map(generations(name).map((row) => [row.slot, row.pid]));
	const settled = (name) => eventually(() => {
		const known = [...newest(name).values()].sort();
		return known.join() === pids(name).join();
	}, { ...WITHIN, what: `the processes of ${name}` });

	it('calls them as pm2 ls does, the daemon is none of them', async () => {
		await settled(WEB);
		await settled(MAIL);
		await settled(HOG);
		assert.deepEqual(slots(WEB), [0, 1, 2]);
		assert.deepEqual(slots(MAIL), [0]);
		assert.ok(generations(WEB).every((row) => row.rule === 'pm2'));
		const daemon = Number(fs.readFileSync(path.join(place.root, '.pm2/pm2.pid'), 'utf8'));
		const [service] = server.sql(`SELECT service.name FROM generation JOIN slot ON slot.id = slot_id
			JOIN service ON service.id = service_id WHERE pid = ${daemon} ORDER BY started_at DESC LIMIT 1`);
		assert.deepEqual(service, ['pm2']);
	});

	it('gives pm2\'s name to what npm starts for it, and not to npm', async () => {
		const [command] = await eventually(() => server.sql(`SELECT command, pid FROM generation
			JOIN slot ON slot.id = slot_id JOIN service ON service.id = service_id
			WHERE service.name = '${FRONT}'`)[0], { ...WITHIN, what: FRONT });
		assert.equal(command, 'node front.js');
		assert.equal(slots(FRONT).length, 1);
	});

	it('gives a worker that was killed its slot again', async () => {
		const before = newest(WEB);
		const [slot, pid] = [...before][1];
		process.kill(pid, 'SIGKILL');
		await eventually(() => !pids(WEB).includes(pid) && pids(WEB).length === WORKERS, { ...WITHIN, what: 'pm2 to start another' });
		await settled(WEB);
		assert.deepEqual(slots(WEB), [0, 1, 2]);
		assert.notEqual(newest(WEB).get(slot), pid);
		assert.equal(generations(WEB).length, WORKERS + 1);
		for (const [other, unchanged] of before)
			assert.ok(other === slot || newest(WEB).get(other) === unchanged);
	});

	it('keeps the slots through pm2 reload', async () => {
		const before = pids(WEB);
		pm2('reload', WEB);
		await settled(WEB);
		assert.ok(pids(WEB).every((pid) => !before.includes(pid)));
		assert.deepEqual(slots(WEB), [0, 1, 2]);
		assert.equal(generations(WEB).length, 2 * WORKERS + 1);
	});

	it('keeps the slot through restarts for memory', async () => {
		fs.writeFileSync(path.join(shop, 'grow'), '');
		const [before] = pids(HOG);
		await eventually(() => pids(HOG)[0] !== before, { ...WITHIN, what: 'pm2 to restart it' });
		fs.rmSync(path.join(shop, 'grow'));
		await settled(HOG);
		assert.deepEqual(slots(HOG), [0]);
		assert.ok(generations(HOG).length >= 2);
	});

	const services = (config) => {
		const file = path.join(place.root, 'services.conf');
		fs.writeFileSync(file, `${fs.readFileSync(agent.config, 'utf8')}\n${config}`);
		const text = place.must(agent.program, ['services', '--json', '--config', file, '--state-dir', agent.state]);
		assert.doesNotMatch(text, /hunter2/);
		return JSON.parse(text).services;
	};

	it('says by hand what it found, by which rule, and how often it was restarted', async () => {
		const web = services('').find((row) => row.name === WEB);
		assert.equal(web.rule, 'pm2');
		assert.deepEqual(web.processes.map((row) => row.slot), [0, 1, 2]);
		assert.deepEqual(web.processes.map((row) => row.restarts).sort(), [1, 1, 2]);
		assert.ok(web.processes.every((row) => row.version === '1.4.0' && Date.parse(row.started_at) > 0));
	});

	it('lets the configuration merge, rename and ignore', async () => {
		const found = services(`[service shop]\nservice = ${WEB}, ${MAIL}\n[service junk]\nservice = ${HOG}\nignore = yes\n`);
		const shopOf = found.find((row) => row.name === 'shop');
		assert.equal(shopOf.rule, 'configured');
		assert.deepEqual(shopOf.processes.map((row) => row.pid).sort(), [...pids(WEB), ...pids(MAIL)].sort());
		assert.ok(!found.some((row) => [WEB, MAIL, HOG, 'junk'].includes(row.name)));
	});

	it('knows everybody again when the agent restarts', async () => {
		const before = generations(WEB);
		await agent.stop();
		agent.start();
		const stored = server.number('SELECT coalesce(sum(stored_batches), 0) FROM agent');
		await agent.stored(server, stored + 3);
		assert.deepEqual(generations(WEB), before);
	});
});
