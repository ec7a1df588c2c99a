import { expect, test } from 'vitest';
import { bytes, count, digits, growth, memory, plural, quantity } from './number';

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

const around = (kb_h: number) => ({ kb_h, low_kb_h: kb_h * 0.9, high_kb_h: kb_h * 1.1 });

test('growth has its sign, and shrinking a real minus', () => {
	expect(plain(growth(around(86_323)).figure)).toBe('+84.3 MiB/h');
	expect(plain(growth(around(-86_323)).figure)).toBe('−84.3 MiB/h');
	expect(plain(growth(around(0)).figure)).toBe('0 KiB/day');
});

test('fast growth is told per minute, slow growth per day, as in the sentences of the detector', () => {
	expect(plain(growth(around(2_046_849)).figure)).toBe('+33.3 MiB/min');
	expect(plain(growth(around(400)).figure)).toBe('+9.38 MiB/day');
});

test('an interval is told in one unit', () => {
	expect(plain(growth({ kb_h: 1500, low_kb_h: 900, high_kb_h: 2048 }).interval)).toBe('0.88 – 2 MiB/h');
	expect(plain(growth({ kb_h: 0, low_kb_h: -10, high_kb_h: 10 }).interval)).toBe('−240 – 240 KiB/day');
	expect(plain(growth({ kb_h: 0, low_kb_h: 0, high_kb_h: 0 }).interval)).toBe('0 – 0 KiB/day');
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
