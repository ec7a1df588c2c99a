// Numbers as people read them. Memory comes in KiB and is shown in binary units; a no-break
// space keeps number and unit together.

import type { Rate } from '../api/types';
import { locale, t } from '../words/words';
import { duration } from './time';

const SPACE = '\u00a0';
const MINUS = '\u2212';
const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** About three significant digits: "412", "84.3", "1.25"; whole numbers stay whole. */
export function digits(value: number): string {
	const size = Math.abs(value);
	const decimals = size >= 99.95 || Number.isInteger(value) ? 0 : size >= 9.995 ? 1 : 2;
	return written(value, decimals);
}

/** By the number of decimals: making one takes longer than using it a hundred times. */
const FORMATS = [0, 1, 2].map((n) => new Intl.NumberFormat(locale, { minimumFractionDigits: n, maximumFractionDigits: n }));

/** "12345.6" → "12,345.6", with a real minus sign, and none before zero. */
function written(value: number, decimals: 0 | 1 | 2): string {
	return (FORMATS[decimals] as Intl.NumberFormat).format(value).replace(/^-(?=.*[1-9])/, MINUS).replace('-', '');
}

export function count(value: number): string {
	return written(Math.round(value), 0);
}

/** The unit in which `kb` has one to four digits before the point. */
function scaled(kb: number): [number, string] {
	let value = kb;
	let unit = 0;
	while (Math.abs(value) >= 1023.5 && unit < UNITS.length - 1) {
		value /= 1024;
		unit++;
	}
	return [value, UNITS[unit] as string];
}

export function memory(kb: number): string {
	const [value, unit] = scaled(kb);
	return `${unit === 'KiB' ? count(value) : digits(value)}${SPACE}${unit}`;
}

/** For figures that are counted in bytes, such as a spool. */
export function bytes(value: number): string {
	return value < 1024 ? `${count(value)}${SPACE}B` : memory(value / 1024);
}

/** "58 MiB/h". */
export function perHour(size: string): string {
	return t('{size}/h', { size });
}

const PER = [
	{ say: (size: string) => t('{size}/min', { size }), hours: 1 / 60, from: 600 * 1024 },
	{ say: perHour, hours: 1, from: 1024 },
	{ say: (size: string) => t('{size}/day', { size }), hours: 24, from: 0 },
];

/** Growth and its interval: "+33 MiB/min" and "25 – 42 MiB/min". Per minute when it is fast,
 *  per day when it is slow, as the detector says it in its sentences. */
export function growth(rate: Rate): { figure: string; interval: string } {
	const largest = Math.max(Math.abs(rate.kb_h), Math.abs(rate.high_kb_h));
	const per = PER.find((p) => largest >= p.from) ?? (PER[2] as (typeof PER)[2]);
	const value = rate.kb_h * per.hours;
	const interval = between(rate.low_kb_h * per.hours, rate.high_kb_h * per.hours);
	return {
		figure: per.say(`${value > 0 ? '+' : ''}${memory(value)}`),
		interval: per.say(interval),
	};
}

/** Both ends in one unit, that of the larger. */
function between(low: number, high: number): string {
	const size = Math.max(Math.abs(low), Math.abs(high));
	const [larger, unit] = scaled(size);
	const divisor = larger === 0 ? 1 : size / larger;
	return `${digits(low / divisor)} – ${digits(high / divisor)}${SPACE}${unit}`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
	return `${count(n)} ${n === 1 ? one : many}`;
}

/** A figure of a metric in the unit that the API names. */
export function quantity(value: number, unit: string): string {
	switch (unit) {
		case 'KiB':
			return memory(value);
		case 'cores':
		case 'ratio':
			return unit === 'cores' ? t(value === 1 ? '{n} core' : '{n} cores', { n: digits(value) })
				: `${digits(value * 100)}${SPACE}%`;
		case 'bytes':
			return bytes(value);
		case 'ms':
			return value > 0 && value < 1000 ? `${digits(value)}${SPACE}ms` : duration(value);
		case 'us':
			return value >= 1000 ? quantity(value / 1000, 'ms') : `${digits(value)}${SPACE}µs`;
		case '1/1000':
			return `${digits(value / 10)}${SPACE}%`;
		case 'count/s':
			return `${digits(value)}/s`;
		case 'count':
		case '':
			return Number.isInteger(value) ? count(value) : digits(value);
		default:
			return `${digits(value)}${SPACE}${unit}`;
	}
}
