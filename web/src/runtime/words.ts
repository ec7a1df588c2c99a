// What the page about the insides of processes says. Pure.
import type { CensusItem, CensusKind, Insides, Instance } from '../api/types';
import { count, digits, memory, quantity } from '../format/number';
import { t } from '../words/words';

const SPACE = '\u00a0';

export const ROUTES: Record<string, string> = {
	preload: t('the preloaded script'),
	inspector: t('the inspector, opened for the moment'),
	jvm: t('the files of the JVM'),
};

export function isRead(i: Insides | null | undefined): i is Insides {
	return i !== null && i !== undefined && i.at_ms !== null;
}

/** "Read through the preloaded script. The last reading took the agent 1.2 ms and 3.1 KiB. The
 *  longest pause of the process for it was 0.4 ms." */
export function costSentence(i: Insides): string {
	const { took_us: took, bytes, pause_us: pause } = i.cost;
	const route = ROUTES[i.route] ?? (i.route || t('a route that is not told'));
	const first = took === null ? '' : quantity(took, 'us');
	const second = bytes === null ? '' : quantity(bytes, 'bytes');
	return [
		t('Read through {route}.', { route }),
		first && second ? t('The last reading took the agent {time} and {size}.', { time: first, size: second })
			: first || second ? t('The last reading took the agent {cost}.', { cost: first || second }) : '',
		pause === null ? '' : t('The longest pause of the process for it was {time}.', { time: quantity(pause, 'us') }),
	].filter(Boolean).join(' ');
}

export const SPACES = [['heap_new_kb', t('young')], ['heap_old_kb', t('old')], ['heap_large_kb', t('large')], ['heap_code_kb', t('code')],
	['heap_other_kb', t('other')]] as const;

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
	if (rate.low_kb_h <= 0) return t('none: no growth beyond noise');
	const kb = rate.kb_h / (perSecond * 3600);
	return t('{size} more', { size: kb >= 1 ? memory(Math.round(kb * 10) / 10) : `${digits(kb * 1024)}${SPACE}B` });
}

export const CENSUS_WORDS: Record<CensusKind, string> = {
	listeners: t('listeners'), timers: t('timers'), closures: t('closures'), resources: t('resources'), classes: t('classes'),
};

export const CENSUS_HELP: Record<CensusKind, string> = {
	listeners: t('Listeners by emitter and event, and where one of them was added'),
	timers: t('Timers that wait, those that keep no process alive included, and where they were set'),
	closures: t('Functions with their own variables, by where they are written'),
	resources: t('What keeps the event loop alive, by type'),
	classes: t('Instances by class'),
};

/** "+120/h", "−0.5/h", "0/h"; one reading is no growth. */
export function perHour(value: number | null): string | null {
	if (value === null) return null;
	const size = Math.abs(value);
	const text = size >= 10 ? count(value) : digits(value);
	return t('{n}/h', { n: `${value > 0 ? '+' : ''}${text}` });
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
