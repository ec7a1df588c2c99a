// A Tidemark to look at: the one that TIDEMARK_URL names, or else the real programs with
// the demo, started here and ended at close().
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from '../../scenario/lib/agent.mjs';
import { Place, SOURCE } from '../../scenario/lib/place.mjs';
import { freePorts } from '../../scenario/lib/ports.mjs';
import { Server } from '../../scenario/lib/server.mjs';
import { eventually } from '../../scenario/lib/wait.mjs';

const LEAK_WITHIN_MS = 8 * 60_000;

/** @param {{limitMb?: number}} options from which heap on the demo restarts an instance
 *  @returns {Promise<{url, user, password, isOurs, close, join?}>} */
export async function instance({ limitMb = 170 } = {}) {
	const { TIDEMARK_URL: url, TIDEMARK_USER: user = 'admin', TIDEMARK_PASSWORD: password } = process.env;
	if (url) {
		if (!password) throw new Error('TIDEMARK_URL is set, TIDEMARK_PASSWORD is not');
		return { url, user, password, isOurs: false, close: async () => {} };
	}
	const place = new Place('web');
	try {
		return await startOwn(place, limitMb);
	} catch (error) {
		await place.close();
		throw error;
	}
}

async function startOwn(place, limitMb) {
	const server = await new Server(place, { options: ['--watch-interval', '5s'] }).start();
	const agent = new Agent(place, { name: 'shop-1', config: 'snapshots = checkout' });
	agent.join(server.token());
	agent.start();
	const demo = join(place.root, 'demo');
	cpSync(join(SOURCE, 'deploy/demo'), demo, { recursive: true });
	const port = await freePorts(4);
	place.start('demo', process.execPath, ['demo.js', '--port', String(port), '--rate', '40', '--limit-mb', String(limitMb)],
		{ cwd: demo });
	const api = await server.api();
	await eventually(async () => (await api.all('/alerts')).some((row) => row.finding.service.name === 'checkout'),
		{ within: LEAK_WITHIN_MS, every: 1000, what: 'the alert of the demo' });
	const password = server.command('user', 'add', 'ada', '--role', 'admin', '--one-time').trim().split(/\s+/).pop();
	return {
		url: `http://127.0.0.1:${server.port}`,
		user: 'ada', password, api, isOurs: true,
		/** Runs the command that the console has shown, as on a second host. */
		join(command) {
			const second = new Agent(place, { name: 'shop-2' });
			second.join(/'([^']+)'/.exec(command)[1]);
			second.start();
		},
		close: () => place.close(),
	};
}
