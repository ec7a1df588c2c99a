// The embedded PostgreSQL of a server that is stopped, started alone for a dump or a restore,
// as docs/operations.md says.

import fs from 'node:fs';
import path from 'node:path';

const BIN = '/usr/lib/postgresql/15/bin';

export class Database {
	constructor(server) {
		Object.assign(this, { server, place: server.place, socket: path.join(server.data, 'run') });
	}

	ctl(...args) {
		return this.place.must(`${BIN}/pg_ctl`, ['-D', path.join(this.server.data, 'postgres'), '-w',
			'-l', path.join(this.server.data, 'alone.log'), ...args], { timeout: 120_000 });
	}

	start() {
		fs.mkdirSync(this.socket, { recursive: true });
		if (this.place.owner.uid !== undefined)
			fs.chownSync(this.socket, this.place.owner.uid, this.place.owner.gid);
		return this.ctl('-o', `-k ${this.socket} -F`, 'start'); // -F: nobody waits for the disk here
	}

	stop() {
		return this.ctl('stop');
	}

	options() {
		return ['-h', this.socket, '-U', 'tidemark'];
	}

	dump(file) {
		return this.place.must('pg_dump', [...this.options(), '-Fc', '-f', file, 'postgres']);
	}

	/** Into what is there (its objects are replaced), or with `empty` into nothing at all. */
	restore(file, { empty = false } = {}) {
		if (empty)
			this.place.must('psql', ['-X', '-q', ...this.options(), '-d', 'postgres', '-v', 'ON_ERROR_STOP=1', '-c',
				'DROP SCHEMA IF EXISTS tm_api CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public']);
		const clean = empty ? [] : ['--clean', '--if-exists'];
		return this.place.must('pg_restore', [...this.options(), ...clean, '-d', 'postgres', file], { timeout: 300_000 });
	}
}
