// What the pages about queues say. Pure.
import type { Queue, Source } from '../api/types';
import { count, digits, plural } from '../format/number';
import { DAY, duration } from '../format/time';

const SPACE = '\u00a0';
const LONG_MS = 365 * DAY;

/** In words: how long until the queue is empty when it goes on like this; null: not known. */
export function drainWords(q: Pick<Queue, 'depth' | 'net_per_min' | 'drain_s'>): string | null {
	if (q.depth === 0) return 'empty';
	if (q.drain_s !== null) return q.drain_s * 1000 > LONG_MS ? 'more than a year' : duration(q.drain_s * 1000);
	return q.depth === null || q.net_per_min === null ? null : 'never at this rate';
}

/** More comes in than goes out, beyond what noise does. */
export function grows(q: Pick<Queue, 'in_per_min' | 'out_per_min' | 'net_per_min'>): boolean {
	const scale = Math.max(q.in_per_min ?? 0, q.out_per_min ?? 0, 1);
	return q.net_per_min !== null && q.net_per_min > scale * 0.02;
}

/** "412/min". */
export function perMinute(value: number | null): string | null {
	return value === null ? null : `${digits(value)}/min`;
}

/** "+207/min". */
export function signedPerMinute(value: number): string {
	return `${value > 0 ? '+' : ''}${digits(value)}/min`;
}

/** "2 of 9 queues grow". */
export function title(queues: readonly Queue[]): string {
	const growing = queues.filter(grows).length;
	if (queues.length === 0) return 'Queues';
	if (growing === 0) return queues.length === 1 ? 'The queue keeps up' : `All ${count(queues.length)} queues keep up`;
	return `${count(growing)} of ${plural(queues.length, 'queue')} ${growing === 1 ? 'grows' : 'grow'}`;
}

/** Some sources tell the depth only. */
function depthSentence(q: Queue): string {
	const { net_per_min: net } = q;
	if (q.depth === null && q.entered === null && q.completed === null)
		return 'Nothing was read of it within ten minutes: what comes in and what goes out is not known.';
	if (q.depth === null && (q.entered === null || q.completed === null))
		return 'This source tells neither how much waits nor both what comes in and what goes out.';
	if (q.depth === null || net === null) return 'How much comes in and goes out is not known yet: that takes two readings.';
	const only = 'What comes in and what goes out is not told by this source; its depth';
	if (grows(q)) return `${only} grows by ${digits(net)} a minute.`;
	return `${only} ${net < 0 ? `falls by ${digits(-net)} a minute` : 'does not grow'}.`;
}

/** The sentence below the title of a queue: "412 come in a minute and 205 go out: 207 more
 *  wait each minute." */
export function flowSentence(q: Queue): string {
	if (q.in_per_min === null || q.out_per_min === null) return depthSentence(q);
	const flow = `${digits(q.in_per_min)} a minute come in and ${digits(q.out_per_min)} go out`;
	if (grows(q)) return `${flow}: every minute ${digits(q.net_per_min ?? 0)} more wait.`;
	const drain = drainWords(q);
	if (q.depth === 0) return `${flow}; nothing waits.`;
	return drain === null || drain.startsWith('never') ? `${flow}.` : `${flow}: empty in ${drain}.`;
}

/** Those that grow first, the fastest before the others; then by depth. */
export function worstFirst(queues: readonly Queue[]): Queue[] {
	return [...queues].sort((a, b) => Number(grows(b)) - Number(grows(a))
		|| (grows(a) ? (b.net_per_min ?? 0) - (a.net_per_min ?? 0) : 0) || (b.depth ?? 0) - (a.depth ?? 0)
		|| a.name.localeCompare(b.name));
}

const KINDS: Record<string, string> = {
	bull: 'Bull', bullmq: 'BullMQ', kue: 'Kue', redis: 'Redis', rabbitmq: 'RabbitMQ', prometheus: 'Prometheus', json: 'HTTP, JSON',
	command: 'command', backlog: 'listen backlog', files: 'files in a directory',
};

/** Not what agents read of runtimes and logs. */
export function isOfQueues(source: Pick<Source, 'kind'>): boolean {
	return source.kind in KINDS;
}

export function kindWords(kind: string): string {
	return KINDS[kind] ?? kind;
}

/** "took 3.1 ms". */
export function tookWords(us: number): string {
	return us >= 1000 ? `${digits(us / 1000)}${SPACE}ms` : `${digits(us)}${SPACE}µs`;
}
