// The programs under test: sets are simulated, replayed and judged.
import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

// No more programs at once than there are processors; the others wait their turn.
let free = availableParallelism();
const waiting = [];

// What a program prints.
async function output(program, args) {
	if (free > 0) free--;
	else await new Promise((resume) => waiting.push(resume));
	try {
		const room = { maxBuffer: 1 << 28 };
		return (await execute(program, args.map(String), room)).stdout;
	} finally {
		const next = waiting.shift();
		if (next) next();
		else free++;
	}
}

let written = 0; // sets, so that each has a folder of its own

export class Bench {
	constructor({ build, sets, quick, seed }) {
		this.build = build;
		this.sets = sets;
		this.quick = quick;
		this.seed = Number(seed);
		this.said = [];
	}

	// Parts run side by side; what each says is printed at its end.
	say(text) {
		this.said.push(text);
	}

	// The folder of a set, newly written.
	async simulate(set, seed, count) {
		const folder = join(this.sets, `${written++}-${set}-${seed}`);
		const args = ["--seed", seed, "--set", set, "--out", folder];
		if (count) args.push("--count", count);
		await output(join(this.build, "tests/fleet_simulate"), args);
		return folder;
	}

	forget(folder) {
		if (folder.startsWith(this.sets)) rmSync(folder, { recursive: true });
	}

	// What `tidemark-server backtest` says: by series, by service, and its scores.
	async backtest(folder, ...more) {
		const program = join(this.build, "tidemark-server");
		if (!existsSync(program)) throw new Error(`${program} is not built`);
		const lines = jsonLines(
			await output(program, ["backtest", folder, "--json", ...more]),
		);
		return {
			series: new Map(
				lines.filter((l) => l.series_id).map((l) => [l.series_id, l.alarms]),
			),
			services: new Map(
				lines.filter((l) => l.service).map((l) => [l.service, l.alarms]),
			),
			scores: lines.filter((l) => l.score).map((l) => l.score),
		};
	}

	async yardsticks(folder) {
		const program = join(this.build, "tests/fleet_yardsticks");
		return jsonLines(await output(program, [folder, "--json"]));
	}
}

function jsonLines(text) {
	return text
		.split("\n")
		.filter((line) => line.startsWith("{"))
		.map((line) => JSON.parse(line));
}

// labels.csv as objects, by its own column names.
export function readLabels(folder) {
	const [head, ...lines] = readFileSync(join(folder, "labels.csv"), "utf8")
		.trim()
		.split("\n");
	const names = head.split(",");
	return lines.map((line) =>
		Object.fromEntries(line.split(",").map((value, i) => [names[i], value])),
	);
}

export function groupBy(items, key) {
	const groups = new Map();
	for (const item of items) {
		const name = key(item);
		if (!groups.has(name)) groups.set(name, []);
		groups.get(name).push(item);
	}
	return groups;
}

export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const half = Math.floor(sorted.length / 2);
	if (sorted.length === 0) return NaN;
	return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// All alarms of a level that concern a service: its versions' and its members'.
export function alarmsOf(result, service, members, level) {
	return [
		...(result.services.get(service) ?? []),
		...members.flatMap((m) => result.series.get(m.series_id) ?? []),
	].filter((alarm) => alarm.level === level);
}

// Seconds from `since` until the first alarm that begins then or later; Infinity: never.
// One that was on before says nothing of what began at `since`.
export function delayOf(alarms, since) {
	const delays = alarms.map((alarm) => alarm.from - since).filter((delay) => delay >= 0);
	return Math.min(Infinity, ...delays);
}

// How many times something is on, counted once where less than three hours lie between.
export function episodes(alarms) {
	let count = 0;
	let end = -Infinity;
	for (const alarm of [...alarms].sort((a, b) => a.from - b.from)) {
		if (alarm.from > end + 3 * 3600) count++;
		end = Math.max(end, alarm.to ?? Infinity);
	}
	return count;
}

export function table(head, rows) {
	const all = [head, ...rows].map((row) => row.map(String));
	const widths = head.map((_, i) => Math.max(3, ...all.map((row) => row[i].length)));
	const line = (row) =>
		`| ${row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(" | ")} |`;
	const rule = `| ${widths.map((w, i) => (i ? `${"-".repeat(w - 1)}:` : "-".repeat(w))).join(" | ")} |`;
	return [line(all[0]), rule, ...all.slice(1).map(line)].join("\n");
}

export function fixed(value, digits) {
	return Number.isFinite(value) ? value.toFixed(digits) : "-";
}
