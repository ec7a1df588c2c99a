// Where an axis has its ticks and what they say. Pure.
import { memory, quantity } from '../format/number';
import { type Zone, clock, date, duration, parts } from '../format/time';

const DAY_S = 86_400;

/** Steps of a byte axis are powers of two (of KiB), so that ticks fall on whole MiB or GiB. */
const BINARY = Array.from({ length: 44 }, (_, i) => 2 ** (i - 3));
const DECIMAL = Array.from({ length: 16 }, (_, i) => 10 ** (i - 4)).flatMap((n) => [n, 2 * n, 5 * n]);
const WHOLE = DECIMAL.filter((n) => n >= 1);

/** Of durations: seconds, minutes and hours by the halves and thirds that clocks have. */
const CLOCK = [...DECIMAL.filter((n) => n <= 500), ...[1, 2, 5, 10, 30].flatMap((n) => [n * 1000, n * 60_000]),
	...[1, 2, 6, 12, 24, 48, 120, 240, 720].map((n) => n * 3_600_000)].sort((a, b) => a - b);

export function steps(unit: string): number[] {
	if (unit === 'KiB') return BINARY;
	if (unit === 'ms') return CLOCK;
	return unit === 'count' ? WHOLE : DECIMAL;
}

export function valueLabel(value: number, unit: string): string {
	if (value === 0) return '0';
	if (unit === 'KiB') return memory(value);
	if (unit === 'count') return quantity(value, unit);
	// Multiples of 0.1 are not exact in binary.
	const exact = Number(value.toPrecision(6));
	return unit === 'cores' ? String(exact) : quantity(exact, unit);
}

/** The range of the value axis: from zero, unless that would flatten all there is to see. */
export function valueRange(low: number, high: number, unit: string): [number, number] {
	if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, unit === 'KiB' ? 1024 : 1];
	const least = unit === 'KiB' ? 256 : unit === 'count' ? 4 : 0.05;
	if (low >= 0 && (low < high * 0.5 || high - low < least))
		return [0, Math.max(high * 1.08, least)];
	const margin = Math.max((high - low) * 0.12, high * 0.01);
	return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}

/** Labels of the time axis for ticks (Unix seconds) that are `step` seconds apart. */
export function timeLabels(ticks: readonly number[], step: number, zone: Zone): string[] {
	return ticks.map((tick) => {
		const ms = tick * 1000;
		const p = parts(ms, zone);
		const midnight = p.hour === 0 && p.minute === 0 && p.second === 0;
		if (step >= DAY_S || midnight) return date(ms, zone);
		return clock(ms, zone, step < 60);
	});
}

/** Of ages. */
export function ageLabels(ticks: readonly number[]): string[] {
	return ticks.map((tick) => (tick === 0 ? '0' : duration(tick * 1000)));
}
