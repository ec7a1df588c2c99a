// One more process on the database of a running server, with roles of its own: as on
// another machine, it has a data folder with a copy of the first server's keys.

import fs from 'node:fs';
import path from 'node:path';
import { freePorts } from './ports.mjs';
import { eventually } from './wait.mjs';

export class Part {
	/** @param {import('./server.mjs').Server} server whose database and keys it shares */
	constructor(server, { name, roles, options = [] }) {
		this.server = server;
		this.place = server.place;
		this.name = name;
		this.roles = roles;
		this.options = options;
		this.data = this.place.directory(name);
	}

	/** Takes the ports, so that others can be told of them before it runs. */
	async prepare() {
		this.agentPort = await freePorts(2); // and they enrol at the one after
		this.endpoint = `127.0.0.1:${this.agentPort}`;
		return this;
	}

	copyKeys() {
		this.place.must('cp', ['-rp', path.join(this.server.data, 'keys'), this.data]);
	}

	async start() {
		const before = this.starts();
		this.running = this.place.start(this.name, this.place.program('tidemark-server'), [
			'run', '--data-dir', this.data, '--roles', this.roles, '--listen', this.endpoint,
			'--database', this.database ?? `host=${path.join(this.server.data, 'run')} user=tidemark dbname=postgres`,
			...this.options,
		]);
		await eventually(() => this.starts() > before, { within: 60_000, what: `${this.name} to be ready` })
			.catch((error) => { throw new Error(`${error.message}\n${this.place.tailOf(this.name)}`); });
		return this;
	}

	starts() {
		const log = path.join(this.place.root, `${this.name}.log`);
		return fs.existsSync(log) ? fs.readFileSync(log, 'utf8').split('is ready').length - 1 : 0;
	}

	stop() {
		return this.place.end(this.running);
	}

	kill() {
		return this.place.end(this.running, 'SIGKILL');
	}
}
