import type { Queue } from '../api/types';
import { href } from '../app/address';
import { now } from '../app/now';
import { count, digits } from '../format/number';
import { ago, duration } from '../format/time';
import { None } from '../ui/none';
import { t } from '../words/words';
import { drainWords, grows, kindWords, signedPerMinute } from './words';

const STALE_MS = 120_000;

/** `host`: told, where there are several. */
export function QueueTable({ rows }: { rows: readonly Queue[] }) {
	const most = Math.max(1, ...rows.map((q) => Math.max(q.in_per_min ?? 0, q.out_per_min ?? 0)));
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={t('Queues')}>
			<table class="grid queues">
				<thead>
					<tr>
						<th scope="col">{t('Queue')}</th>
						<th scope="col">{t('In against out, per minute')}</th>
						<th scope="col" class="num">{t('Net')}</th>
						<th scope="col" class="num">{t('Depth')}</th>
						<th scope="col">{t('Time to drain')}</th>
						<th scope="col">{t('Oldest item')}</th>
						<th scope="col" class="num"><span title={t('Active far longer than the others of their type: never marked done')}>{t('Overdue')}</span></th>
						<th scope="col" class="num">{t('Failed')}</th>
						<th scope="col">{t('From → to')}</th>
					</tr>
				</thead>
				<tbody>{rows.map((q) => <Row key={q.id} queue={q} most={most} />)}</tbody>
			</table>
		</div>
	);
}

function Row({ queue: q, most }: { queue: Queue; most: number }) {
	const stale = now.value - q.at_ms > STALE_MS;
	return (
		<tr data-row data-queue={q.id} class={stale ? 'gone' : ''}>
			<th scope="row" class="c-queue">
				<a class="row-link" href={href.queue(q.id)}>{q.name}</a>
				<p class="summary">{kindWords(q.kind)} · {t('{what} on {host}', { what: q.source, host: q.host.name })}{stale && <span class="warn"> · {t('read {ago}', { ago: ago(q.at_ms, now.value) })}</span>}</p>
			</th>
			<td><Flow queue={q} most={most} /></td>
			<td class="num"><Net queue={q} /></td>
			<td class="num">{q.depth === null ? <None /> : count(q.depth)}</td>
			<td><Drain queue={q} /></td>
			<td>{q.oldest_ms === null ? <None /> : duration(q.oldest_ms)}</td>
			<td class="num"><Bad value={q.overdue} /></td>
			<td class="num">{q.failed === null ? <None /> : count(q.failed)}</td>
			<td class="c-ends"><Ends queue={q} /></td>
		</tr>
	);
}

/** In above out, as two bars on one scale. */
function Flow({ queue: q, most }: { queue: Queue; most: number }) {
	if (q.in_per_min === null && q.out_per_min === null) return <None />;
	const bar = (value: number | null, kind: string, word: string) => (
		<span class={`flow-bar ${kind}`}>
			<span class="flow-track" aria-hidden="true"><span style={{ width: `${((value ?? 0) / most) * 100}%` }} /></span>
			<span class="flow-figure"><span class="flow-word">{word}</span> {value === null ? '–' : digits(value)}</span>
		</span>
	);
	return (
		<span class={`flow ${grows(q) ? 'over' : ''}`}>
			{bar(q.in_per_min, 'in', t('in'))}
			{bar(q.out_per_min, 'out', t('out'))}
		</span>
	);
}

export function Net({ queue: q }: { queue: Queue }) {
	if (q.net_per_min === null) return <None />;
	const text = signedPerMinute(q.net_per_min);
	return grows(q) ? <strong class="v-leak"><span aria-hidden="true">▲ </span>{text}</strong> : <>{text}</>;
}

export function Drain({ queue: q }: { queue: Queue }) {
	const words = drainWords(q);
	if (words === null) return <None />;
	return q.drain_s === null && q.depth !== 0 ? <strong class={grows(q) ? 'v-leak' : ''}>{words}</strong> : <>{words}</>;
}

/** A figure that should be zero. */
function Bad({ value }: { value: number | null }) {
	if (value === null) return <None />;
	return value > 0 ? <span class="warn"><span aria-hidden="true">! </span>{count(value)}</span> : <>0</>;
}

/** Who puts in, and who takes out. */
export function Ends({ queue: q }: { queue: Pick<Queue, 'producers' | 'workers'> }) {
	return (
		<>
			<Services of={q.producers} none="?" /> <span class="quiet" aria-label={t('to')}>→</span> <Services of={q.workers} none="?" />
		</>
	);
}

export function Services({ of, none }: { of: Queue['producers']; none: string }) {
	if (of.length === 0) return <span class="unknown">{none}</span>;
	return <>{of.map((s, i) => <span key={s.id}>{i > 0 && ', '}<a href={href.service(s.id)}>{s.name}</a></span>)}</>;
}
