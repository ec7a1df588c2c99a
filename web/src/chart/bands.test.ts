import { expect, test } from 'vitest';
import bands from '../../../schema/api/bands.json';
import memory from '../../../schema/api/memory.json';
import aged from '../../../schema/api/series_age.json';
import type { BandsAnswer, MemoryAnswer, SeriesAnswer } from '../api/types';
import { bandsModel, farOutside, regrid, stackModel } from './bands';
import { csv, tableOf } from './export';
import { buildModel, cropped, heights, lineKey } from './model';
import { ageLabels } from './ticks';

const spread = bands as BandsAnswer;

test('a version is its median, with the band around it', () => {
	const model = bandsModel(spread, undefined);
	expect(model.lines.map((l) => l.version.id)).toEqual(spread.versions.map((v) => v.version.id));
	expect(model.lines[0]?.band?.low).toHaveLength(model.times.length);
	expect(bandsModel(spread, undefined, { hide: [spread.versions[0]?.version.id ?? 0] }).lines).toHaveLength(spread.versions.length - 1);
	expect(bandsModel(spread, undefined, { unmarked: ['deploy', 'restart', 'snapshot', 'oom', 'experiment'] }).marks).toEqual([]);
});

test('who runs outside the band is an outlier, with a name', () => {
	const answer: BandsAnswer = { metric: 'rss_kb', unit: 'KiB', from_ms: 0, to_ms: 40_000, step_ms: 10_000, kills_from_ms: 0, marks: [], versions: [{
		version: { id: 1, version: '1' }, n: [9, 9, 9, 9], median: [5, 5, 5, 5], p10: [4, 4, 4, 4], p90: [6, 6, 6, 6], min: [4, 4, 4, 4], max: [9, 9, 9, 9] }] };
	const line = (instance: number, value: number) => ({ instance, host: `web-${instance}`, ordinal: 0, version: { id: 1, version: '1' }, values: [value, value, value, value] });
	const some: SeriesAnswer = { metric: 'rss_kb', unit: 'KiB', from_ms: 0, to_ms: 40_000, step_ms: 10_000, aggregate: 'max', resolution_ms: 10_000, sources: ['hot'], kills_from_ms: 0, marks: [], gaps: [], series: [line(1, 5), line(2, 9), line(3, 40)] };
	expect(bandsModel(answer, some).lines.map((l) => [l.name, l.named])).toEqual([['median', undefined], ['web-3', true], ['web-2', true]]);
	expect(farOutside([5, null, 8], { low: [4, 4, 4], high: [6, 6, 6], n: [] })).toBe(0.5);
	expect(farOutside([], { low: [], high: [], n: [] })).toBe(0);
});

test('a line on coarser steps keeps its peaks', () => {
	expect(regrid([1, 9, null, 2], { from: 0, step: 10 }, { from: 0, step: 20, length: 3 })).toEqual([9, 2, null]);
});

test('kinds of memory stand on one another and add up to RSS', () => {
	const answer = memory as MemoryAnswer;
	const model = stackModel(answer);
	expect(model.lines.at(-1)?.name).toBe('Heap used');
	const top = heights(model)[0] ?? [];
	answer.rss.forEach((rss, i) => { if (rss !== null) expect(Math.abs((top[i] as number) - rss)).toBeLessThan(6); });
	const without = stackModel({ ...answer, kinds: answer.kinds.filter((k) => k.kind === 'native') });
	expect(without.lines.map((l) => l.name)).toEqual(['Anonymous memory']);
});

test('by age each process has a line of its own', () => {
	const model = buildModel(aged as SeriesAnswer);
	expect(model.ages).toBe(true);
	expect(new Set(model.lines.map(lineKey)).size).toBe(model.lines.length);
	expect(model.lines[0]?.name).toMatch(/ · \d+$/);
	expect(ageLabels([0, 1800, 7200])).toEqual(['0', '30 min', '2 h']);
});

test('a zoom shows at once what is known of it', () => {
	const model = bandsModel(spread, undefined);
	const zoomed = cropped(model, model.from + model.step, model.end - model.step);
	expect(zoomed.lines).toBe(model.lines);
	expect([zoomed.from, zoomed.to]).toEqual([model.from + model.step, model.end - model.step]);
	expect(cropped(model, model.from, model.end)).toBe(model);
});

test('a file of a chart has what is shown, with its unit, and runs no formula', () => {
	const model = bandsModel({ ...spread, versions: spread.versions.map((v) => ({ ...v, version: { ...v.version, version: '=cmd' } })) }, undefined);
	const table = tableOf({ ...model, lines: model.lines.slice(0, 1), end: model.from + 2 * model.step });
	expect(table.columns).toEqual(['time', 'median =cmd (KiB)', 'median =cmd p10 (KiB)', 'median =cmd p90 (KiB)']);
	expect(table.rows).toHaveLength(2);
	expect(csv({ columns: ['=1+1', 'a"b'], rows: [[null, 2]] })).toBe("'=1+1,\"a\"\"b\"\r\n,2");
});
