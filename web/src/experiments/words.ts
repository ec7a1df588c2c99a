// How experiments lie to each other. Pure.
import type { Experiment } from '../api/settings';
import { type Zoom, href } from '../app/address';
import { MINUTE } from '../format/time';

const LEAST = 15 * MINUTE;

/** The chart of the service over the experiment, with a little on both sides. */
export function chartOf(x: Experiment, now: number): string {
	const { from, to } = spanOf(x, now);
	const edge = Math.max((to - from) / 10, (LEAST - (to - from)) / 2, MINUTE);
	return href.service(x.service.id, { zoom: { from: Math.round(from - edge), to: Math.round(Math.min(to + edge, Math.max(now, to))) } });
}

export function spanOf(x: Experiment, now: number): Zoom {
	return { from: x.from_ms, to: Math.max(x.to_ms ?? now, x.from_ms + MINUTE) };
}

/** Both from their beginnings, as long as the shorter of them went: the later is set against
 *  the earlier. */
export function comparisonOf(a: Experiment, b: Experiment, now: number): string {
	const [first, second] = a.from_ms <= b.from_ms ? [a, b] : [b, a];
	const length = Math.min(...[first, second].map((x) => spanOf(x, now)).map(({ from, to }) => to - from));
	return href.compare({ selections: [{ service: first.service.id, offset: second.from_ms - first.from_ms }, { service: second.service.id }],
		zoom: { from: second.from_ms, to: second.from_ms + length } });
}
