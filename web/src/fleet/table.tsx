import type { ServiceRow } from '../api/types';
import type { QueueState } from '../api/fleet';
import { href } from '../app/address';
import { now } from '../app/now';
import { count, memory } from '../format/number';
import { Growth } from '../ui/growth';
import { None } from '../ui/none';
import { Sparkline } from '../ui/sparkline';
import { VERDICT_WORDS, VerdictBadge, VerdictGlyph, VersionName, byVerdict } from '../ui/verdict';
import { Windowed } from '../ui/windowed';
import { said } from '../words/said';
import { t } from '../words/words';
import { growthWords, queueWords } from './words';

const VERSIONS_SHOWN = 2;
const COLUMNS = 10;

export function ServiceTable({ rows, end }: { rows: readonly ServiceRow[]; end: () => void }) {
	return (
		<table class="grid fleet" aria-rowcount={rows.length + 1}>
			<caption class="sr-only">{t('Services, worst first')}</caption>
			<thead>
				<tr>
					<th scope="col" class="c-verdict">{t('Verdict')}</th>
					<th scope="col" class="c-name">{t('Service')}</th>
					<th scope="col" class="c-growth num">{t('Growth')}</th>
					<th scope="col" class="c-memory num">{t('Memory')}</th>
					<th scope="col" class="c-trend">{t('Trend')}</th>
					<th scope="col" class="c-versions">{t('Versions')}</th>
					<th scope="col" class="c-queue">{t('Queue')}</th>
					<th scope="col" class="c-count num">{t('Instances')}</th>
					<th scope="col" class="c-count num">{t('Hosts')}</th>
					<th scope="col" class="c-count num">{t('Alerts')}</th>
				</tr>
			</thead>
			<Windowed rows={rows} columns={COLUMNS} end={end} draw={(row, i) => <Row key={row.id} row={row} index={i} />} />
		</table>
	);
}

function Row({ row, index }: { row: ServiceRow; index: number }) {
	const summary = said(row.summary);
	return (
		<tr data-row data-service={row.id} aria-rowindex={index + 2} class={row.instances === 0 ? 'gone' : ''}>
			<td class="c-verdict"><VerdictBadge verdict={row.verdict} /></td>
			<th scope="row" class="c-name">
				<a class="row-link" href={href.service(row.id)} title={row.name}>{row.name}</a>
				{summary && <p class="summary" title={summary}>{growthWords(row, now.value) ?? summary}</p>}
			</th>
			<td class="c-growth num"><Growth value={row.rate} /></td>
			<td class="c-memory num">{row.memory_kb > 0 ? memory(row.memory_kb) : <None />}</td>
			<td class="c-trend"><Sparkline trend={row.sparkline} verdict={row.verdict} /></td>
			<td class="c-versions"><Versions versions={row.versions} /></td>
			<td class="c-queue"><Queue queue={row.queue} /></td>
			<td class="c-count num">{count(row.instances)}</td>
			<td class="c-count num">{count(row.hosts)}</td>
			<td class="c-count num"><Alerts open={row.open_alerts} /></td>
		</tr>
	);
}

export function Alerts({ open }: { open: number }) {
	return open > 0 ? <strong class="v-leak">{count(open)}</strong> : <None />;
}

const QUEUE_SHAPES = { growing: '▲', draining: '▼', steady: '●', empty: '○' };

function Queue({ queue }: { queue: QueueState | null }) {
	if (!queue) return <None />;
	const title = queue.queues > 1 ? t('{name}, the worst of {n, plural, one {# queue} other {# queues}}', { name: queue.worst.name, n: queue.queues })
		: queue.worst.name;
	return (
		<a class={`queue-state q-${queue.state ?? 'unknown'}`} href={href.queue(queue.worst.id)} title={title}>
			<span aria-hidden="true">{queue.state ? QUEUE_SHAPES[queue.state] : '–'}</span> {queueWords(queue)}
		</a>
	);
}

function Versions({ versions }: { versions: ServiceRow['versions'] }) {
	const rest = versions.length - VERSIONS_SHOWN;
	const worst = [...versions].sort((a, b) => byVerdict(a, b) || b.id - a.id);
	return (
		<ul class="versions">
			{worst.slice(0, VERSIONS_SHOWN).map((v) => (
				<li key={v.id} class={`v-${v.verdict}`}
					title={t('{verdict}, {n, plural, one {# instance} other {# instances}}', { verdict: VERDICT_WORDS[v.verdict], n: v.instances })}>
					<VerdictGlyph verdict={v.verdict} />
					<span class="sr-only">{VERDICT_WORDS[v.verdict]}: </span>
					<VersionName version={v.label} />
				</li>
			))}
			{rest > 0 && <li class="quiet rest">{t('and {rest} more', { rest })}</li>}
		</ul>
	);
}
