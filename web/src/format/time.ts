// Times and durations as people read them. All are pure: "now" and the zone are arguments.
import { locale, t } from '../words/words';

export type Zone = 'local' | 'utc';

const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface Parts {
	year: number;
	month: number;
	day: number;
	hour: number;
	minute: number;
	second: number;
}

export function parts(ms: number, zone: Zone): Parts {
	const d = new Date(ms);
	return zone === 'utc'
		? { year: d.getUTCFullYear(), month: d.getUTCMonth(), day: d.getUTCDate(),
			hour: d.getUTCHours(), minute: d.getUTCMinutes(), second: d.getUTCSeconds() }
		: { year: d.getFullYear(), month: d.getMonth(), day: d.getDate(),
			hour: d.getHours(), minute: d.getMinutes(), second: d.getSeconds() };
}

const two = (n: number) => String(n).padStart(2, '0');

/** "14:32", or "14:32:10". */
export function clock(ms: number, zone: Zone, seconds = false): string {
	const p = parts(ms, zone);
	return `${two(p.hour)}:${two(p.minute)}${seconds ? `:${two(p.second)}` : ''}`;
}

function dates(options: Intl.DateTimeFormatOptions): Record<Zone, Intl.DateTimeFormat> {
	return { local: new Intl.DateTimeFormat(locale, options), utc: new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }) };
}

const DATE = dates({ day: 'numeric', month: 'short' });
const DATE_OF_YEAR = dates({ day: 'numeric', month: 'short', year: 'numeric' });

/** "12 Oct". */
export function date(ms: number, zone: Zone): string {
	return DATE[zone].format(ms);
}

/** "12 Oct 2025, 14:32:10": complete, for titles. */
export function full(ms: number, zone: Zone): string {
	const name = zone === 'utc' ? ' UTC' : '';
	return t('{date}, {time}', { date: DATE_OF_YEAR[zone].format(ms), time: clock(ms, zone, true) + name });
}

/** As short as it can be said without doubt: "14:32", "12 Oct 14:32", "12 Oct 2024". */
export function when(ms: number, now: number, zone: Zone): string {
	const p = parts(ms, zone);
	const n = parts(now, zone);
	if (p.year !== n.year) return DATE_OF_YEAR[zone].format(ms);
	const today = p.month === n.month && p.day === n.day;
	return today ? clock(ms, zone) : `${date(ms, zone)} ${clock(ms, zone)}`;
}

/** "12 Oct 14:02 – 15:10": a span, its second date only when it differs. */
export function span(from: number, to: number, zone: Zone): string {
	const seconds = to - from < 10 * MINUTE;
	const sameDay = date(from, zone) === date(to, zone);
	const end = `${sameDay ? '' : `${date(to, zone)} `}${clock(to, zone, seconds)}`;
	return `${date(from, zone)} ${clock(from, zone, seconds)} – ${end}`;
}

const STEPS: [number, (n: number) => string][] = [
	[DAY, (n) => t('{n} d', { n })], [HOUR, (n) => t('{n} h', { n })],
	[MINUTE, (n) => t('{n} min', { n })], [SECOND, (n) => t('{n} s', { n })]];

/** Two units at most: "3 h 12 min", "2 d 4 h", "45 s". */
export function duration(ms: number): string {
	const size = Math.abs(ms);
	if (size < SECOND) return size < 0.5 ? t('{n} s', { n: 0 }) : `${Math.round(size)} ms`;
	const first = STEPS.findIndex(([unit]) => size >= unit);
	const [unit, say] = STEPS[first] as (typeof STEPS)[number];
	const next = STEPS[first + 1];
	// Rounded in the smaller unit, so that 59.7 min is "1 h" and never "59 min 60 s".
	const rounded = next ? Math.round(size / next[0]) * next[0] : Math.round(size / unit) * unit;
	if (rounded >= (STEPS[first - 1]?.[0] ?? Infinity)) return duration(rounded);
	const whole = Math.floor(rounded / unit);
	const rest = next ? Math.round((rounded - whole * unit) / next[0]) : 0;
	const fine = rest > 0 && whole < 10 && next;
	return fine ? `${say(whole)} ${next[1](rest)}` : say(Math.round(size / unit));
}

/** Rough and calm, for "how long ago": "just now", "12 s", "5 min", "3 h", "2 d". */
export function ago(ms: number, now: number): string {
	const age = now - ms;
	if (age < 5 * SECOND) return t('just now');
	const [unit, say] = STEPS.find(([u]) => age >= u) as (typeof STEPS)[number];
	return t('{span} ago', { span: say(Math.floor(age / unit)) });
}

/** "in 5 h", for the time a limit is reached. */
export function until(ms: number, now: number): string {
	return ms <= now ? t('now') : t('in {span}', { span: duration(ms - now) });
}

/** "2025-10-12 14:32", to be edited: the browser's own field follows its language to 12 h. */
export function toInput(ms: number, zone: Zone): string {
	const p = parts(ms, zone);
	return `${p.year}-${two(p.month + 1)}-${two(p.day)} ${two(p.hour)}:${two(p.minute)}`;
}

/** The reverse, seconds allowed; NaN when it is no time. */
export function fromInput(text: string, zone: Zone): number {
	const match = /^(\d{4}-\d\d-\d\d)[T ]+(\d\d:\d\d(?::\d\d)?)$/.exec(text.trim());
	return match ? Date.parse(`${match[1]}T${match[2]}${zone === 'utc' ? 'Z' : ''}`) : Number.NaN;
}
