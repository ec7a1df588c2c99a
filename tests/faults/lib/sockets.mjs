// Many hostile connections at once.

import net from 'node:net';

export class Crowd {
	constructor(port, { host = '127.0.0.1' } = {}) {
		Object.assign(this, { port, host, sockets: new Set(), opened: 0, cut: 0, refused: 0, cutAfterMs: [] });
	}

	/** Opens `count` connections and says `first` on each; done when each was tried. */
	async open(count, first) {
		for (let left = count; left > 0; left -= 250)
			await Promise.all(Array.from({ length: Math.min(250, left) }, () => this.one(first)));
	}

	one(first) {
		return new Promise((resolve) => {
			const socket = net.connect(this.port, this.host);
			const began = performance.now();
			let isOpen = false;
			socket.once('connect', () => {
				isOpen = true;
				this.opened++;
				this.sockets.add(socket);
				socket.write(first);
				resolve();
			});
			socket.on('error', () => {});
			socket.on('data', () => {});
			socket.once('close', () => {
				this.sockets.delete(socket);
				if (isOpen) {
					this.cut++;
					this.cutAfterMs.push(performance.now() - began);
				} else {
					this.refused++;
				}
				resolve();
			});
		});
	}

	/** One more byte on each that is still open. */
	drip(byte) {
		for (const socket of this.sockets)
			socket.write(byte);
	}

	close() {
		for (const socket of this.sockets) {
			socket.removeAllListeners('close');
			socket.destroy();
		}
		this.sockets.clear();
	}
}
