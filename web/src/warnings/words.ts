// What processes and their surroundings complained of, in words. Pure.
import type { Warning, WarningKind } from '../api/types';
import { plural } from '../format/number';

export const WARNING_WORDS: Record<WarningKind, string> = {
	max_listeners: 'Too many listeners',
	heap_out_of_memory: 'Heap out of memory',
	oom_kill: 'Killed for lack of memory',
	uncaught_exception: 'Uncaught exception',
	pattern: 'Line in the log',
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
			const many = f['count'] ? plural(Number(f['count']), 'listener') : 'too many listeners';
			return `${many}${f['event'] ? ` for “${f['event']}”` : ''}${f['emitter'] ? ` on ${f['emitter']}` : ''}`;
		}
		case 'heap_out_of_memory':
			return [f['heap_mb'] && `the heap had ${f['heap_mb']} MiB`, f['limit_mb'] && `of at most ${f['limit_mb']} MiB`]
				.filter(Boolean).join(' ') || 'the runtime gave up';
		case 'oom_kill':
			return ['by the kernel', f['scope'] && `(${f['scope']})`, f['anon_kb'] && `with ${Math.round(Number(f['anon_kb']) / 1024)} MiB of its own`]
				.filter(Boolean).join(' ');
		case 'uncaught_exception':
			return f['error'] ?? 'the process ended by it';
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
	return `${w.host.name}${w.ordinal === null ? '' : ` #${w.ordinal}`}${w.pid === null ? '' : `, pid ${w.pid}`}`;
}
