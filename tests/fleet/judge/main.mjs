// The parts of tests/fleet/run, one after the other; each returns its checks.
//
// A check that is not ok but `borne` is a goal that is not reached yet, while the figure
// is no worse than what is known of it: said each time, and no failure.
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
const usual = ["simulator", "peers", "must", "intervals"];
const chosen = (positionals.length ? positionals : usual).map((named) => {
	const [name, folder] = named.split("=");
	if (!parts[name]) {
		console.error(`fleet: there is no part "${name}" (see tests/fleet/run)`);
		process.exit(2);
	}
	return { name, folder, bench: new Bench(values) };
});
const running = chosen.map(({ name, folder, bench }) => parts[name](bench, folder));
const failures = Promise.all(running).catch(() => {}); // none is left unheard
let passed = 0;
let failed = 0;
let unmet = 0;

for (const [i, { name, bench }] of chosen.entries()) {
	const checks = await running[i];
	console.log(bench.said.join("\n"));
	for (const check of checks) {
		const borne = !check.ok && check.borne;
		const mark = borne ? " # TODO measured, not met" : "";
		console.log(`${check.ok ? "ok" : "not ok"} - ${name}: ${check.text}${mark}`);
		if (check.ok) passed++;
		else if (borne) unmet++;
		else failed++;
	}
	console.log("");
}
await failures;
console.log(`${passed} passed, ${failed} failed, ${unmet} not met`);
process.exit(failed ? 1 : 0);
