import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, ago, clock, duration, fromInput, full, span, toInput, until,
	when } from './time';

const noon = Date.UTC(2025, 9, 12, 12, 4, 9);

test('times are 24-hour', () => {
	expect(clock(noon + 3 * HOUR, 'utc')).toBe('15:04');
	expect(clock(noon, 'utc', true)).toBe('12:04:09');
	expect(full(noon, 'utc')).toBe('12 Oct 2025, 12:04:09 UTC');
});

test('a time says no more than is needed', () => {
	expect(when(noon, noon + HOUR, 'utc')).toBe('12:04');
	expect(when(noon, noon + DAY, 'utc')).toBe('12 Oct 12:04');
	expect(when(noon, noon + 200 * DAY, 'utc')).toBe('12 Oct 2025');
});

test('a span repeats the date only when it changes', () => {
	expect(span(noon, noon + HOUR, 'utc')).toBe('12 Oct 12:04 – 13:04');
	expect(span(noon, noon + DAY, 'utc')).toBe('12 Oct 12:04 – 13 Oct 12:04');
	expect(span(noon, noon + MINUTE, 'utc')).toBe('12 Oct 12:04:09 – 12:05:09');
});

test('durations use two units and never 60 of the smaller', () => {
	expect(duration(0)).toBe('0 s');
	expect(duration(380)).toBe('380 ms');
	expect(duration(45_000)).toBe('45 s');
	expect(duration(3 * HOUR + 12 * MINUTE)).toBe('3 h 12 min');
	expect(duration(59 * MINUTE + 59_800)).toBe('1 h');
	expect(duration(23 * HOUR + 59.9 * MINUTE)).toBe('1 d');
	expect(duration(14 * DAY + HOUR)).toBe('14 d');
});

test('ages and times to come are rough', () => {
	expect(ago(noon, noon + 2000)).toBe('just now');
	expect(ago(noon, noon - 9000)).toBe('just now');
	expect(ago(noon, noon + 61 * MINUTE)).toBe('1 h ago');
	expect(until(noon, noon - 5 * HOUR)).toBe('in 5 h');
	expect(until(noon, noon)).toBe('now');
});

test('what a date field gives is what it was given', () => {
	const minute = Math.floor(noon / MINUTE) * MINUTE;
	expect(fromInput(toInput(minute, 'utc'), 'utc')).toBe(minute);
	expect(fromInput(toInput(minute, 'local'), 'local')).toBe(minute);
	expect(fromInput(' 2025-10-12 12:04:09 ', 'utc')).toBe(noon);
	expect(fromInput('', 'utc')).toBeNaN();
	expect(fromInput('12/10/2025 9:00', 'utc')).toBeNaN();
	expect(fromInput('2025-13-40 12:00', 'utc')).toBeNaN();
});
