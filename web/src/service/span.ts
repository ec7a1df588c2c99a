// Which span of time a chart asks for. Pure.
import { RANGES, type RangeName, type Zoom } from '../app/address';
import { DAY, HOUR, MINUTE } from '../format/time';

const MOST_POINTS = 720;
const LEAST_POINTS = 10; // that the API takes; the steps become no finer by it than readings are
const SHORTEST = 3 * MINUTE;
const STEPS = [10_000, 15_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE,
	30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 12 * HOUR, DAY];

export interface Span {
	from: number;
	to: number;
	points: number;
}

/** Whole steps, so that the same view asks for the same span until a step has passed. */
export function aligned(from: number, to: number): Span {
	const step = STEPS.find((s) => (to - from) / s <= MOST_POINTS) ?? DAY;
	const start = Math.floor(from / step) * step;
	const end = Math.max(Math.ceil(to / step), start / step + 1) * step;
	return { from: start, to: end, points: Math.max(LEAST_POINTS, (end - start) / step) };
}

/** The span of a range that ends now, or of a zoom. With `since`, not much before it. */
export function spanOf(range: RangeName, zoom: Zoom | null, now: number, since = 0): Span {
	if (zoom) return aligned(zoom.from, zoom.to);
	const earliest = Math.min(since - MINUTE / 2, now - SHORTEST);
	return aligned(Math.max(now - RANGES[range].ms, earliest), now);
}

export function seriesQuery(span: Span): { from: number; to: number; points: number } {
	return { from: span.from, to: span.to, points: span.points };
}
