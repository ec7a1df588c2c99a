import { expect, test } from 'vitest';
import { between } from './between';
import { joined, linesModel } from './lines';
import { describe } from './marks';

const at = [0, 10, 20, 30];

test('where lines cross, a piece ends and another begins', () => {
	const [first, second, ...more] = between(at, [10, 10, 30, 30], [20, 20, 20, 20]);
	expect(more).toEqual([]);
	expect(first?.over).toBe(false);
	expect(second?.over).toBe(true);
	expect(first?.edge.at(-1)).toEqual({ at: 15, first: 20, second: 20 });
	expect(second?.edge[0]).toEqual({ at: 15, first: 20, second: 20 });
});

test('a gap is not filled, a late reading is bridged', () => {
	const pieces = between(at, [3, 3, null, 3], [1, 1, 1, 1]);
	expect(pieces.map((p) => p.edge.map((e) => e.at))).toEqual([[0, 10]]);
	expect(between(at, [3, undefined, 3, 3], [1, 1, 1, 1])[0]?.edge.map((e) => e.at)).toEqual([0, 20, 30]);
});

test('equal lines have no room between them', () => {
	expect(between(at, [2, 2, 2, 2], [2, 2, 2, 2])).toEqual([]);
	const parting = between(at, [2, 2, 3, 3], [2, 2, 1, 1]);
	expect(parting.map((p) => p.over)).toEqual([true]);
	expect(parting[0]?.edge[0]?.at).toBe(10);
});

test('readings of one thing are lines by their names', () => {
	const model = linesModel({ unit: '/min', from_ms: 0, to_ms: 60_000, step_ms: 30_000, fill: true,
		readings: [{ name: 'in', values: [1, 2] }, { name: 'out', values: [3, null] }] });
	expect(model.lines.map((l) => l.name)).toEqual(['in', 'out']);
	expect(model.times).toEqual([15, 45]);
	expect(model.fill).toBe(true);
});

test('the lives of one instance are one line', () => {
	const life = (values: (number | null)[]) => ({ instance: 1, host: 'web-1', ordinal: 0, version: { id: 1, version: '1' }, values });
	const answer = { metric: 'm', unit: 'KiB', from_ms: 0, to_ms: 40, step_ms: 10, aggregate: 'max' as const, resolution_ms: 10, sources: ['hot' as const], kills_from_ms: 0, marks: [], gaps: [] };
	expect(joined({ ...answer, series: [life([1, 2, null, null]), life([null, null, 3, null])] })).toEqual([1, 2, 3, null]);
	expect(joined({ ...answer, series: [] })).toEqual([]);
});

test('what people said is told in their words, what was seen in ours', () => {
	expect(describe([
		{ at_ms: 1, kind: 'deploy', instance: 3, text: '1.1.0' },
		{ at_ms: 1, kind: 'deploy', instance: 0, text: '1.1.0: hotfix' },
		{ at_ms: 1, kind: 'load', instance: 0, text: 'ab -c 10' },
		{ at_ms: 1, kind: 'config', instance: 0, text: '' },
	])).toEqual(['deployed: 1.1.0: hotfix', 'load changed: ab -c 10', 'configuration changed', '1.1.0 deployed']);
});
