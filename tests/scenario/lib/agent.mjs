// A real tidemark-agent in a story's place. Several of them can stand for several hosts:
// each has a name and a machine id of its own.

import fs from 'node:fs';
import path from 'node:path';
import { eventually } from './wait.mjs';

let count = 0;

export class Agent {
	constructor(place, { name = `host-${++count}`, interval = '1s', config = '' } = {}) {
		this.place = place;
		this.name = name;
		this.state = place.directory(`${name}.state`);
		this.program = place.program('tidemark-agent');
		this.config = path.join(place.root, `${name}.conf`);
		fs.writeFileSync(this.config, [
			'[agent]',
			...(interval ? [`interval = ${interval}`] : []), // null: as the server says
			'insides_interval = 0ms',
			`hostname = ${name}`,
			`machine_id = ${machineId(name)}`,
			config,
		].join('\n') + '\n');
	}

	options() {
		return ['--config', this.config, '--state-dir', this.state];
	}

	/** Enrols with a token of the server; throws what the agent said on failure. */
	join(token) {
		return this.place.must(this.program, ['join', '-', ...this.options()], { input: `${token}\n` });
	}

	tryJoin(token) {
		return this.place.run(this.program, ['join', '-', ...this.options()], { input: `${token}\n` });
	}

	start(options) {
		this.running = this.place.start(this.name, this.program, ['run', ...this.options()], options);
		return this;
	}

	stop(signal = 'SIGTERM') {
		return this.place.end(this.running, signal);
	}

	kill() {
		return this.place.end(this.running, 'SIGKILL');
	}

	/** Waits until the server has stored something of it. */
	stored(server, batches = 1) {
		return eventually(() => server.number(`SELECT coalesce(sum(stored_batches), 0) FROM agent
			JOIN host ON host.id = host_id WHERE host.name = '${this.name}'`) >= batches,
		{ what: `${batches} stored batches of ${this.name}`, every: 200 })
			.catch((error) => { throw new Error(`${error.message}\n${this.place.tailOf(this.name)}`); });
	}
}

// Any 32 hex digits will do, as long as they differ.
function machineId(name) {
	return Buffer.from(name.padEnd(16).slice(0, 16)).toString('hex');
}
