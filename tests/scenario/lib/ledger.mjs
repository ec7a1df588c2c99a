// What an agent handed over against what the server holds: nothing acknowledged may be
// missing, nothing may be there twice.

import assert from 'node:assert/strict';
import path from 'node:path';
import { readSpool } from './spool.mjs';

/** Batches that were seen on an agent's disk: accepted, so they must arrive. */
export class Ledger {
	constructor(agent) {
		this.agent = agent;
		this.seen = new Set();
		this.epochs = new Set();
	}

	/** Looks at the disk of an agent that does not run. */
	look() {
		const { epoch, sequences } = readSpool(path.join(this.agent.state, 'spool'));
		this.epochs.add(epoch);
		for (const sequence of sequences)
			this.seen.add(sequence);
		return sequences;
	}

	get newest() {
		return Math.max(0, ...this.seen);
	}
}

/** Ranges [first, last] of the sequences that the server has stored of an agent. */
export function storedRanges(server, name) {
	return server.sql(`SELECT lower(r), upper(r) - 1 FROM stream
		JOIN agent ON agent.id = agent_id JOIN host ON host.id = host_id, unnest(stored) AS r
		WHERE host.name = '${name}' ORDER BY 1`).map((row) => row.map(Number));
}

export function missingOf(ledger, ranges) {
	return [...ledger.seen].filter((sequence) => !ranges.some(([first, last]) => sequence >= first && sequence <= last));
}

/** Fails when a reading is stored twice, or a batch was counted twice. */
export function assertStoredOnce(server, name) {
	assert.equal(server.number(`SELECT count(*) - count(DISTINCT (generation_id, at)) FROM sample`), 0,
		'a reading of a process is stored twice');
	assert.equal(server.number(`SELECT count(*) - count(DISTINCT (host_id, at)) FROM host_sample`), 0,
		'a reading of a host is stored twice');
	const counted = server.number(`SELECT stored_batches FROM agent JOIN host ON host.id = host_id
		WHERE host.name = '${name}'`);
	// Each batch holds one reading of its host. (Sequences jump when an agent starts.)
	assert.equal(counted, server.number(`SELECT count(*) FROM host_sample JOIN host ON host.id = host_id
		WHERE host.name = '${name}'`), 'stored batches and their readings');
}

/** Fails when the agent reported that it lost something. */
export function assertNoGaps(server, name) {
	assert.deepEqual(server.sql(`SELECT batches, reason FROM gap JOIN host ON host.id = host_id
		WHERE host.name = '${name}'`), []);
}
