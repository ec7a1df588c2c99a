// All queues: what comes in against what goes out, those that grow first.
import { usePages } from '../api/resource';
import type { Queue } from '../api/types';
import { type FilterView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { count } from '../format/number';
import { Command } from '../ui/command';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { useRowKeys } from '../ui/rows';
import { Search } from '../ui/search';
import { Empty, Loaded } from '../ui/states';
import { useSteady } from '../ui/steady';
import { useWindow } from '../ui/window';
import { rich, t } from '../words/words';
import { Sources } from './sources';
import { QueueTable } from './table';
import { grows, title, worstFirst } from './words';

const PAGE = 500;

export function QueuesPage({ view }: { view: FilterView }) {
	useTitle(t('Queues'));
	useRowKeys('queue');
	const pages = usePages<Queue>('/queues', { limit: PAGE }, ['queues', 'samples']);
	return (
		<Loaded resource={pages} page>
			{(rows) => (
				<>
					<header class="page-head">
						<h1>{title(rows)}</h1>
						{rows.length > 0 && <Totals rows={rows} />}
					</header>
					{rows.length === 0 ? <NoQueues /> : <Found rows={rows} view={view} />}
					<More pages={pages} />
					<Sources />
				</>
			)}
		</Loaded>
	);
}

function Found({ rows, view }: { rows: readonly Queue[]; view: FilterView }) {
	const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
	const found = rows.filter((q) => {
		const text = [q.name, q.kind, q.source, q.host.name, ...[...q.producers, ...q.workers].map((s) => s.name)].join(' ').toLowerCase();
		return words.every((w) => text.includes(w));
	});
	const steady = useSteady(worstFirst(found), false, view.q);
	const { shown, rest } = useWindow(steady.shown, view.q);
	return (
		<>
			<div class="toolbar end">
				<Search label={t('Find a queue')} value={view.q} set={(q) => go(href.queues({ q }), { replace: true })} />
				<TableMenu name={t('Queues')} path={`/queues?limit=${PAGE}`} rows={() => found} />
			</div>
			{found.length > 0 ? <>{steady.chip}<QueueTable rows={shown} />{rest}</>
				: <Empty title={t('No queue matches')}><p><a class="button" href={href.queues()}>{t('Show all queues')}</a></p></Empty>}
		</>
	);
}

function Totals({ rows }: { rows: readonly Queue[] }) {
	const sum = (of: 'depth' | 'failed' | 'overdue') => rows.reduce((n, q) => n + (q[of] ?? 0), 0);
	const growing = rows.filter(grows).length;
	return (
		<dl class="figures">
			<div><dt>{t('Growing')}</dt><dd class={growing > 0 ? 'v-leak' : ''}>{count(growing)}<span class="of"> {t('of {limit}', { limit: count(rows.length) })}</span></dd></div>
			<div><dt>{t('Not done')}</dt><dd>{count(sum('depth'))}</dd></div>
			<div><dt>{t('Overdue')}</dt><dd>{count(sum('overdue'))}</dd></div>
			<div><dt>{t('Failed, kept')}</dt><dd>{count(sum('failed'))}</dd></div>
		</dl>
	);
}

export const EXAMPLE = `[queue jobs]
kind = bullmq
url = redis://127.0.0.1:6379
producers = checkout
workers = orders-worker`;

function NoQueues() {
	return (
		<section class="explain">
			<h2>{t('No queue is read yet')}</h2>
			<dl>
				<div>
					<dt>{t('What it shows')}</dt>
					<dd>
						{t('How many items come into each queue and how many go out, how deep it is, how long its oldest item has waited, and whether it ever drains. A process whose memory grows with a queue does not leak: it cannot keep up.')}
					</dd>
				</div>
				<div>
					<dt>{t('How to begin')}</dt>
					<dd>
						{t('On a host that can reach the queue, add to the agent\'s configuration and restart the agent. It finds the queues of the source by itself:')}
						<Command text={EXAMPLE} label={t('Section for the agent\'s configuration')} />
					</dd>
				</div>
				<div>
					<dt>{t('What it can read')}</dt>
					<dd>
						{rich('Kue, Bull, BullMQ and plain keys in Redis; RabbitMQ; a Prometheus endpoint; JSON over HTTP; a command; the backlog of a listening socket; the files in a directory. {command} on that host shows what it reads, at once.',
							{ command: <code>tidemark-agent queues</code> })}
					</dd>
				</div>
			</dl>
		</section>
	);
}

