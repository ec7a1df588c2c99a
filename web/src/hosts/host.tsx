// One host: what runs there, how its memory and processors go, its labels and its agent.
import { useMemo } from 'preact/hooks';
import { AgentState } from '../agents/state';
import type { HostPage as Host } from '../api/fleet';
import { usePages, useResource } from '../api/resource';
import type { Agent, Instance } from '../api/types';
import { type SpanView, href } from '../app/address';
import { useTitle } from '../app/title';
import { bytes, count, memory } from '../format/number';
import { duration } from '../format/time';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { None } from '../ui/none';
import { useRowKeys } from '../ui/rows';
import { Empty, Failure, Loaded, Skeleton, Stale } from '../ui/states';
import { useSteady } from '../ui/steady';
import { Ago, When } from '../ui/time';
import { byVerdict } from '../ui/verdict';
import { said } from '../words/said';
import { t } from '../words/words';
import { HostCharts } from './charts';
import { Labels } from './labels';
import { InstancesOfHost } from './table';

const PAGE = 200;

export function HostPage({ id, view }: { id: number; view: SpanView }) {
	const host = useResource<Host>(`/hosts/${id}`, ['agents', 'alerts']);
	useTitle(host.data.value?.name ?? t('Host'));
	useRowKeys('service');
	return (
		<Loaded resource={host} page>
			{(h) => (
				<>
					<Head host={h} />
					<div class="columns">
						<div class="column-main">
							<HostCharts host={h} view={view} />
						</div>
						<aside class="column-side" aria-label={t('Labels and agent')}>
							<Labels host={h} changed={(now) => host.set(now)} />
							<AgentPart agent={h.agent} />
						</aside>
					</div>
					<Alerts host={h} />
					<Runs host={h} />
				</>
			)}
		</Loaded>
	);
}

function Head({ host: h }: { host: Host }) {
	const total = h.agent?.mem_total_kb ?? null;
	const available = h.agent?.mem_available_kb ?? null;
	return (
		<header class="page-head service-head">
			<div>
				<p class="crumb"><a href={href.hosts()}>{t('Hosts')}</a></p>
				<h1>{h.name}</h1>
			</div>
			<dl class="figures">
				<div><dt>{t('Agent')}</dt><dd>{h.agent ? <AgentState state={h.agent.state} /> : <None />}</dd></div>
				<div>
					<dt>{t('Memory in use')}</dt>
					<dd>{total === null || available === null ? <None />
						: <>{memory(total - available)} <span class="of">{t('of {limit}', { limit: memory(total) })}</span></>}</dd>
				</div>
				<div><dt>{t('Processors')}</dt><dd>{h.cpus > 0 ? count(h.cpus) : <None />}</dd></div>
				<div><dt>{t('Open alerts')}</dt><dd class={h.alerts.length > 0 ? 'v-leak' : ''}>{count(h.alerts.length)}</dd></div>
			</dl>
		</header>
	);
}

function AgentPart({ agent: a }: { agent: Agent | null }) {
	return (
		<section class="part">
			<h2>{t('Agent')}</h2>
			{a === null ? <p class="quiet">{t('No agent was ever enrolled here.')}</p> : (
				<dl class="facts">
					<div><dt>{t('State')}</dt><dd><AgentState state={a.state} /></dd></div>
					<div><dt>{t('Version')}</dt><dd>{a.version || <None />}</dd></div>
					<div><dt>{t('Heard')}</dt><dd><Ago ms={a.last_seen_at_ms} /></dd></div>
					<div><dt>{t('Readings arrive after')}</dt><dd>{a.lag_ms === null ? <None /> : duration(a.lag_ms)}</dd></div>
					<div><dt>{t('In its spool')}</dt><dd>{bytes(a.spool_bytes)}</dd></div>
					<div><dt>{t('Lost batches')}</dt><dd class={a.lost_batches > 0 ? 'warn' : ''}>{count(a.lost_batches)}</dd></div>
					<div><dt>{t('Reads every')}</dt><dd>{duration(a.interval_ms)}</dd></div>
					<div><dt>{t('Kernel')}</dt><dd>{a.kernel || <None />}</dd></div>
					<div><dt>{t('Enrolled')}</dt><dd><When ms={a.enrolled_at_ms} /></dd></div>
				</dl>
			)}
			<p class="table-note"><a href={href.agents()}>{t('All agents')}</a></p>
		</section>
	);
}

function Alerts({ host: h }: { host: Host }) {
	if (h.alerts.length === 0) return null;
	return (
		<section class="part">
			<h2>{t('Alerts that this host is part of')}</h2>
			<ul class="host-alerts">
				{h.alerts.map((a) => (
					<li key={a.id}>
						<a class="row-link" href={href.alert(a.id)}>{a.service.name}</a> <span class="quiet">{a.version}</span>
						<p class="summary">{said(a.summary)}</p>
					</li>
				))}
			</ul>
		</section>
	);
}

function Listed({ host, rows, end }: { host: Host; rows: readonly Instance[]; end: () => void }) {
	const worst = useMemo(() => [...rows].sort(byVerdict), [rows]);
	const { shown, chip } = useSteady(worst);
	return (
		<>
			{chip}
			<div class="table-bar">
				<TableMenu name={host.name} path={`/hosts/${host.id}/instances?limit=1000`} rows={() => rows} />
			</div>
			<InstancesOfHost rows={shown} end={end} />
		</>
	);
}

function Runs({ host: h }: { host: Host }) {
	const pages = usePages<Instance>(`/hosts/${h.id}/instances`, { limit: PAGE }, ['verdicts', 'samples']);
	const rows = pages.data.value;
	return (
		<section class="part">
			<h2>{t('What runs here')}</h2>
			{!rows && pages.error.value && <Failure error={pages.error.value} retry={() => void pages.refresh()} />}
			{!rows && !pages.error.value && <Skeleton rows={5} />}
			{rows && rows.length === 0 && <Empty title={t('Nothing was read here within a day')} />}
			{rows && rows.length > 0 && (
				<>
					<Stale resource={pages} />
					<Listed host={h} rows={rows} end={() => { if (pages.hasMore.value && !pages.loadingMore.value) void pages.more(); }} />
					<More pages={pages} />
				</>
			)}
		</section>
	);
}
