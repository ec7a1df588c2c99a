import { expect, test } from 'vitest';
import answer from '../../../schema/api/series.json';
import type { Mark, SeriesAnswer } from '../api/types';
import { cluster, describe } from './marks';
import { bridge, buildModel, figures, readings, shortNames, versionColours } from './model';

const golden = answer as SeriesAnswer;

test('a late reading is no gap, an absent agent is', () => {
	expect(bridge([1, null, 3], 10_000)).toEqual([1, undefined, 3]);
	expect(bridge([1, null, null, null, null, 3], 10_000)).toEqual([1, null, null, null, null, 3]);
	expect(bridge([null, 2, null], 10_000)).toEqual([null, 2, null]);
	expect(bridge([1, null, 3], 300_000)).toEqual([1, null, 3]);
});

test('lines are named by host, and by seat where a host has several', () => {
	const model = buildModel(golden);
	expect(model.lines[0]?.name).toBe(`${golden.series[0]?.host} #${golden.series[0]?.ordinal}`);
	const one = buildModel({ ...golden, series: golden.series.slice(0, 1) });
	expect(one.lines[0]?.name).toBe(golden.series[0]?.host);
});

test('domains are left out where the name alone says enough', () => {
	const names = shortNames(['web-1.a.example', 'web-2.a.example', 'db.a.example', 'db.b.example', '10.0.0.5']);
	expect([...names.values()]).toEqual(['web-1', 'web-2', 'db.a.example', 'db.b.example', '10.0.0.5']);
});

test('times are the middles of the steps', () => {
	const model = buildModel(golden);
	expect(model.times[0]).toBe((golden.from_ms + golden.step_ms / 2) / 1000);
	expect(model.times).toHaveLength(golden.series[0]?.values.length ?? 0);
});

test('a hidden version takes its lines and marks along', () => {
	const version = golden.series.at(-1)?.version.id as number;
	const model = buildModel(golden, { hide: [version] });
	expect(model.lines.some((l) => l.version.id === version)).toBe(false);
	const left = new Set(model.lines.map((l) => l.instance));
	expect(model.marks.every((m) => m.instance === 0 || left.has(m.instance))).toBe(true);
});

test('what the chart is not about is faint', () => {
	const about = golden.series[0]?.instance as number;
	const model = buildModel(golden, { subject: new Set([about]) });
	expect(model.lines.filter((l) => !l.faint).map((l) => l.instance)).toEqual([about]);
});

test('a version keeps its colour whatever the order it is met in', () => {
	expect(versionColours([9, 4, 7])).toEqual(versionColours([4, 7, 9, 9]));
	expect(versionColours([9, 4], [2, 4]).get(9)).toBe(versionColours([4, 9]).get(9));
});

test('figures and readings are those of the lines, largest first', () => {
	const model = buildModel(golden);
	const lasts = figures(model).map((f) => f.last);
	expect(lasts).toEqual([...lasts].sort((a, b) => b - a));
	const line = { ...model.lines[0] as (typeof model.lines)[0], values: [5, undefined, null] };
	expect(readings({ ...model, lines: [line] }, 1)[0]?.value).toBe(5);
	expect(readings({ ...model, lines: [line] }, 2)).toEqual([]);
});

test('marks that would overlap become one, but kinds stay apart', () => {
	const mark = (at_ms: number, kind: Mark['kind'], text = ''): Mark => ({ at_ms, kind, instance: 1, text });
	const marks = [mark(0, 'deploy', '1.0.0'), mark(2, 'deploy', '1.1.0'), mark(1, 'restart'), mark(50, 'restart')];
	const clusters = cluster(marks, (ms) => ms, 10);
	expect(clusters.map((c) => [c.kind, c.count, c.label])).toEqual(
		[['deploy', 2, '1.0.0, 1.1.0'], ['restart', 1, ''], ['restart', 1, '']]);
	expect(describe(marks)).toEqual(['1.0.0 deployed', '1.1.0 deployed', '2 restarts']);
});
