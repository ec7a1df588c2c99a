// A network namespace at the other end of a cable (a pair of veth), for one agent. Neither end
// has a default route, by which packets would find another way when the cable is cut; so our
// own end is a namespace too, which tests/faults/run makes.

import { spawnSync } from 'node:child_process';
import { Agent } from '../../scenario/lib/agent.mjs';

let count = 0;

function ip(...args) {
	const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
	if (status !== 0)
		throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

export class Namespace {
	/** Whether we may make one. */
	static possible() {
		return process.getuid() === 0 && Boolean(process.env.TIDEMARK_OWN_NETWORK);
	}

	constructor() {
		const number = ++count;
		this.name = `tmf-${process.pid}-${number}`;
		this.near = `tmn${number}`;
		this.ours = `10.213.${number}.1`;
		ip('netns', 'add', this.name);
		ip('link', 'add', this.near, 'type', 'veth', 'peer', 'name', 'far', 'netns', this.name);
		ip('address', 'add', `${this.ours}/30`, 'dev', this.near);
		ip('-n', this.name, 'address', 'add', `10.213.${number}.2/30`, 'dev', 'far');
		ip('link', 'set', this.near, 'up');
		ip('-n', this.name, 'link', 'set', 'far', 'up');
		ip('-n', this.name, 'link', 'set', 'lo', 'up');
	}

	/** Packets vanish: neither side is told. */
	cut() {
		ip('link', 'set', this.near, 'down');
	}

	heal() {
		ip('link', 'set', this.near, 'up');
	}

	remove() {
		ip('netns', 'delete', this.name);
	}
}

/** An agent that lives in such a namespace. */
export class FarAgent extends Agent {
	constructor(place, namespace, options) {
		super(place, options);
		this.namespace = namespace;
		const { uid, gid } = place.owner;
		this.enter = [`--net=/run/netns/${namespace.name}`, 'setpriv', `--reuid=${uid}`, `--regid=${gid}`,
			'--clear-groups', this.program];
	}

	join(token) {
		return this.place.must('nsenter', [...this.enter, 'join', '-', ...this.options()],
			{ input: `${token}\n`, owner: {} });
	}

	start({ env } = {}) {
		this.running = this.place.start(this.name, 'nsenter', [...this.enter, 'run', ...this.options()], { env, owner: {} });
		return this;
	}
}
