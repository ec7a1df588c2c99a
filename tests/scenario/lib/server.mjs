// A real tidemark-server with its own private PostgreSQL, in a story's place.

import fs from 'node:fs';
import path from 'node:path';
import { Api, request } from './http.mjs';
import { freePorts } from './ports.mjs';
import { eventually } from './wait.mjs';

export class Server {
	constructor(place, { name = 'server', options = [], env = {} } = {}) {
		this.place = place;
		this.name = name;
		this.options = options;
		this.env = env;
		this.data = place.directory(name);
		this.program = place.program('tidemark-server');
		this.password = null;
	}

	/** Starts and waits until it is ready; `ready: false` does not wait. */
	async start({ ready = true } = {}) {
		if (!this.port) {
			this.port = await freePorts(3);
			this.agentPort = this.port + 1; // and they enrol at the one after
		}
		this.running = this.place.start(this.name, this.program, [
			'run', '--data-dir', this.data,
			'--http', `127.0.0.1:${this.port}`, '--listen', `127.0.0.1:${this.agentPort}`,
			...this.options,
		], { env: this.env });
		if (ready)
			await this.ready();
		return this;
	}

	ready(within = 60_000) {
		return eventually(async () => {
			if (this.running.ended)
				throw new Error(`it ended: ${JSON.stringify(this.running.ended)}`);
			return (await this.http('GET', '/readyz')).status === 200;
		}, { within, what: `${this.name} to be ready` })
			.catch((error) => { throw new Error(`${error.message}\n${this.place.tailOf(this.name)}`); });
	}

	stop(signal = 'SIGTERM') {
		return this.place.end(this.running, signal);
	}

	kill() {
		return this.place.end(this.running, 'SIGKILL');
	}

	http(method, route, options) {
		return request(this.port, method, route, options);
	}

	/** One of its subcommands, on the same data. */
	command(...args) {
		return this.place.must(this.program, [...args, ...this.commandOptions()]);
	}

	tryCommand(...args) {
		return this.place.run(this.program, [...args, ...this.commandOptions()]);
	}

	commandOptions() {
		return ['--data-dir', this.data, '--listen', `127.0.0.1:${this.agentPort}`];
	}

	/** A join token. */
	token(...options) {
		return this.command('token', 'create', ...options).trim().split('\n').pop().trim();
	}

	/** An API client, logged in as admin. */
	async api() {
		this.password ??= this.command('user', 'add', 'admin', '--one-time').trim().split(/\s+/).pop();
		const api = new Api(this.port);
		await api.login('admin', this.password);
		return api;
	}

	/** Rows of a query: arrays of text, NULL as ''. */
	sql(query) {
		const out = this.place.must('psql', [
			'-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1',
			'-h', path.join(this.data, 'run'), '-U', 'tidemark', '-d', 'postgres', '-c', query,
		]);
		return out.split('\n').filter(Boolean).map((line) => line.split('\t'));
	}

	/** The one value of a query. */
	value(query) {
		return this.sql(query)[0]?.[0];
	}

	number(query) {
		return Number(this.value(query));
	}

	/** The pid of its postmaster. */
	postgresPid() {
		return Number(fs.readFileSync(path.join(this.data, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
	}
}
