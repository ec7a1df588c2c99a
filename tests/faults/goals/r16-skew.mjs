// The version before and this one. What the one before left behind (fixture/: a database with
// data, the server's keys, an agent's state with batches in its spool) is taken over: the
// server migrates, and the agent's batches arrive. In the long form its programs run beside
// the present ones, each agent with each server.

import fs from 'node:fs';
import path from 'node:path';
import { Agent } from '../../scenario/lib/agent.mjs';
import { Ledger, assertStoredOnce } from '../../scenario/lib/ledger.mjs';
import { Place } from '../../scenario/lib/place.mjs';
import { Server } from '../../scenario/lib/server.mjs';
import { eventually } from '../../scenario/lib/wait.mjs';
import { Database } from '../lib/database.mjs';
import { installPrevious, previousBuild } from '../lib/previous.mjs';

const FIXTURE = new URL('../fixture/0.1.0/', import.meta.url).pathname;

export default {
	id: 'R16',
	title: 'version skew',
	asked: 'agents and servers of the version before and of this one, both ways, migration of a database with data ' +
		'(CI: what that version left behind)',

	async run({ long }) {
		const taken = await takeOver();
		if (!long)
			return { met: true, seen: taken };
		const build = previousBuild();
		if (!build)
			return { why: 'the version before cannot be built here' };
		return { met: true, seen: `${taken}; ${await besideEachOther(build)}` };
	},
};

async function inPlace(name, run) {
	const place = new Place(name);
	try {
		return await run(place);
	} finally {
		await place.close();
	}
}

function owned(place, folder) {
	if (place.owner.uid !== undefined)
		place.must('chown', ['-R', `${place.owner.uid}:${place.owner.gid}`, folder], { owner: {} });
}

const unpack = (place, archive, folder) => place.must('tar', ['-C', folder, '-xzf', archive], { owner: {} });

function takeOver() {
	return inPlace('skew', async (place) => {
		const server = new Server(place);
		unpack(place, path.join(FIXTURE, 'keys.tar.gz'), server.data);
		owned(place, server.data);
		await server.start();
		await server.stop();
		const database = new Database(server), dump = path.join(place.root, 'database.dump');
		fs.copyFileSync(path.join(FIXTURE, 'database.dump'), dump);
		fs.chmodSync(dump, 0o644);
		database.start();
		database.restore(dump, { empty: true });
		database.stop();
		await server.start();
		const readings = server.number('SELECT count(*) FROM host_sample'), alerts = server.number('SELECT count(*) FROM alert');
		const agent = new Agent(place, { name: 'before', config: `servers = 127.0.0.1:${server.agentPort}` });
		unpack(place, path.join(FIXTURE, 'agent.tar.gz'), agent.state);
		owned(place, agent.state);
		const ledger = new Ledger(agent).look();
		agent.start();
		await eventually(() => ledger.missing(server).length === 0,
			{ within: 60_000, every: 300, what: `${ledger.seen.size} batches of the version before` })
			.catch((error) => { throw new Error(`${error.message}\n${place.tailOf('before')}`); });
		const items = await (await server.api()).all('/agents');
		await agent.stop();
		assertStoredOnce(server, 'before');
		if (readings < 5 || items.length !== 1)
			throw new Error(`${readings} readings and ${items.length} hosts after the migration`);
		return `a database with ${readings} readings and ${alerts} alerts migrated, ${ledger.seen.size} spooled batches of 0.1.0 stored`;
	});
}

function besideEachOther(build) {
	return inPlace('skews', async (place) => {
		const previous = installPrevious(place, build);
		const server = new Server(place);
		const present = server.program;
		server.program = previous('tidemark-server');
		await server.start();
		const agents = ['previous', 'present'].map((name) => new Agent(place, { name }));
		agents[0].program = previous('tidemark-agent');
		for (const agent of agents) {
			agent.join(server.token());
			agent.start();
			await agent.stored(server, 3);
		}
		await server.stop();
		server.program = present; // the upgrade: the server first
		await server.start();
		for (const agent of agents)
			await agent.stored(server, server.number(`SELECT stored_batches FROM agent JOIN host ON host.id = host_id
				WHERE host.name = '${agent.name}'`) + 3);
		// Then the agent, in place and back, each time with what the other one spooled.
		for (const program of [place.program('tidemark-agent'), previous('tidemark-agent')]) {
			await server.stop();
			await eventually(() => new Ledger(agents[0]).look().seen.size > 3, { what: 'batches in the spool' });
			await agents[0].kill();
			const ledger = new Ledger(agents[0]).look();
			await server.start();
			agents[0].program = program;
			agents[0].start();
			await eventually(() => ledger.missing(server).length === 0, { within: 60_000, every: 300, what: 'what was spooled' });
		}
		for (const agent of agents) {
			await agent.stop();
			assertStoredOnce(server, agent.name);
		}
		return 'agents of both with servers of both, upgrade of server and agent and back of the agent with full spools: 0 lost, 0 twice';
	});
}
