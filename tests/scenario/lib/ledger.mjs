// What an agent had accepted against what the server holds: nothing may be missing, and
// nothing may be there twice. A batch is one reading of its host, so that the reading's
// time tells whether the batch is stored.

import assert from 'node:assert/strict';
import path from 'node:path';
import { readSpool } from './spool.mjs';

/** Batches that were seen on an agent's disk. */
export class Ledger {
	constructor(agent) {
		this.agent = agent;
		this.seen = new Map(); // sequence: time of the reading
		this.epochs = new Set();
	}

	/** Looks at the disk of an agent that does not run. */
	look() {
		const { epoch, records } = readSpool(path.join(this.agent.state, 'spool'));
		this.epochs.add(epoch);
		for (const { sequence, at } of records)
			this.seen.set(sequence, at);
		return this;
	}

	/** The highest sequence; without a restart of the agent, how many there were. */
	get newest() {
		return Math.max(0, ...this.seen.keys());
	}

	/** Sequences that the server does not have. */
	missing(server) {
		const stored = new Set(readings(server, this.agent.name));
		return [...this.seen].filter(([, at]) => !stored.has(at)).map(([sequence]) => sequence);
	}
}

/** Times of all stored readings of a host, as often as they are stored. */
export function readings(server, name) {
	return server.sql(`SELECT (extract(epoch FROM at) * 1000)::int8 FROM host_sample
		JOIN host ON host.id = host_id WHERE host.name = '${name}' ORDER BY at`).map(([at]) => Number(at));
}

/** Fails when something of a host is stored twice, counted wrongly, lost or refused. */
export function assertStoredOnce(server, name) {
	const times = readings(server, name);
	assert.equal(new Set(times).size, times.length, 'a reading of the host is stored twice');
	assert.equal(server.number(`SELECT count(*) - count(DISTINCT (generation_id, at)) FROM sample`), 0,
		'a reading of a process is stored twice');
	const [[stored, refused]] = server.sql(`SELECT stored_batches, refused_batches FROM agent
		JOIN host ON host.id = host_id WHERE host.name = '${name}'`);
	assert.equal(Number(stored), times.length, 'batches counted as stored, and their readings');
	assert.equal(Number(refused), 0, 'a batch was refused');
	assert.deepEqual(server.sql(`SELECT batches, reason FROM gap JOIN host ON host.id = host_id
		WHERE host.name = '${name}'`), [], 'the agent lost something');
}
