// The simulator itself: a seed repeats, and labels tell the truth about the series.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { fixed, median, readLabels } from "./bench.mjs";

function digest(folder) {
	const hash = createHash("sha256");
	for (const label of readLabels(folder)) {
		hash.update(JSON.stringify(label));
		hash.update(gunzipSync(readFileSync(join(folder, label.file))));
	}
	return hash.digest("hex");
}

// Percent of the limit an hour, by least squares from the onset on.
function slope(folder, label) {
	const points = gunzipSync(readFileSync(join(folder, label.file)))
		.toString()
		.trim()
		.split("\n")
		.slice(1)
		.map((line) => line.split(",").map(Number))
		.filter(([ts]) => ts >= Number(label.onset_ts))
		.map(([ts, rss]) => [ts / 3600, (100 * rss) / Number(label.limit_kb)]);
	const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;
	const x = mean(points.map(([t]) => t));
	const y = mean(points.map(([, v]) => v));
	const xy = mean(points.map(([t, v]) => (t - x) * (v - y)));
	const xx = mean(points.map(([t]) => (t - x) ** 2));
	return xy / xx;
}

export async function simulator(bench) {
	const seeds = [bench.seed, bench.seed, bench.seed + 1];
	const folders = await Promise.all(seeds.map((s) => bench.simulate("wide", s, 60)));
	const [first, again, other] = folders.map(digest);
	const linear = await bench.simulate("linear", bench.seed, 100);
	const ratios = readLabels(linear)
		.filter((l) => l.scenario === "leak_native" && l.oom_restarts === "0")
		.map((l) => slope(linear, l) / Number(l.rate_pct_per_h));
	for (const folder of [...folders, linear]) bench.forget(folder);
	const off = Math.max(...ratios.map((r) => Math.abs(r - 1)));
	return [
		{ ok: first === again, text: "the same seed gives the same set" },
		{ ok: first !== other, text: "another seed gives another" },
		{
			ok: off < 0.15,
			text: `series grow as their labels say: median ratio ${fixed(median(ratios), 3)}, worst ${fixed(off * 100, 1)} % off, of ${ratios.length}`,
		},
	];
}
