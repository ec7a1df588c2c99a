import { expect, test } from 'vitest';
import { strokes } from './sparkline';

test('a gap lifts the pen', () => {
	const { line } = strokes([1, 2, null, 4]);
	expect(line.match(/M/g)).toHaveLength(2);
	expect(line.match(/L/g)).toHaveLength(1);
});

test('the end is the newest value that is known', () => {
	expect(strokes([10, 20, null]).end?.[0]).toBe(60);
	expect(strokes([...Array(50).fill(null), 10, 20]).end?.[0]).toBe(118);
	expect(strokes([null, null])).toEqual({ line: '', end: null });
});

test('what was not known yet is left out', () => {
	const start = (line: string) => Number(/^M([\d.]+)/.exec(line)?.[1]);
	expect(start(strokes([...Array(30).fill(null), ...Array(30).fill(5)]).line)).toBe(2);
	expect(start(strokes([...Array(59).fill(null), 5]).line)).toBe(118);
});

test('a flat line is drawn flat, not as its noise', () => {
	const ys = strokes([100_000, 100_010, 100_000]).line.match(/ ([\d.]+)/g)?.map(Number) ?? [];
	expect(Math.max(...ys) - Math.min(...ys)).toBeLessThan(1);
});
