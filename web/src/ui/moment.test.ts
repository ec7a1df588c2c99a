import { expect, test } from 'vitest';
import { interval } from './moment';

const say = String;

test('an interval has two ends, an open one, or is not known', () => {
	expect(interval({ at_ms: 5, low_ms: 3, high_ms: 8 }, say)).toBe('3 – 8');
	expect(interval({ at_ms: 5, low_ms: 3, high_ms: null }, say)).toBe('3 – perhaps never');
	expect(interval({ at_ms: 5, low_ms: null, high_ms: null }, say)).toBe('');
	expect(interval({ at_ms: 5, low_ms: 3, high_ms: 8 }, () => 'now')).toBe('');
});
