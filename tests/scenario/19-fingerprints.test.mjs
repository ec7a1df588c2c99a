// What really runs: the application is the same, its lock file is the same, but another pm2
// loads @pm2/io into it, of the version that leaked.  The server knows which processes have
// it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Place, SOURCE } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const APP = `shop-f${process.pid}`;
const WITHIN = { within: 60_000, every: 300 };
const LEAKS = '4.2.1'; // a timer that nobody clears

describe('fingerprints', () => {
	let place, server, agent, shop;
	const managers = [];

	// A pm2 of tests/scenario in a folder of its own.
	function install(name) {
		const folder = path.join(place.root, name);
		fs.cpSync(path.join(SOURCE, 'tests/scenario', name, 'node_modules'), path.join(folder, 'node_modules'), { recursive: true });
		const env = { PM2_HOME: place.directory(`${name}.home`), PM2_DISCRETE_MODE: 'true',
			PATH: `${folder}/node_modules/.bin:${process.env.PATH}`, APP_SECRET: 'hunter2' };
		const program = path.join(folder, 'node_modules/pm2/bin/pm2');
		const pm2 = (...args) => place.must(process.execPath, [program, ...args], { cwd: shop, env });
		managers.push(pm2);
		return pm2;
	}

	before(async () => {
		place = new Place('fingerprints');
		server = await new Server(place).start();
		agent = new Agent(place, { name: 'shop-1' });
		agent.join(server.token());
		agent.start();
		shop = place.directory('shop');
		fs.writeFileSync(path.join(shop, 'package.json'), JSON.stringify({ name: APP, version: '1.4.0' }));
		fs.writeFileSync(path.join(shop, 'app.js'), 'setInterval(() => {}, 1000);');
		fs.writeFileSync(path.join(shop, 'package-lock.json'), JSON.stringify({ name: APP, lockfileVersion: 3,
			packages: { '': { name: APP, version: '1.4.0' }, 'node_modules/koa': { version: '2.13.4' } } }));
	});
	after(async () => {
		try {
			for (const pm2 of managers)
				pm2('kill');
		} finally {
			await place?.close();
		}
	});

	// Version of a package in each process of the application that is known, oldest first.
	const loaded = (name) => server.sql(`SELECT generation.pid, package.version FROM generation
		JOIN slot ON slot.id = slot_id JOIN service ON service.id = slot.service_id
		JOIN fingerprint ON fingerprint.id = generation.fingerprint_id
		JOIN content ON content.hash = fingerprint.hash
		JOIN content_package ON content_id = content.id JOIN package ON package.id = package_id
		WHERE service.name = '${APP}' AND package.name = '${name}'
		ORDER BY generation.started_at`).map(([pid, version]) => ({ pid: Number(pid), version }));

	it('sees what pm2 has loaded into the application', async () => {
		const pm2 = install('pm2');
		pm2('start', 'app.js', '--name', APP);
		await eventually(() => loaded('pm2').length === 1, { ...WITHIN, what: 'the first fingerprint' });
		assert.equal(loaded('pm2')[0].version, '7.0.4');
		assert.deepEqual(loaded('@pm2/io'), []);
		pm2('kill');
		managers.pop();
	});

	it('sees that it is another now, though the application is the same', async () => {
		const pm2 = install('pm2-3');
		pm2('start', 'app.js', '--name', APP, '-i', '2');
		await eventually(() => loaded('@pm2/io').length === 2, { ...WITHIN, what: 'the second fingerprint' });
		assert.ok(loaded('@pm2/io').every((row) => row.version === LEAKS));
		assert.equal(loaded('koa').length, 3);
	});

	it('answers which hosts run a package', () => {
		// pm2's daemons are a service, too.
		const versions = (name) => JSON.parse(server.command('package', name, '--json')).items
			.filter((item) => item.service === APP);
		assert.equal(versions(`@pm2/io@${LEAKS}`).length, 1);
		assert.equal(versions('koa@2.13.4').length, 2);
	});

	it('shows the same by hand, and no secret of the environment', () => {
		const [{ pid }] = loaded('@pm2/io');
		const text = place.must(agent.program, ['fingerprint', String(pid), '--json', '--config', agent.config]);
		assert.doesNotMatch(text, /hunter2/);
		const [item] = JSON.parse(text).items;
		assert.equal(item.app_version, '1.4.0');
		assert.equal(item.source, 'package-lock.json');
		assert.deepEqual(item.remarks, []);
		assert.ok(item.packages.includes(`@pm2/io@${LEAKS}`) && item.packages.includes('koa@2.13.4'));
		assert.match(item.runtime_version, /^\d+\.\d+\.\d+$/);
	});
});
