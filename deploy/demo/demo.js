'use strict';
// The demo: two instances each of checkout 1.0.0 and 1.1.0 on loopback, under a small
// steady load. It restarts an instance whose heap passes a limit, so the leak of 1.1.0
// stays bounded. The heap, and not what is resident as pm2's max_memory_restart has it: a
// heap snapshot leaves a process resident several times its size, for which nobody should
// restart it. Ends on SIGTERM, or by itself.
//
//   node demo.js [--port 8481] [--rate 25] [--limit-mb 170] [--hours 24]

const { fork } = require('node:child_process');
const path = require('node:path');
const { parseArgs } = require('node:util');

const VERSIONS = ['1.0.0', '1.1.0'];
const INSTANCES = 2;
const CHECK_MS = 2000;
const RESTART_MS = 1000;

const options = readOptions();
const instances = VERSIONS.flatMap((version, v) =>
	Array.from({ length: INSTANCES }, (_, i) => ({
		version,
		port: options.port + v * INSTANCES + i,
		child: null,
		heapMb: 0,
	}))
);
let stopping = false;

function readOptions() {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '8481' },
			rate: { type: 'string', default: '25' },
			'limit-mb': { type: 'string', default: '170' },
			hours: { type: 'string', default: '24' },
		},
	});
	const numbers = {};
	for (const [name, text] of Object.entries(values)) {
		numbers[name] = Number(text);
		if (!(numbers[name] > 0)) {
			console.error(`demo: --${name} must be a positive number, not '${text}'`);
			process.exit(2);
		}
	}
	return numbers;
}

function log(instance, text) {
	const at = new Date().toISOString();
	console.log(`${at} checkout ${instance.version} on port ${instance.port}: ${text}`);
}

function start(instance) {
	const directory = path.join(__dirname, `checkout-${instance.version}`);
	instance.child = fork('app.js', {
		cwd: directory,
		env: { ...process.env, NODE_ENV: 'production', PORT: String(instance.port) },
		execArgv: [],
	});
	instance.child.on('message', ({ ready, heapMb }) => {
		instance.heapMb = heapMb;
		if (ready)
			log(instance, `started, pid ${instance.child.pid}`);
	});
	instance.child.once('exit', (code, signal) => {
		log(instance, `ended (${signal ?? `exit code ${code}`})`);
		instance.child = null;
		instance.heapMb = 0;
		if (!stopping)
			setTimeout(() => stopping || start(instance), RESTART_MS);
	});
}

// One at a time, so that the service always answers.
function restartGrown() {
	for (const instance of instances) {
		if (instance.child && instance.heapMb > options['limit-mb']) {
			log(instance, `has a heap of ${instance.heapMb.toFixed(0)} MiB, limit ` +
				`${options['limit-mb']}: restarting`);
			instance.child.kill('SIGTERM');
			return;
		}
	}
}

function stop() {
	stopping = true;
	load.disconnect();
	for (const { child } of instances)
		child?.kill('SIGTERM');
	clearInterval(watch);
	clearTimeout(end);
}

for (const instance of instances)
	start(instance);
const load = fork(path.join(__dirname, 'load.js'), [
	String(options.rate),
	...instances.map(({ port }) => String(port)),
]);
const watch = setInterval(restartGrown, CHECK_MS);
const end = setTimeout(stop, Math.min(options.hours * 3600e3, 2 ** 31 - 1));
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
