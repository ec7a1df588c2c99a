// What must hold: 20 instances of each service for seven days.
import { alarmsOf, delayOf, episodes, fixed, groupBy, readLabels, table } from "./bench.mjs";

// Hours until the confirmed level.
const within_h = {
	leak_must_3: 24,
	leak_must_3_deploy: 24,
	leak_must_10_nightly: 48,
	leak_must_30_six_hourly: 48,
};

// What is not always reached yet: more than this is a failure.
const borne_h = { leak_must_3: 32, leak_must_3_deploy: 32 };
const borne_alerts = 2;

function hours(seconds) {
	return seconds / 3600;
}

async function judge(bench, seed) {
	const folder = await bench.simulate("must", seed, bench.quick ? 1 : 2);
	const result = await bench.backtest(folder);
	const rows = [];
	const checks = [];
	let alerts = 0;
	for (const [service, members] of groupBy(readLabels(folder), (l) => l.service)) {
		const { scenario, leak, onset_ts } = members[0];
		const [watch, confirmed] = ["watch", "confirmed"].map((level) =>
			alarmsOf(result, service, members, level),
		);
		if (leak === "0") {
			alerts += episodes(confirmed);
			rows.push([service, "-", "-", episodes(watch), episodes(confirmed)]);
			continue;
		}
		const onset = Number(onset_ts);
		const delay_h = hours(delayOf(confirmed, onset));
		rows.push([
			service,
			fixed(hours(delayOf(watch, onset)), 1),
			fixed(delay_h, 1),
			episodes(watch),
			episodes(confirmed),
		]);
		checks.push({
			ok: delay_h <= within_h[scenario],
			borne: delay_h <= (borne_h[scenario] ?? 0),
			text: `seed ${seed}: ${service} found after ${fixed(delay_h, 1)} h, ${within_h[scenario]} are given`,
		});
	}
	bench.say(`### 20 instances of each service for 7 days, seed ${seed}\n`);
	bench.say(
		table(
			["service", "hours to watch", "to confirmed", "times on watch", "confirmed"],
			rows,
		),
	);
	bench.say("");
	checks.push({
		ok: alerts <= 1,
		borne: alerts <= borne_alerts,
		text: `seed ${seed}: ${alerts} alerts of all healthy services together, 1 is allowed`,
	});
	bench.forget(folder);
	return checks;
}

export async function must(bench) {
	const seeds = bench.quick ? [bench.seed] : [0, 1, 2].map((i) => bench.seed + i);
	return (await Promise.all(seeds.map((seed) => judge(bench, seed)))).flat();
}
