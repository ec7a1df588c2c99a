// All of the fleet, worst first: by service, or grouped otherwise.
import { query } from '../api/client';
import { useLatest, usePages, useResource } from '../api/resource';
import type { Fleet, ServiceRow } from '../api/types';
import { type FleetView, GROUPINGS, type Grouping, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { TableMenu } from '../ui/export';
import { later } from '../ui/later';
import { More } from '../ui/more';
import { useRowKeys } from '../ui/rows';
import { Search } from '../ui/search';
import { Failure, Loaded, Skeleton, Stale } from '../ui/states';
import { useSteady } from '../ui/steady';
import { t } from '../words/words';
import { NoServices, NothingFound } from './empty';
import { Figures } from './figures';
import { ServiceTable } from './table';
import { VerdictFilter } from './verdicts';
import { headline } from './words';

const PAGE = 100;

const Groups = later(async () => (await import('./groups')).Groups);

const GROUPING_WORDS: Record<Grouping, string> = { service: t('Services'), host: t('Hosts'), version: t('Versions'), label: t('Labels') };
const SEARCHES: Record<Grouping, string> = {
	service: t('Find a service'), host: t('Find a host'), version: t('Find a version'), label: t('Find a value') };

export function FleetPage({ view }: { view: FleetView }) {
	useTitle(t('Fleet'));
	useRowKeys('service');
	const fleet = useResource<Fleet>('/fleet', ['verdicts', 'alerts', 'agents']);
	const show = (changed: Partial<FleetView>) => go(href.fleet({ ...view, ...changed }), { replace: true });
	// The list is asked for at once, and not only when the head is there.
	const listed = fleet.data.value ? fleet.data.value.services > 0 : !fleet.error.value;
	return (
		<>
			<Loaded resource={fleet} rows={2} page>
				{(f) => (
					<>
						<header class="page-head">
							<h1>{headline(f)}</h1>
							<Figures fleet={f} />
						</header>
						{f.services === 0 ? <NoServices hosts={f.hosts} /> : (
							<>
								<div class="toolbar">
									<GroupBy view={view} />
									<Search key={view.by} label={SEARCHES[view.by]} value={view.q} set={(q) => show({ q })} />
								</div>
								<div class="toolbar">
									<VerdictFilter fleet={f} counted={view.by === 'service'} chosen={view.verdict} choose={(verdict) => show({ verdict })} />
								</div>
							</>
						)}
					</>
				)}
			</Loaded>
			{listed && (view.by === 'service' ? <Services view={view} /> : <Groups view={view} />)}
		</>
	);
}

function GroupBy({ view }: { view: FleetView }) {
	return (
		<nav class="segments" aria-label={t('Grouped by')}>
			{GROUPINGS.map((by) => (
				<a key={by} href={href.fleet({ by, verdict: view.verdict })} aria-current={view.by === by ? 'true' : undefined}>{GROUPING_WORDS[by]}</a>
			))}
			<a href={href.hosts()}>{t('Map')}</a>
		</nav>
	);
}

function Services({ view }: { view: FleetView }) {
	const pages = usePages<ServiceRow>('/services',
		{ q: view.q, verdict: view.verdict, limit: PAGE }, ['verdicts', 'alerts']);
	const rows = useLatest(pages.data);
	if (!rows && pages.error.value)
		return <Failure error={pages.error.value} retry={() => void pages.refresh()} />;
	if (!rows) return <Skeleton rows={8} />;
	const pending = pages.data.value === undefined;
	if (rows.length === 0 && !pending) return <NothingFound view={view} />;
	return (
		<div class={pending ? 'pending' : ''}>
			<Stale resource={pages} />
			<Listed rows={rows} view={view} end={() => { if (pages.hasMore.value && !pages.loadingMore.value) void pages.more(); }} />
			<More pages={pages} />
		</div>
	);
}

function Listed({ rows, view, end }: { rows: readonly ServiceRow[]; view: FleetView; end: () => void }) {
	const { shown, chip } = useSteady(rows);
	return (
		<>
			{chip}
			<div class="table-bar">
				<TableMenu name={t('Services')} path={`/services${query({ q: view.q, verdict: view.verdict, limit: 1000 })}`} rows={() => rows} />
			</div>
			<ServiceTable rows={shown} end={end} />
		</>
	);
}
