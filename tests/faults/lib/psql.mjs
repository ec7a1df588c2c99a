// One psql that stays: questions several times a second without a process for each. When its
// PostgreSQL has gone away meanwhile the question is asked once more, of a new psql.

import { spawn } from 'node:child_process';
import path from 'node:path';

const END = '--answered--';

export class Psql {
	constructor(server) {
		this.server = server;
		this.turn = Promise.resolve();
	}

	/** Rows of a query: arrays of text. */
	rows(query) {
		const answer = this.turn.then(() => this.ask(query)).catch((error) => {
			if (!/terminat|closed|lost/.test(error.message))
				throw error;
			return this.ask(query); // its PostgreSQL was another one
		});
		this.turn = answer.catch(() => {});
		return answer;
	}

	async value(query) {
		return (await this.rows(query))[0]?.[0];
	}

	async number(query) {
		return Number(await this.value(query));
	}

	close() {
		this.child?.stdin.end();
		this.child = undefined;
	}

	begin() {
		const { place, data } = this.server;
		const child = spawn('psql', ['-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1',
			'-h', path.join(data, 'run'), '-U', 'tidemark', '-d', 'postgres'],
		{ ...place.owner, cwd: place.root, env: { PATH: process.env.PATH, HOME: place.root, PGCONNECT_TIMEOUT: '5' } });
		child.text = '';
		child.errors = '';
		child.stdout.on('data', (bytes) => { child.text += bytes; child.look?.(); });
		child.stderr.on('data', (bytes) => { child.errors += bytes; });
		child.stdin.on('error', () => {});
		child.once('exit', () => { child.ended = true; child.look?.(); });
		child.once('error', () => { child.ended = true; child.look?.(); });
		return child;
	}

	ask(query) {
		if (!this.child || this.child.ended)
			this.child = this.begin();
		const { child } = this;
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => { child.kill('SIGKILL'); }, 30_000);
			child.look = () => {
				const at = child.text.indexOf(`${END}\n`);
				if (at < 0 && !child.ended)
					return;
				clearTimeout(timer);
				if (at < 0) {
					reject(new Error(`psql: ${child.errors.trim() || 'it ended'}`));
					return;
				}
				const text = child.text.slice(0, at);
				child.text = child.text.slice(at + END.length + 1);
				child.look = undefined;
				resolve(text.split('\n').filter(Boolean).map((line) => line.split('\t')));
			};
			child.stdin.write(`${query};\n\\echo ${END}\n`);
		});
	}
}
