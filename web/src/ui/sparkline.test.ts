import { expect, test } from 'vitest';
import { strokes } from './sparkline';

test('a gap lifts the pen', () => {
	const { line } = strokes([1, 2, null, 4]);
	expect(line.match(/M/g)).toHaveLength(2);
	expect(line.match(/L/g)).toHaveLength(1);
});

test('the end is the newest value that is known', () => {
	expect(strokes([10, 20, null]).end?.[0]).toBe(60);
	expect(strokes([null, null])).toEqual({ line: '', end: null });
});

test('a flat line is drawn flat, not as its noise', () => {
	const ys = strokes([100_000, 100_010, 100_000]).line.match(/ ([\d.]+)/g)?.map(Number) ?? [];
	expect(Math.max(...ys) - Math.min(...ys)).toBeLessThan(1);
});
