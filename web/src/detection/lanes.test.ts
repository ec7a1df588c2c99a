import { expect, test } from 'vitest';
import golden from '../../../schema/api/replay.json';
import type { Alarm, Replay } from '../api/types';
import { barsOf, confirmedAt, difference, lanesOf, verdictOf } from './lanes';

const replay = golden as Replay;
const MINUTE = 60_000;
const alarm = (level: Alarm['level'], from: number, to: number | null = null, host = 'a'): Alarm =>
	({ host, ordinal: 0, version: '1', level, kind: 'leak', from_ms: from * MINUTE, to_ms: to === null ? null : to * MINUTE, rate_kb_h: 1 });
const lane = (alarms: Alarm[], raised: Alarm[]) => lanesOf({ alarms, raised })[0] as ReturnType<typeof lanesOf>[number];

test('a lane holds what would have been raised and what was', () => {
	const lanes = lanesOf(replay);
	expect(lanes.map((l) => [l.host, l.ordinal, l.alarms.length, l.raised.length])).toEqual([['web-1', 2, 2, 1], ['web-1', 3, 1, 1]]);
	expect(lanesOf({ alarms: [alarm('watch', 1)], raised: [{ ...alarm('watch', 1), version: '2' }] })).toHaveLength(2);
});

test('what it would have said is one sentence', () => {
	expect(verdictOf(replay)).toBe('Eager would have alerted on 1 instance and watched 1 instance; in fact 2 instances alerted.');
	expect(verdictOf({ sensitivity: 'calm', alarms: [], raised: [] })).toBe('Calm would have raised nothing; in fact none alerted.');
});

test('the difference is said in time, or in what would have been otherwise', () => {
	expect(difference(lane([alarm('confirmed', 10)], [alarm('confirmed', 50)]))).toBe('40 min earlier');
	expect(difference(lane([alarm('confirmed', 50)], [alarm('confirmed', 10)]))).toBe('40 min later');
	expect(difference(lane([alarm('confirmed', 10)], [alarm('confirmed', 10.5)]))).toBe('at the same time');
	expect(difference(lane([alarm('confirmed', 10)], []))).toBe('would alert, and did not');
	expect(difference(lane([], [alarm('confirmed', 10)]))).toBe('would stay quiet');
	expect(difference(lane([alarm('watch', 9)], [alarm('confirmed', 10)]))).toBe('only watched, and did alert');
	expect(difference(lane([alarm('watch', 9)], []))).toBe('only watched');
	expect(difference(lane([], [alarm('watch', 9)]))).toBe('');
	expect(confirmedAt([alarm('confirmed', 7), alarm('confirmed', 3), alarm('watch', 1)])).toBe(3 * MINUTE);
});

test('bars are cut at the ends of the span, and never too thin to see', () => {
	const bars = barsOf([alarm('confirmed', -5, 25), alarm('watch', 50), alarm('watch', 99.99, 99.991), alarm('watch', 200, 300)],
		0, 100 * MINUTE);
	expect(bars.map((b) => [b.level, Math.round(b.left), Math.round(b.width * 10) / 10])).toEqual(
		[['watch', 50, 50], ['watch', 100, 0.6], ['confirmed', 0, 25]]);
});
