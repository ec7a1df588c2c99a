// Where lines lead: from the newest reading to the limit, as a cone between the ends of the
// 95 % interval. Pure.
import type { Instance, Moment, Rate } from '../api/types';
import type { Line } from './model';

const HOUR_MS = 3_600_000;
/** The future takes this much of what is shown of the past, at most. */
const FUTURE = 0.35;
/** More cones would cover one another. */
const MOST = 4;
/** A line that ended this many steps ago has no future. */
const OVER = 6;

/** What is known of an instance that grows. */
export interface Growing {
	instance: number;
	version: number;
	/** Only watched: drawn quietly. */
	calm: boolean;
	rate: Rate | null;
	limit: number | null;
	exhaust: Moment | null;
}

export interface Point {
	at: number;
	value: number;
}

export interface Forecast {
	instance: number;
	calm: boolean;
	/** The newest reading. */
	from: Point;
	/** Soonest, likeliest, latest; each ends at the limit or at the edge of the picture. */
	soonest: Point;
	likely: Point;
	latest: Point;
}

/** Those that are known to grow, and from which data comes. Pure. */
export function growing(rows: readonly (Pick<Instance, 'id' | 'rate' | 'limit_kb' | 'exhaust' | 'level'
	| 'silent_since_ms' | 'running'> & { version: { id: number } })[]): Growing[] {
	return rows.filter((r) => r.level !== null && r.running && r.silent_since_ms === null && r.rate !== null)
		.map((r) => ({ instance: r.id, version: r.version.id, calm: r.level === 'watch', rate: r.rate, limit: r.limit_kb, exhaust: r.exhaust }));
}

function newest(line: Line, times: readonly number[]): Point | null {
	for (let i = line.values.length - 1; i >= Math.max(0, line.values.length - OVER); i--) {
		const value = line.values[i];
		if (typeof value === 'number') return { at: (times[i] as number) * 1000, value };
	}
	return null;
}

/** Towards the limit at `when`, or by the rate where there is none. What ends a process may
 *  lie far below its limit, where it was restarted before: there the rate leads to `when`. */
function towards(from: Point, g: Growing, when: number | null | undefined, kbPerHour: number, edge: number): Point {
	const byRate = (at: number) => ({ at, value: from.value + (kbPerHour * (at - from.at)) / HOUR_MS });
	const ends = g.limit !== null && g.limit > from.value && typeof when === 'number' && when > from.at;
	let end = byRate(ends ? when : edge);
	if (ends && end.value > (from.value + (g.limit as number)) / 2) end = { at: when, value: g.limit as number };
	if (end.at <= edge) return end;
	const part = (edge - from.at) / (end.at - from.at);
	return { at: edge, value: from.value + (end.value - from.value) * part };
}

/** How far the picture has to reach for it, and what is drawn there. */
export function foretell(lines: readonly Line[], times: readonly number[], all: readonly Growing[],
	{ from, to }: { from: number; to: number }): { forecasts: Forecast[]; reach: number } {
	const soonest = [...all].sort((a, b) => (a.exhaust?.at_ms ?? Infinity) - (b.exhaust?.at_ms ?? Infinity)
		|| (b.rate?.kb_h ?? 0) - (a.rate?.kb_h ?? 0));
	const starts = soonest.flatMap((g) => {
		const line = lines.find((l) => l.instance === g.instance && l.version.id === g.version);
		const start = line && !line.faint ? newest(line, times) : null;
		return start && g.rate ? [{ g, start, rate: g.rate }] : [];
	}).slice(0, MOST);
	if (starts.length === 0) return { forecasts: [], reach: to };
	const furthest = to + (to - from) * FUTURE;
	const wanted = Math.max(...starts.map(({ g }) => (g.exhaust ? g.exhaust.high_ms ?? Infinity : Infinity)));
	const reach = Math.max(to, Math.min(furthest, wanted + (to - from) * 0.02));
	const forecasts = starts.map(({ g, start, rate }) => ({
		instance: g.instance, calm: g.calm, from: start,
		soonest: towards(start, g, g.exhaust?.low_ms, rate.high_kb_h, reach),
		likely: towards(start, g, g.exhaust?.at_ms, rate.kb_h, reach),
		latest: towards(start, g, g.exhaust?.high_ms, Math.max(0, rate.low_kb_h), reach),
	}));
	return { forecasts, reach };
}
