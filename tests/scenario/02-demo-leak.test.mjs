// The demo's story: checkout 1.1.0 leaks and 1.0.0 does not, and that is one alert which
// lists the instances.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Place, SOURCE } from './lib/place.mjs';
import { freePorts } from './lib/ports.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const SERVICE = `till-${process.pid}`; // other demos may run on this machine
const LEAK_WITHIN_MS = 5 * 60_000;

// The agent takes the name from package.json.
function rename(demo) {
	for (const version of ['1.0.0', '1.1.0']) {
		const file = path.join(demo, `checkout-${version}/package.json`);
		fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"checkout"', `"${SERVICE}"`));
	}
}

describe('the leak of the demo', () => {
	let place, server, api, service, alert;

	before(async () => {
		place = new Place('leak');
		server = await new Server(place, { options: ['--watch-interval', '5s'] }).start();
		const agent = new Agent(place, { name: 'shop-1' });
		agent.join(server.token());
		agent.start();
		const demo = path.join(place.root, 'demo');
		fs.cpSync(path.join(SOURCE, 'deploy/demo'), demo, { recursive: true });
		rename(demo);
		const port = await freePorts(4);
		place.start('demo', process.execPath, ['demo.js', '--port', String(port), '--rate', '40'], { cwd: demo });
		api = await server.api();
	});
	after(() => place?.close());

	it('finds the service, its versions and instances by itself', async () => {
		service = await eventually(async () => {
			const found = (await api.all(`/services?q=${SERVICE}`)).find((row) => row.name === SERVICE);
			return found?.instances === 4 && found;
		}, { within: 60_000, what: 'four instances' });
		assert.deepEqual(service.versions.map((row) => row.version).sort(), ['1.0.0', '1.1.0']);
	});

	it('opens one alert, for version 1.1.0', async () => {
		await eventually(async () => (await api.all('/alerts')).some((row) => row.finding.service.name === SERVICE),
			{ within: LEAK_WITHIN_MS, every: 1000, what: 'the alert' });
		const alerts = (await api.all('/alerts')).filter((row) => row.finding.service.name === SERVICE);
		assert.equal(alerts.length, 1);
		assert.equal(alerts[0].finding.version.version, '1.1.0');
		assert.equal(alerts[0].state, 'open');
	});

	it('lists the leaking instances, and the other version for contrast', async () => {
		alert = await eventually(async () => {
			const [row] = (await api.all('/alerts')).filter((one) => one.finding.service.name === SERVICE);
			const whole = await api.get(`/alerts/${row.id}`);
			return whole.instances.length === 2 && whole;
		}, { within: 90_000, what: 'both instances in the alert' }); // each shows its own growth
		const other = alert.others.find((row) => row.version === '1.0.0');
		assert.equal(other.instances_leaking, 0);
		assert.notEqual(other.verdict, 'leak');
		assert.ok(alert.finding.reasons.length > 0);
	});

	it('says how fast it grows', () => {
		// 40 requests a second leave about 33 MiB a minute: 2 GiB an hour.
		const gib_h = alert.finding.rate.kb_h / 1024 / 1024;
		assert.ok(gib_h > 0.7 && gib_h < 5, `${gib_h} GiB/h`);
		assert.ok(alert.finding.rate.low_kb_h > 0);
		assert.ok(alert.finding.rate.low_kb_h <= alert.finding.rate.high_kb_h);
	});

	it('lives with people: acknowledge, note, resolve', async () => {
		const acknowledged = await api.send('POST', `/alerts/${alert.id}/acknowledge`, { body: { note: 'looking' } });
		assert.equal(acknowledged.status, 200, acknowledged.text);
		assert.equal(acknowledged.json.state, 'acknowledged');
		assert.equal(acknowledged.json.acknowledged_by, 'admin');
		const stale = await api.send('POST', `/alerts/${alert.id}/resolve`,
			{ body: {}, headers: { 'if-match': `"${alert.revision}"` } });
		assert.equal(stale.status, 412);
		const noted = await api.send('POST', `/alerts/${alert.id}/notes`, { body: { text: 'a listener per request' } });
		assert.equal(noted.status, 200, noted.text);
		const resolved = await api.send('POST', `/alerts/${alert.id}/resolve`, { body: {} });
		assert.equal(resolved.json.state, 'resolved');
		assert.ok(resolved.json.events.some((event) => event.text === 'a listener per request'));
	});
});
