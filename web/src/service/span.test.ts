import { expect, test } from 'vitest';
import { HOUR } from '../format/time';
import { aligned, spanOf } from './span';

const now = Date.UTC(2025, 9, 12, 12, 4, 9);

test('a span has whole steps and not too many', () => {
	for (const range of ['15m', '1h', '6h', '24h', '7d'] as const) {
		const { from, to, points } = spanOf(range, null, now);
		expect(points).toBeLessThanOrEqual(722);
		expect(points).toBeGreaterThan(80);
		expect(from % ((to - from) / points)).toBe(0);
		expect(to).toBeGreaterThanOrEqual(now);
	}
});

test('the span stays the same within a step', () => {
	expect(spanOf('1h', null, now)).toEqual(spanOf('1h', null, now + 500));
	expect(spanOf('1h', null, now)).not.toEqual(spanOf('1h', null, now + 11_000));
});

test('a zoom asks for what it covers', () => {
	const zoom = { from: now - HOUR, to: now - HOUR / 2 };
	const span = spanOf('7d', zoom, now);
	expect(span.from).toBeLessThanOrEqual(zoom.from);
	expect(span.to).toBeGreaterThanOrEqual(zoom.to);
	expect(span.to - span.from).toBeLessThan(HOUR / 2 + 30_000);
});

test('a young service is shown since it was first seen', () => {
	const young = spanOf('15m', null, now, now - 5 * 60_000);
	expect(now - young.from).toBeLessThan(6 * 60_000);
	expect(now - young.from).toBeGreaterThan(5 * 60_000);
	expect(now - spanOf('15m', null, now, now).from).toBeGreaterThanOrEqual(3 * 60_000);
	expect(spanOf('1h', null, now, now - 30 * HOUR)).toEqual(spanOf('1h', null, now));
});

test('even a span of a year is not too many points', () => {
	expect(aligned(now - 365 * 24 * HOUR, now).points).toBeLessThanOrEqual(722);
});

test('a zoom into a minute asks for as many points as the API wants', () => {
	expect(aligned(now - 70_000, now).points).toBe(10);
	expect(aligned(now - 1, now).points).toBe(10);
});
