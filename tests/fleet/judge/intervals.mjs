// Honest intervals: how often those of 95 % hold the truth, at the alarm that found it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { fixed, groupBy, readLabels, table } from "./bench.mjs";

function writeLabels(folder, name, labels) {
	const columns = Object.keys(labels[0]);
	const lines = labels.map((l) => columns.map((c) => l[c]).join(","));
	const path = join(folder, `labels-${name}.csv`);
	writeFileSync(path, `${[columns.join(","), ...lines].join("\n")}\n`);
	return path;
}

function rowOf(group, leaking, score) {
	const cells = [group, leaking, score.found];
	for (const ratio of [score.rate, score.time_to_limit]) {
		cells.push(ratio.count, fixed(100 * ratio.covered, 1));
		cells.push([ratio.p10, ratio.median, ratio.p90].map((r) => fixed(r, 2)).join(" "));
	}
	return cells;
}

function covered(scores, what) {
	const known = scores.map((s) => s[what]).filter((ratio) => ratio.count > 0);
	const count = known.reduce((sum, ratio) => sum + ratio.count, 0);
	const held = known.reduce((sum, ratio) => sum + ratio.count * ratio.covered, 0);
	return { count, share: count ? held / count : 0 };
}

export function intervals(bench) {
	const folder = bench.simulate("linear", bench.seed, bench.quick ? 150 : 500);
	const rows = [];
	const scores = [];
	for (const [group, labels] of groupBy(readLabels(folder), (l) => l.scenario)) {
		const path = writeLabels(folder, group, labels);
		const all = bench.backtest(folder, "--score", "--from-labels", path).scores;
		const score = all.find((s) => s.level === "confirmed");
		rows.push(rowOf(group, labels.length, score));
		scores.push(score);
	}
	bench.forget(folder);
	console.log("### Intervals at the first confirmed alarm of linear leaks\n");
	console.log(
		table(
			[
				"group", "leaks", "found", "rates", "held %", "rate / truth p10 p50 p90",
				"times", "held %", "time / truth p10 p50 p90",
			],
			rows,
		),
	);
	console.log("");
	return [
		["rate", "rate"],
		["time_to_limit", "time to the limit"],
	].map(([key, name]) => {
		const { count, share } = covered(scores, key);
		return {
			ok: share >= 0.9 && share <= 0.99,
			text: `${name}: ${fixed(100 * share, 1)} % of ${count} intervals hold the truth`,
		};
	});
}
