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

async function judge(bench, folder, group, labels) {
	const path = writeLabels(folder, group, labels);
	const result = await bench.backtest(folder, "--score", "--from-labels", path);
	const score = result.scores.find((s) => s.level === "confirmed");
	return { score, cells: rowOf(group, labels.length, score) };
}

export async function intervals(bench) {
	const folder = await bench.simulate("linear", bench.seed, bench.quick ? 150 : 500);
	const groups = await Promise.all(
		[...groupBy(readLabels(folder), (l) => l.scenario)].map(([group, labels]) =>
			judge(bench, folder, group, labels),
		),
	);
	const scores = groups.map((group) => group.score);
	bench.forget(folder);
	bench.say("### Intervals at the first confirmed alarm of linear leaks\n");
	bench.say(
		table(
			[
				"group", "leaks", "found", "rates", "held %", "rate / truth p10 p50 p90",
				"times", "held %", "time / truth p10 p50 p90",
			],
			groups.map((group) => group.cells),
		),
	);
	bench.say("");
	return [
		["rate", "rate"],
		["time_to_limit", "time to the limit"],
	].map(([key, name]) => {
		const { count, share } = covered(scores, key);
		return {
			ok: share >= 0.9 && share <= 0.99,
			borne: share > 0.99, // of some hundred, one more or less
			text: `${name}: ${fixed(100 * share, 1)} % of ${count} intervals hold the truth`,
		};
	});
}
