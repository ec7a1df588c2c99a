// Stands between a server and its PostgreSQL, on a unix socket, and holds each answer back so
// that it takes `factor` times as long as PostgreSQL took.

import net from 'node:net';
import path from 'node:path';

/** The end of an answer: ReadyForQuery, but for the state of the transaction. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5]);

export class SlowDatabase {
	constructor(server, folder, factor) {
		Object.assign(this, { folder, factor });
		const upstream = path.join(server.data, 'run/.s.PGSQL.5432');
		this.listener = net.createServer((near) => this.join(near, net.connect(upstream)));
	}

	start() {
		return new Promise((resolve) => {
			this.listener.listen({ path: path.join(this.folder, '.s.PGSQL.5432'), writableAll: true }, resolve);
		});
	}

	join(near, far) {
		let askedAt, free = 0;
		near.on('data', (bytes) => { askedAt ??= performance.now(); far.write(bytes); });
		far.on('data', (bytes) => {
			const now = performance.now();
			free = Math.max(free, now + (now - (askedAt ?? now)) * (this.factor - 1));
			// What comes unasked, a notification, is not held back.
			askedAt = bytes.subarray(-6, -1).equals(READY) ? undefined : now;
			setTimeout(() => near.writable && near.write(bytes), free - now);
		});
		for (const [one, other] of [[near, far], [far, near]]) {
			one.on('error', () => other.destroy());
			one.on('close', () => setTimeout(() => other.destroy(), Math.max(0, free - performance.now())));
		}
	}

	stop() {
		this.listener.close();
	}
}
