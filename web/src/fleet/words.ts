// What the fleet page says of growth and of queues. Pure.
import type { GroupRow, QueueState } from '../api/fleet';
import type { Fleet, ServiceRow } from '../api/types';
import { count, digits, growth } from '../format/number';
import { duration } from '../format/time';
import { t } from '../words/words';

/** The state of the fleet in one sentence. */
export function headline(fleet: Fleet): string {
	const { leak, native, backlog, watch } = fleet.verdicts;
	const alarming = leak + native + backlog;
	const n = fleet.services;
	if (n === 0) return t('No services yet');
	if (leak > 0 && leak === alarming)
		return t('{leaking, plural, one {# of {of} leaks} other {# of {of} leak}}', { leaking: leak, of: services(n) });
	if (alarming > 0)
		return t('{growing, plural, one {# of {of} grows without an end in sight} other {# of {of} grow without an end in sight}}', { growing: alarming, of: services(n) });
	if (watch > 0) return t('No leaks; {watch} of {of} to watch', { watch: count(watch), of: services(n) });
	if (fleet.verdicts.learning === n) return t('Learning about {of}', { of: services(n) });
	return t('{n, plural, one {The service is steady} other {No leaks in # services}}', { n });
}

function services(n: number): string {
	return t('{n, plural, one {# service} other {# services}}', { n });
}

/** "+38 MB/h on 12 of 12 hosts since 1.1.0, 9 h to the limit"; null: nothing grows. */
export function growthWords(row: Pick<ServiceRow, 'growth' | 'rate'>, now: number): string | null {
	const { growth: where, rate } = row;
	// What is watched may not be sure of any host yet: the detector's own sentence says more.
	if (!where || !rate || rate.kb_h <= 0 || where.hosts_leaking === 0) return null;
	const of = { rate: growth(rate).figure, n: count(where.hosts_leaking), hosts: where.hosts };
	const since = where.since?.version;
	const version = where.version.version;
	const sentence = since ? t('{rate} on {n} of {hosts, plural, one {# host} other {# hosts}} since {since}', { ...of, since })
		: version ? t('{rate} on {n} of {hosts, plural, one {# host} other {# hosts}} with {version}', { ...of, version })
			: t('{rate} on {n} of {hosts, plural, one {# host} other {# hosts}}', of);
	return limited(sentence, where.exhaust_at_ms, now);
}

function limited(sentence: string, exhaust: number | null, now: number): string {
	if (exhaust === null) return sentence;
	return exhaust <= now ? t('{sentence}, at the limit', { sentence })
		: t('{sentence}, {time} to the limit', { sentence, time: duration(exhaust - now) });
}

/** What is worst of a host, or of hosts: "checkout 1.1.0 and 2 more services, 9 h to the limit". */
export function worstWords(row: GroupRow, now: number): string | null {
	if (row.instances_leaking === 0) return null;
	if (!row.worst)
		return limited(t('on {n} of {hosts, plural, one {# host} other {# hosts}}', { n: count(row.hosts_leaking), hosts: row.hosts }), row.exhaust_at_ms, now);
	const { service, version } = row.worst;
	const worst = `${service.name} ${version.version}`.trim();
	const more = row.services_leaking - 1;
	const sentence = more > 0 ? t('{worst} and {more, plural, one {# more service} other {# more services}}', { worst, more }) : worst;
	return limited(sentence, row.exhaust_at_ms, now);
}

/** "grows by 30/min", "empty in 4 min". */
export function queueWords(queue: QueueState): string {
	switch (queue.state) {
		case 'growing':
			return t('grows by {rate}/min', { rate: digits(queue.net_per_min ?? 0) });
		case 'draining':
			return t('empty in {time}', { time: duration((queue.drain_s ?? 0) * 1000) });
		case 'steady':
			return t('{depth} wait', { depth: count(queue.depth ?? 0) });
		case 'empty':
			return t('empty');
		default:
			return queue.depth === null ? t('not read') : t('{depth} wait', { depth: count(queue.depth) });
	}
}
