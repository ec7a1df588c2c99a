// Numbers as people read them. Memory comes in KiB and is shown in binary units; a no-break
// space keeps number and unit together.

const SPACE = '\u00a0';
const MINUS = '\u2212';
const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** About three significant digits: "412", "84.3", "1.25"; whole numbers stay whole. */
export function digits(value: number): string {
	const size = Math.abs(value);
	const decimals = size >= 99.95 || Number.isInteger(value) ? 0 : size >= 9.995 ? 1 : 2;
	return group(value.toFixed(decimals));
}

/** "12345.6" → "12,345.6", with a real minus sign. */
function group(text: string): string {
	const [whole = '', fraction] = text.split('.');
	const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',').replace('-', MINUS);
	return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export function count(value: number): string {
	return group(String(Math.round(value)));
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

export function rate(kbPerHour: number): string {
	const text = memory(kbPerHour);
	return `${kbPerHour > 0 ? '+' : ''}${text}/h`;
}

/** "79.1 – 88.0 MiB/h": both ends in one unit, that of the larger. */
export function interval(low: number, high: number): string {
	const [larger, unit] = scaled(Math.max(Math.abs(low), Math.abs(high)));
	const divisor = larger === 0 ? 1 : Math.max(Math.abs(low), Math.abs(high)) / larger;
	return `${digits(low / divisor)} – ${digits(high / divisor)}${SPACE}${unit}/h`;
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
			return unit === 'cores' ? `${digits(value)}${SPACE}${value === 1 ? 'core' : 'cores'}`
				: `${digits(value * 100)}${SPACE}%`;
		case 'count':
		case '':
			return Number.isInteger(value) ? count(value) : digits(value);
		default:
			return `${digits(value)}${SPACE}${unit}`;
	}
}
