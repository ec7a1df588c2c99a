// An agent that misbehaves: tests/scenario/peer.c.

import path from 'node:path';
import { BUILD } from './place.mjs';

export class Peer {
	constructor(server) {
		this.server = server;
		this.program = server.place.install(path.join(BUILD, 'tests/scenario_peer'));
		this.token = server.token(); // for the server's key; it is not used up
	}

	/**
	 * Connects with a key (the state directory of an agent, or "unknown") and sends frames.
	 * @returns {string[]} what happened: "connected", "refused", "disconnected", "reply N"
	 */
	send(port, key, ...frames) {
		const endpoint = `tcp://127.0.0.1:${port}`;
		return this.server.place.must(this.program, [endpoint, this.token, key, ...frames])
			.split('\n').filter(Boolean);
	}
}
