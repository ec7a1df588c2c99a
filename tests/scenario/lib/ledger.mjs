// What an agent had accepted against what the server holds: nothing may be missing, and
// nothing may be there twice. The server remembers which sequences it has stored; a batch
// with readings of the host is there by its time, too. What the scout found has none.

import assert from 'node:assert/strict';
import path from 'node:path';
import { readSpool } from './spool.mjs';

/** Batches that were seen on an agent's disk. */
export class Ledger {
	constructor(agent) {
		this.agent = agent;
		this.seen = new Map(); // sequence: epoch
		this.epochs = new Set();
	}

	/** Looks at the disk of an agent that does not run. */
	look() {
		const { epoch, records } = readSpool(path.join(this.agent.state, 'spool'));
		this.epochs.add(epoch);
		for (const { sequence } of records)
			this.seen.set(sequence, epoch);
		return this;
	}

	/** The highest sequence; without a restart of the agent, how many there were. */
	get newest() {
		return Math.max(0, ...this.seen.keys());
	}

	/** Sequences that the server does not have. */
	missing(server) {
		const ranges = stored(server, this.agent.name);
		return [...this.seen].filter(([sequence, epoch]) => !ranges.some((range) =>
			range.epoch === epoch && range.from <= sequence && sequence < range.to)).map(([sequence]) => sequence);
	}
}

/** Which sequences of a host's agent are stored, by epoch of its spool. Those that the agent
 *  does not hold any more belong to them: what was lost among them is a gap. */
export function stored(server, name) {
	return server.sql(`SELECT epoch, lower(part), upper(part) FROM stream JOIN agent ON agent.id = agent_id
		JOIN host ON host.id = host_id, unnest(stored) AS part WHERE host.name = '${name}'`)
		.map(([epoch, from, to]) => ({ epoch: BigInt.asUintN(64, BigInt(epoch)), from: Number(from), to: Number(to) }));
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
	const [[batches, refused]] = server.sql(`SELECT stored_batches, refused_batches FROM agent
		JOIN host ON host.id = host_id WHERE host.name = '${name}'`);
	assert.ok(Number(batches) >= times.length, `${batches} batches counted as stored, of ${times.length} readings`);
	assert.equal(Number(refused), 0, 'a batch was refused');
	assert.deepEqual(server.sql(`SELECT batches, reason FROM gap JOIN host ON host.id = host_id
		WHERE host.name = '${name}'`), [], 'the agent lost something');
}
