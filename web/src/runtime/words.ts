// What the page about the insides of processes says. Pure.
import type { CensusItem, CensusKind, Insides, Instance } from '../api/types';
import { count, digits, memory, quantity } from '../format/number';

const SPACE = '\u00a0';

export const ROUTES: Record<string, string> = {
	preload: 'the preloaded script',
	inspector: 'the inspector, opened for the moment',
	jvm: 'the files of the JVM',
};

export function isRead(i: Insides | null | undefined): i is Insides {
	return i !== null && i !== undefined && i.at_ms !== null;
}

/** "Read through the preloaded script. That took the agent 1.2 ms and 3.1 KiB; the longest
 *  pause of the process for it was 0.4 ms." */
export function costSentence(i: Insides): string {
	const { took_us: took, bytes, pause_us: pause } = i.cost;
	const parts = [took === null ? '' : quantity(took, 'us'), bytes === null ? '' : quantity(bytes, 'bytes')].filter(Boolean);
	const cost = parts.length > 0 ? ` The last reading took the agent ${parts.join(' and ')}` : '';
	const kept = pause === null ? '' : `${cost === '' ? ' The' : '; the'} longest pause of the process for it was ${quantity(pause, 'us')}`;
	return `Read through ${ROUTES[i.route] ?? (i.route || 'a route that is not told')}.${cost}${kept}${cost || kept ? '.' : ''}`;
}

export const SPACES = [['heap_new_kb', 'young'], ['heap_old_kb', 'old'], ['heap_large_kb', 'large'], ['heap_code_kb', 'code'],
	['heap_other_kb', 'other']] as const;

/** The spaces that are known, with their part of what is used. */
export function spaces(values: Insides['values']): { name: string; kb: number }[] {
	return SPACES.flatMap(([key, name]) => {
		const kb = values[key];
		return typeof kb === 'number' ? [{ name, kb }] : [];
	});
}

/** How much more is held for each request: growth by requests, where both are known and the
 *  growth is sure. */
export function perRequest(rate: Instance['rate'], perSecond: number | null | undefined): string | null {
	if (!rate || !perSecond || perSecond <= 0) return null;
	if (rate.low_kb_h <= 0) return `none: no growth beyond noise`;
	const kb = rate.kb_h / (perSecond * 3600);
	return `${kb >= 1 ? memory(Math.round(kb * 10) / 10) : `${digits(kb * 1024)}${SPACE}B`} more`;
}

export const CENSUS_WORDS: Record<CensusKind, string> = {
	listeners: 'listeners', timers: 'timers', closures: 'closures', resources: 'resources', classes: 'classes',
};

export const CENSUS_HELP: Record<CensusKind, string> = {
	listeners: 'Listeners by emitter and event, and where one of them was added',
	timers: 'Timers that wait, those that keep no process alive included, and where they were set',
	closures: 'Functions with their own variables, by where they are written',
	resources: 'What keeps the event loop alive, by type',
	classes: 'Instances by class',
};

/** "+120/h", "−0.5/h", "0/h"; one reading is no growth. */
export function perHour(value: number | null): string | null {
	if (value === null) return null;
	const size = Math.abs(value);
	const text = size >= 10 ? count(value) : digits(value);
	return `${value > 0 ? '+' : ''}${text}/h`;
}

export function censusRows(rows: readonly CensusItem[], { kind, q }: { kind: CensusKind | ''; q: string }): CensusItem[] {
	const words = q.toLowerCase().split(/\s+/).filter(Boolean);
	return rows.filter((r) => (kind === '' || r.kind === kind)
		&& words.every((w) => `${r.name} ${r.location}`.toLowerCase().includes(w)));
}

/** The largest growth first; what has one reading only comes after. */
export function byGrowth(a: CensusItem, b: CensusItem): number {
	return (b.per_hour ?? -Infinity) - (a.per_hour ?? -Infinity) || b.newest - a.newest;
}

/** "node" of "node 20.11.1". */
export function runtimeKind(runtimes: readonly string[]): 'node' | 'jvm' | 'other' {
	if (runtimes.some((r) => /^(node|bun|deno)/i.test(r))) return 'node';
	return runtimes.some((r) => /^(java|jvm|openjdk|hotspot)/i.test(r)) ? 'jvm' : 'other';
}
