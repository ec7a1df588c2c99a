import { expect, test } from 'vitest';
import { steps, timeLabels, valueLabel, valueRange } from './ticks';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('a byte axis has ticks on whole binary units', () => {
	const ticks = steps('KiB').filter((s) => s >= 64 * 1024 && s <= 512 * 1024);
	expect(ticks.map((t) => plain(valueLabel(t, 'KiB')))).toEqual(
		['64 MiB', '128 MiB', '256 MiB', '512 MiB']);
	expect(plain(valueLabel(1.25 * 1024 ** 2, 'KiB'))).toBe('1.25 GiB');
	expect(valueLabel(0, 'KiB')).toBe('0');
});

test('counts have no fractions between ticks', () => {
	expect(Math.min(...steps('count'))).toBe(1);
	expect(valueLabel(12_000, 'count')).toBe('12,000');
});

test('decimal ticks say what they mean', () => {
	expect(valueLabel(0.1 + 0.2, 'cores')).toBe('0.3');
	expect(plain(valueLabel(0.5, 'ratio'))).toBe('50 %');
});

test('the value axis starts at zero unless that hides the change', () => {
	expect(valueRange(100, 1000, 'KiB')[0]).toBe(0);
	const [low, high] = valueRange(90_000, 100_000, 'KiB');
	expect(low).toBeGreaterThan(80_000);
	expect(high).toBeGreaterThan(100_000);
	expect(valueRange(5, 5, 'count')).toEqual([0, 5.4]);
	expect(valueRange(Infinity, -Infinity, 'KiB')).toEqual([0, 1024]);
});

test('time labels are 24-hour, seconds only when ticks are close, midnight is its date', () => {
	const evening = Date.UTC(2025, 9, 12, 22) / 1000;
	expect(timeLabels([evening, evening + 3600, evening + 7200], 3600, 'utc')).toEqual(
		['22:00', '23:00', '13 Oct']);
	expect(timeLabels([evening + 10], 10, 'utc')).toEqual(['22:00:10']);
	expect(timeLabels([evening], 86_400, 'utc')).toEqual(['12 Oct']);
});
