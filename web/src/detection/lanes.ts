// From the alarms of a replay and those of the past to lanes that stand side by side. Pure.
import type { Alarm, Replay } from '../api/types';
import { duration } from '../format/time';
import { t } from '../words/words';
import { SENSITIVITY_WORDS } from './words';

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
	if (would === null && did === null) return lane.alarms.length > 0 ? t('only watched') : '';
	if (did === null) return t('would alert, and did not');
	if (would === null) return t(lane.alarms.length > 0 ? 'only watched, and did alert' : 'would stay quiet');
	if (Math.abs(would - did) < 60_000) return t('at the same time');
	return t(would < did ? '{span} earlier' : '{span} later', { span: duration(Math.abs(would - did)) });
}

/** "Eager would have alerted on 2 instances and watched 1; in fact 2 alerted." */
export function verdictOf(replay: Pick<Replay, 'sensitivity' | 'alarms' | 'raised'>): string {
	const lanes = lanesOf(replay);
	const alerted = lanes.filter((l) => confirmedAt(l.alarms) !== null).length;
	const watched = lanes.filter((l) => l.alarms.length > 0).length - alerted;
	const did = lanes.filter((l) => confirmedAt(l.raised) !== null).length;
	const word = SENSITIVITY_WORDS[replay.sensitivity];
	const values = { name: `${word[0]?.toUpperCase()}${word.slice(1)}`, alerted, watched,
		fact: t('{n, plural, =0 {in fact none alerted} one {in fact # instance alerted} other {in fact # instances alerted}}', { n: did }) };
	const { name, fact } = values;
	if (alerted + watched === 0) return t('{name} would have raised nothing; {fact}.', { name, fact });
	if (watched === 0)
		return t('{name} would have alerted on {alerted, plural, one {# instance} other {# instances}}; {fact}.', { name, fact, alerted });
	if (alerted === 0)
		return t('{name} would have watched {watched, plural, one {# instance} other {# instances}}; {fact}.', { name, fact, watched });
	return t('{name} would have alerted on {alerted, plural, one {# instance} other {# instances}} and watched {watched, plural, one {# instance} other {# instances}}; {fact}.', values);
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
