// The cable between an agent and its server is cut, again and again, and once for long. The
// agent reads on, and everything is there afterwards; what is new comes soon after the cable
// is whole.

import { Ledger, assertStoredOnce } from '../../scenario/lib/ledger.mjs';
import { readings } from '../../scenario/lib/ledger.mjs';
import { eventually, sleep } from '../../scenario/lib/wait.mjs';
import { FarAgent, Namespace } from '../lib/namespace.mjs';

export default {
	id: 'R4',
	title: 'partition',
	asked: '200 flaps and 30 min (CI: 6 and 20 s) between namespaces: 0 lost, backlog drains >= 10x real time, ' +
		'fresh data < 5 s after it heals',
	chain: 'hosts',
	beside: 'calm server',
	turn: 1,

	async run({ world, long }) {
		if (!Namespace.possible())
			return { why: 'needs root, for network namespaces' };
		const shared = await world();
		const namespace = new Namespace();
		try {
			return await cutAndHeal(shared, namespace, long ? { flaps: 200, offMs: 5000, cutMs: 30 * 60_000 } :
				{ flaps: 6, offMs: 1000, cutMs: 20_000 });
		} finally {
			namespace.remove();
		}
	},
};

async function cutAndHeal(shared, namespace, { flaps, offMs, cutMs }) {
	const { place, server, psql } = shared;
	const agent = new FarAgent(place, namespace, { name: 'far', interval: '1s' });
	agent.join(server.token('--servers', `${namespace.ours}:${server.agentPort}`));
	agent.start();
	await shared.storedMore('far', 0);
	for (let i = 0; i < flaps; i++) {
		namespace.cut();
		await sleep(offMs);
		namespace.heal();
		await sleep(offMs);
	}
	const had = await settled(shared);
	namespace.cut();
	const cutAt = Date.now();
	await sleep(cutMs);
	const ledger = new Ledger(agent).look();
	const waiting = await shared.missing(ledger);
	namespace.heal();
	const healedAt = Date.now();
	const firstMs = await shared.storedMore('far', had, 120_000);
	const fresh = eventually(async () => await psql.number(`SELECT count(*) FROM host_sample JOIN host ON host.id = host_id
		WHERE host.name = 'far' AND at >= to_timestamp(${healedAt / 1000})`) > 0, { every: 20, within: 120_000 })
		.then(() => Date.now() - healedAt);
	await eventually(async () => await shared.missing(ledger) === 0,
		{ every: 20, within: 300_000, what: `${waiting} batches that waited` });
	const drainMs = Math.max(20, Date.now() - healedAt - firstMs);
	const freshMs = await fresh;
	await agent.stop();
	assertStoredOnce(server, 'far');
	const times = readings(server, 'far');
	const widest = Math.max(...times.slice(1).map((at, i) => at - times[i]));
	const rate = (healedAt - cutAt) / drainMs;
	return {
		met: freshMs < 5000 && rate >= 10 && widest < 5000,
		seen: `${flaps} flaps of ${offMs / 1000} s, then ${Math.round((healedAt - cutAt) / 1000)} s: ` +
			`${waiting} batches waited, 0 lost, 0 twice; first stored ${(firstMs / 1000).toFixed(1)} s after, ` +
			`fresh ones ${(freshMs / 1000).toFixed(1)} s after, drained at ${rate.toFixed(0)}x real time; ` +
			`widest gap ${widest / 1000} s`,
	};
}

/** Waits until the newest reading is stored; how many batches there are. */
async function settled(shared) {
	await eventually(async () => await shared.psql.number(`SELECT extract(epoch FROM now() - max(at)) FROM host_sample
		JOIN host ON host.id = host_id WHERE host.name = 'far'`) < 3, { within: 120_000, what: 'calm after the flaps' });
	return shared.stored('far');
}
