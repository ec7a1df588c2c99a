// What processes and their surroundings complained of, in words. Pure.
import type { Warning, WarningKind } from '../api/types';
import { t } from '../words/words';

export const WARNING_WORDS: Record<WarningKind, string> = {
	max_listeners: t('Too many listeners'),
	heap_out_of_memory: t('Heap out of memory'),
	oom_kill: t('Killed for lack of memory'),
	uncaught_exception: t('Uncaught exception'),
	pattern: t('Line in the log'),
};

/** The fields that the sentence tells already. */
const TOLD: Partial<Record<WarningKind, readonly string[]>> = {
	max_listeners: ['emitter', 'event', 'count', 'stack'],
	heap_out_of_memory: ['heap_mb', 'limit_mb'],
	oom_kill: ['scope', 'anon_kb'],
	uncaught_exception: ['error'],
	pattern: ['pattern'],
};

/** "11 listeners of “error” on MonitorQueue". */
export function warningSentence({ kind, fields: f }: Pick<Warning, 'kind' | 'fields'>): string {
	switch (kind) {
		case 'max_listeners': {
			const many = f['count'] ? t('{n, plural, one {# listener} other {# listeners}}', { n: Number(f['count']) }) : t('too many listeners');
			const of = f['event'] ? t('{many} for “{event}”', { many, event: f['event'] }) : many;
			return f['emitter'] ? t('{listeners} on {emitter}', { listeners: of, emitter: f['emitter'] }) : of;
		}
		case 'heap_out_of_memory':
			return [f['heap_mb'] && t('the heap had {mb} MiB', { mb: f['heap_mb'] }), f['limit_mb'] && t('of at most {mb} MiB', { mb: f['limit_mb'] })]
				.filter(Boolean).join(' ') || t('the runtime gave up');
		case 'oom_kill':
			return [t('by the kernel'), f['scope'] && `(${f['scope']})`,
				f['anon_kb'] && t('with {mb} MiB of its own', { mb: Math.round(Number(f['anon_kb']) / 1024) })].filter(Boolean).join(' ');
		case 'uncaught_exception':
			return f['error'] ?? t('the process ended by it');
		default:
			return f['pattern'] ?? '';
	}
}

/** What the sentence has not told, but for the stack. */
export function otherFields({ kind, fields }: Pick<Warning, 'kind' | 'fields'>): [string, string][] {
	return Object.entries(fields).filter(([name]) => name !== 'stack' && !TOLD[kind]?.includes(name));
}

/** "web-1 #0, pid 4303". */
export function whoWarned(w: Pick<Warning, 'host' | 'ordinal' | 'pid'>): string {
	return `${w.host.name}${w.ordinal === undefined ? '' : ` #${w.ordinal}`}${w.pid === undefined ? '' : `, pid ${w.pid}`}`;
}
