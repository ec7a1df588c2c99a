// What the pages about queues say. Pure.
import type { Queue, Source } from '../api/types';
import { digits } from '../format/number';
import { DAY, duration } from '../format/time';
import { t } from '../words/words';

const SPACE = '\u00a0';
const LONG_MS = 365 * DAY;

/** In words: how long until the queue is empty when it goes on like this; null: not known. */
export function drainWords(q: Pick<Queue, 'depth' | 'net_per_min' | 'drain_s'>): string | null {
	if (q.depth === 0) return t('empty');
	if (q.drain_s !== null) return q.drain_s * 1000 > LONG_MS ? t('more than a year') : duration(q.drain_s * 1000);
	return q.depth === null || q.net_per_min === null ? null : t('never at this rate');
}

/** More comes in than goes out, beyond what noise does. */
export function grows(q: Pick<Queue, 'in_per_min' | 'out_per_min' | 'net_per_min'>): boolean {
	const scale = Math.max(q.in_per_min ?? 0, q.out_per_min ?? 0, 1);
	return q.net_per_min !== null && q.net_per_min > scale * 0.02;
}

/** "412/min". */
export function perMinute(value: number | null): string | null {
	return value === null ? null : t('{n}/min', { n: digits(value) });
}

/** "+207/min". */
export function signedPerMinute(value: number): string {
	return t('{n}/min', { n: `${value > 0 ? '+' : ''}${digits(value)}` });
}

/** "2 of 9 queues grow". */
export function title(queues: readonly Queue[]): string {
	const growing = queues.filter(grows).length;
	if (queues.length === 0) return t('Queues');
	const n = queues.length;
	if (growing === 0) return t('{n, plural, one {The queue keeps up} other {All # queues keep up}}', { n });
	return t('{growing, plural, other {#}} of {n, plural, one {# queue} other {# queues}} {growing, plural, one {grows} other {grow}}', { growing, n });
}

/** Some sources tell the depth only. */
function depthSentence(q: Queue): string {
	const { net_per_min: net } = q;
	if (q.depth === null && q.entered === null && q.completed === null)
		return t('Nothing was read of it within ten minutes: what comes in and what goes out is not known.');
	if (q.depth === null && (q.entered === null || q.completed === null))
		return t('This source tells neither how much waits nor both what comes in and what goes out.');
	if (q.depth === null || net === null) return t('How much comes in and goes out is not known yet: that takes two readings.');
	if (grows(q)) return t('What comes in and what goes out is not told by this source; its depth grows by {n} a minute.', { n: digits(net) });
	if (net < 0) return t('What comes in and what goes out is not told by this source; its depth falls by {n} a minute.', { n: digits(-net) });
	return t('What comes in and what goes out is not told by this source; its depth does not grow.');
}

/** The sentence below the title of a queue: "412 come in a minute and 205 go out: 207 more
 *  wait each minute." */
export function flowSentence(q: Queue): string {
	if (q.in_per_min === null || q.out_per_min === null) return depthSentence(q);
	const flow = t('{in} a minute come in and {out} go out', { in: digits(q.in_per_min), out: digits(q.out_per_min) });
	if (grows(q)) return t('{flow}: every minute {n} more wait.', { flow, n: digits(q.net_per_min ?? 0) });
	const drain = drainWords(q);
	if (q.depth === 0) return t('{flow}; nothing waits.', { flow });
	return drain === null || q.drain_s === null ? t('{sentence}.', { sentence: flow }) : t('{flow}: empty in {drain}.', { flow, drain });
}

/** Those that grow first, the fastest before the others; then by depth. */
export function worstFirst(queues: readonly Queue[]): Queue[] {
	return [...queues].sort((a, b) => Number(grows(b)) - Number(grows(a))
		|| (grows(a) ? (b.net_per_min ?? 0) - (a.net_per_min ?? 0) : 0) || (b.depth ?? 0) - (a.depth ?? 0)
		|| a.name.localeCompare(b.name));
}

const KINDS: Record<string, string> = {
	bull: 'Bull', bullmq: 'BullMQ', kue: 'Kue', redis: 'Redis', rabbitmq: 'RabbitMQ', prometheus: 'Prometheus', json: 'HTTP, JSON',
	command: t('command'), backlog: t('listen backlog'), files: t('files in a directory'),
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
