import { expect, test } from 'vitest';
import { bytes, count, digits, interval, memory, plural, quantity, rate } from './number';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('memory is shown in binary units with three digits', () => {
	expect(plain(memory(0))).toBe('0 KiB');
	expect(plain(memory(812))).toBe('812 KiB');
	expect(plain(memory(1024))).toBe('1 MiB');
	expect(plain(memory(421_888))).toBe('412 MiB');
	expect(plain(memory(1.25 * 1024 * 1024))).toBe('1.25 GiB');
	expect(plain(memory(3.5 * 1024 ** 3))).toBe('3.50 TiB');
});

test('a value just below the next unit is carried into it', () => {
	expect(plain(memory(1023.7))).toBe('1.00 MiB');
	expect(plain(memory(1023.6 * 1024))).toBe('1.00 GiB');
});

test('bytes below one KiB stay bytes', () => {
	expect(plain(bytes(0))).toBe('0 B');
	expect(plain(bytes(1023))).toBe('1,023 B');
	expect(plain(bytes(64 * 1024 * 1024))).toBe('64 MiB');
});

test('growth has its sign, and shrinking a real minus', () => {
	expect(plain(rate(86_323))).toBe('+84.3 MiB/h');
	expect(plain(rate(-86_323))).toBe('−84.3 MiB/h');
	expect(plain(rate(0))).toBe('0 KiB/h');
});

test('an interval is told in one unit', () => {
	expect(plain(interval(900, 2048))).toBe('0.88 – 2 MiB/h');
	expect(plain(interval(-100, 100))).toBe('−100 – 100 KiB/h');
	expect(plain(interval(0, 0))).toBe('0 – 0 KiB/h');
});

test('counts are grouped and words follow number', () => {
	expect(count(1_234_567)).toBe('1,234,567');
	expect(plural(1, 'service')).toBe('1 service');
	expect(plural(0, 'service')).toBe('0 services');
	expect(plural(2, 'process', 'processes')).toBe('2 processes');
	expect(digits(0.031)).toBe('0.03');
});

test('figures carry the unit the API names', () => {
	expect(plain(quantity(2048, 'KiB'))).toBe('2 MiB');
	expect(plain(quantity(0.37, 'cores'))).toBe('0.37 cores');
	expect(plain(quantity(0.5, 'ratio'))).toBe('50 %');
	expect(plain(quantity(17, 'count'))).toBe('17');
	expect(plain(quantity(1.5, 'ms/s'))).toBe('1.50 ms/s');
});
