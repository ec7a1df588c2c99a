import { expect, test } from 'vitest';
import answer from '../../../schema/api/series.json';
import instances from '../../../schema/api/service_instances.json';
import silent from '../../../schema/api/instance_silent.json';
import type { Instance, SeriesAnswer } from '../api/types';
import { type Growing, foretell, growing } from './forecast';
import { type Line, buildModel } from './model';

const HOUR = 3_600_000;
const golden = answer as SeriesAnswer;
const line = (values: Line['values'], instance = 1): Line =>
	({ instance, name: 'web-1', version: { id: 2, version: '1.1.0' }, faint: false, values });
const times = [0, 900, 1800, 2700, 3600];
const span = { from: 0, to: HOUR };
const one: Growing = { instance: 1, version: 2, calm: false, rate: { kb_h: 100, low_kb_h: 50, high_kb_h: 200 }, limit: 1000,
	exhaust: { at_ms: HOUR + 600_000, low_ms: HOUR + 300_000, high_ms: HOUR + 900_000 } };

test('a cone begins at the newest reading and ends at the limit', () => {
	const fast = { ...one, rate: { kb_h: 3000, low_kb_h: 2000, high_kb_h: 6000 } };
	const { forecasts, reach } = foretell([line([1, 2, 3, 4, 500])], times, [fast], span);
	expect(forecasts[0]?.from).toEqual({ at: HOUR, value: 500 });
	expect(forecasts[0]?.soonest).toEqual({ at: HOUR + 300_000, value: 1000 });
	expect(forecasts[0]?.likely).toEqual({ at: HOUR + 600_000, value: 1000 });
	expect(forecasts[0]?.latest).toEqual({ at: HOUR + 900_000, value: 1000 });
	expect(reach).toBeGreaterThan(HOUR + 900_000);
});

test('the future takes a third of the picture at most, and cones are cut at its edge', () => {
	const far = { ...one, exhaust: { at_ms: 30 * HOUR, low_ms: 20 * HOUR, high_ms: null } };
	const { forecasts, reach } = foretell([line([1, 2, 3, 4, 500])], times, [far], span);
	expect(reach).toBeCloseTo(1.35 * HOUR, -3);
	expect(forecasts[0]?.soonest.at).toBe(reach);
	expect(forecasts[0]?.soonest.value).toBeLessThan(1000);
	// Perhaps never: the latest way follows the slowest rate.
	expect(forecasts[0]?.latest.value).toBeCloseTo(500 + 50 * 0.35, 3);
});

test('without a limit the rate leads, and never downwards', () => {
	const free = { ...one, limit: null, exhaust: null, rate: { kb_h: 100, low_kb_h: -50, high_kb_h: 200 } };
	const [f] = foretell([line([1, 2, 3, 4, 500])], times, [free], span).forecasts;
	expect(f?.likely.value).toBeCloseTo(500 + 100 * 0.35, 3);
	expect(f?.latest.value).toBe(500);
});

test('a line that ended has no future, nor one that is faint', () => {
	const ended = [5, ...Array(9).fill(null)] as Line['values'];
	const many = Array.from({ length: 10 }, (_, i) => i * 360);
	expect(foretell([line(ended)], many, [one], span)).toEqual({ forecasts: [], reach: HOUR });
	expect(foretell([{ ...line([1, 2, 3, 4, 5]), faint: true }], times, [one], span).forecasts).toEqual([]);
});

test('of many cones the four that end first are drawn', () => {
	const all = Array.from({ length: 9 }, (_, i) => ({ ...one, instance: i,
		exhaust: { at_ms: 2 * HOUR - i * 60_000, low_ms: null, high_ms: null } }));
	const { forecasts } = foretell(all.map((g) => line([1, 2, 3, 4, 5], g.instance)), times, all, span);
	expect(forecasts.map((f) => f.instance)).toEqual([8, 7, 6, 5]);
});

test('only what grows and is still read is foretold', () => {
	const rows = instances.items as Instance[];
	expect(growing(rows).map((g) => g.instance)).toEqual(rows.filter((r) => r.level !== null).map((r) => r.id));
	expect(growing([silent as Instance])).toEqual([]);
});

test('a chart below one that foretells keeps its time axis', () => {
	const of = growing(instances.items as Instance[]);
	const above = buildModel(golden, { growing: of });
	const below = buildModel(golden, { growing: of, untold: true });
	expect(above.forecasts.length).toBeGreaterThan(0);
	expect(below.forecasts).toEqual([]);
	expect(below.to).toBe(above.to);
	expect(above.end).toBe(golden.to_ms);
});

test('where it was restarted before, far below its limit, the cone keeps to the rate', () => {
	const again = { ...one, limit: 24_000_000, rate: { kb_h: 1200, low_kb_h: 800, high_kb_h: 2400 } };
	const [f] = foretell([line([1, 2, 3, 4, 500])], times, [again], span).forecasts;
	for (const [end, after_h] of [[f?.soonest, 1 / 12], [f?.likely, 1 / 6], [f?.latest, 1 / 4]] as const) {
		expect(end?.at).toBeCloseTo(HOUR * (1 + after_h), 0);
		expect(end?.value).toBeCloseTo(700, 0);
	}
});
