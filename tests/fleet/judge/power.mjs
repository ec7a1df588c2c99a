// The power table: rate times hosts, median hours until found.
import { alarmsOf, delayOf, fixed, groupBy, median, readLabels, table } from "./bench.mjs";

const hosts = [1, 3, 10, 20];

// Delays in hours by rate, hosts and level, over rounds of several seeds.
async function collect(bench, seed, rounds, delays) {
	const folder = await bench.simulate("power", seed, rounds);
	const result = await bench.backtest(folder);
	for (const [service, members] of groupBy(readLabels(folder), (l) => l.service)) {
		const [, rate, count] = service.split("-");
		const onset = Number(members[0].onset_ts);
		for (const level of ["watch", "confirmed"]) {
			const key = `${rate} ${count} ${level}`;
			const delay = delayOf(alarmsOf(result, service, members, level), onset);
			delays.set(key, [...(delays.get(key) ?? []), delay / 3600]);
		}
	}
	bench.forget(folder);
}

export async function power(bench) {
	const delays = new Map();
	const seeds = bench.quick ? 1 : 3;
	for (let i = 0; i < seeds; i++)
		await collect(bench, bench.seed + i, bench.quick ? 1 : 3, delays);
	const rates = [...new Set([...delays.keys()].map((k) => k.split(" ")[0]))];
	const cell = (rate, count) =>
		["watch", "confirmed"]
			.map((level) => {
				const hours = median(delays.get(`${rate} ${count} ${level}`));
				return fixed(hours, hours < 10 ? 1 : 0);
			})
			.join(" / ");
	bench.say(
		table(
			["% of the limit an hour", ...hosts.map((n) => `${n} host${n > 1 ? "s" : ""}`)],
			rates.map((rate) => [rate, ...hosts.map((n) => cell(rate, n))]),
		),
	);
	return [];
}
