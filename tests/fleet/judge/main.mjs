// The parts of tests/fleet/run, one after the other; each returns its checks.
import { parseArgs } from "node:util";

import { Bench } from "./bench.mjs";
import { intervals } from "./intervals.mjs";
import { must } from "./must.mjs";
import { peers } from "./peers.mjs";
import { power } from "./power.mjs";
import { simulator } from "./simulator.mjs";

const parts = { simulator, peers, must, intervals, power };

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		build: { type: "string" },
		sets: { type: "string" },
		quick: { type: "boolean", default: false },
		seed: { type: "string", default: "1" },
	},
});
const bench = new Bench(values);
let passed = 0;
let failed = 0;

const usual = ["simulator", "peers", "must", "intervals"];
for (const named of positionals.length ? positionals : usual) {
	const [name, folder] = named.split("=");
	if (!parts[name]) {
		console.error(`fleet: there is no part "${name}" (see tests/fleet/run)`);
		process.exit(2);
	}
	for (const check of parts[name](bench, folder)) {
		console.log(`${check.ok ? "ok" : "not ok"} - ${name}: ${check.text}`);
		if (check.ok) passed++;
		else failed++;
	}
	console.log("");
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
