// From the alarms of a replay and those of the past to lanes that stand side by side. Pure.
import type { Alarm, Replay } from '../api/types';
import { duration } from '../format/time';
import { plural } from '../format/number';

/** A seat with its version: what it would have raised, and what it did raise. */
export interface Lane {
	key: string;
	host: string;
	ordinal: number;
	version: string;
	alarms: Alarm[];
	raised: Alarm[];
}

function keyOf(a: Alarm): string {
	return JSON.stringify([a.host, a.ordinal, a.version]);
}

/** In the order of the first alarm; hosts that alarm at once by name. */
export function lanesOf(replay: Pick<Replay, 'alarms' | 'raised'>): Lane[] {
	const lanes = new Map<string, Lane>();
	const lane = (a: Alarm) => {
		const key = keyOf(a);
		const known = lanes.get(key) ?? { key, host: a.host, ordinal: a.ordinal, version: a.version, alarms: [], raised: [] };
		lanes.set(key, known);
		return known;
	};
	for (const a of replay.alarms) lane(a).alarms.push(a);
	for (const a of replay.raised) lane(a).raised.push(a);
	const first = (l: Lane) => Math.min(...[...l.alarms, ...l.raised].map((a) => a.from_ms));
	return [...lanes.values()].sort((a, b) => first(a) - first(b) || a.host.localeCompare(b.host) || a.ordinal - b.ordinal);
}

/** When it is first confirmed; null: never. */
export function confirmedAt(alarms: readonly Alarm[]): number | null {
	const times = alarms.filter((a) => a.level === 'confirmed').map((a) => a.from_ms);
	return times.length > 0 ? Math.min(...times) : null;
}

/** How the lane differs: "40 min earlier", "only in the replay", "would stay quiet". */
export function difference(lane: Lane): string {
	const would = confirmedAt(lane.alarms);
	const did = confirmedAt(lane.raised);
	if (would === null && did === null) return lane.alarms.length > 0 ? 'only watched' : '';
	if (did === null) return 'would alert, and did not';
	if (would === null) return lane.alarms.length > 0 ? 'only watched, and did alert' : 'would stay quiet';
	if (Math.abs(would - did) < 60_000) return 'at the same time';
	return `${duration(Math.abs(would - did))} ${would < did ? 'earlier' : 'later'}`;
}

/** "Eager would have alerted on 2 instances and watched 1; in fact 2 alerted." */
export function verdictOf(replay: Pick<Replay, 'sensitivity' | 'alarms' | 'raised'>): string {
	const lanes = lanesOf(replay);
	const alerted = lanes.filter((l) => confirmedAt(l.alarms) !== null).length;
	const watched = lanes.filter((l) => l.alarms.length > 0).length - alerted;
	const did = lanes.filter((l) => confirmedAt(l.raised) !== null).length;
	const name = replay.sensitivity[0]?.toUpperCase() + replay.sensitivity.slice(1);
	const fact = did === 0 ? 'in fact none alerted' : `in fact ${plural(did, 'instance')} alerted`;
	if (alerted + watched === 0) return `${name} would have raised nothing; ${fact}.`;
	const said = [
		...(alerted > 0 ? [`alerted on ${plural(alerted, 'instance')}`] : []),
		...(watched > 0 ? [`watched ${plural(watched, 'instance')}`] : []),
	].join(' and ');
	return `${name} would have ${said}; ${fact}.`;
}

export interface Bar {
	level: Alarm['level'];
	/** In per cent of the span. */
	left: number;
	width: number;
	alarm: Alarm;
}

/** What is visible of alarms within a span. */
export function barsOf(alarms: readonly Alarm[], from: number, to: number): Bar[] {
	const share = (ms: number) => ((Math.min(Math.max(ms, from), to) - from) / (to - from)) * 100;
	return alarms.filter((a) => a.from_ms <= to && (a.to_ms ?? to) >= from).map((a) => {
		const left = share(a.from_ms);
		return { level: a.level, left, width: Math.max(share(a.to_ms ?? to) - left, 0.6), alarm: a };
	}).sort((a, b) => (a.level === b.level ? a.left - b.left : a.level === 'watch' ? -1 : 1));
}
