// The fleet by host, by version, or by a label of hosts: aggregated by the server.
import { query } from '../api/client';
import type { GroupRow, HostMap } from '../api/fleet';
import { useLatest, usePages, useResource } from '../api/resource';
import { type FleetView, href } from '../app/address';
import { now } from '../app/now';
import { go } from '../app/router';
import { count, memory } from '../format/number';
import { TableMenu } from '../ui/export';
import { Growth } from '../ui/growth';
import { More } from '../ui/more';
import { None } from '../ui/none';
import { Failure, Skeleton, Stale } from '../ui/states';
import { useSteady } from '../ui/steady';
import { VerdictBadge, VersionName } from '../ui/verdict';
import { Windowed } from '../ui/windowed';
import { t } from '../words/words';
import { NoLabels, NothingFound } from './empty';
import { Alerts } from './table';
import { worstWords } from './words';

const PAGE = 200;
const COLUMNS = 8;

export function Groups({ view }: { view: FleetView }) {
	if (view.by !== 'label') return <Rows view={view} />;
	return <ByLabel view={view} />;
}

function ByLabel({ view }: { view: FleetView }) {
	const map = useResource<HostMap>('/hosts', ['agents']);
	const keys = map.data.value?.labels.map((l) => l.key);
	if (!keys && map.error.value) return <Failure error={map.error.value} retry={() => void map.refresh()} />;
	if (!keys) return <Skeleton rows={6} />;
	const [first] = keys;
	if (first === undefined) return <NoLabels />;
	const label = view.label || first;
	return (
		<>
			<div class="filter" role="group" aria-label={t('Label')}>
				{(keys.includes(label) ? keys : [label, ...keys]).map((key) => (
					<button type="button" key={key} class="chip" aria-pressed={key === label}
						onClick={() => go(href.fleet({ ...view, label: key }))}>{key}</button>
				))}
			</div>
			<Rows view={{ ...view, label }} />
		</>
	);
}

function Rows({ view }: { view: FleetView }) {
	const pages = usePages<GroupRow>('/groups', { by: view.by, label: view.label, q: view.q, verdict: view.verdict, limit: PAGE },
		['verdicts', 'alerts', 'agents']);
	const rows = useLatest(pages.data);
	if (!rows && pages.error.value) return <Failure error={pages.error.value} retry={() => void pages.refresh()} />;
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

const NONE: readonly GroupRow[] = [];

/** Values of a label have no id by which they could be held in their places. */
function Listed({ rows, view, end }: { rows: readonly GroupRow[]; view: FleetView; end: () => void }) {
	const steady = useSteady(view.by === 'label' ? NONE : rows);
	const path = `/groups${query({ by: view.by, label: view.label, q: view.q, verdict: view.verdict, limit: 1000 })}`;
	return (
		<>
			{steady.chip}
			<div class="table-bar">
				<TableMenu name={CAPTIONS[view.by]} path={path} rows={() => rows} />
			</div>
			<Table rows={view.by === 'label' ? rows : steady.shown} view={view} end={end} />
		</>
	);
}

const CAPTIONS = { host: t('Hosts, worst first'), version: t('Versions, worst first'), label: t('Values of the label, worst first'), service: '' };
const NAMES = { host: t('Host'), version: t('Version'), label: t('Label'), service: '' };

function Table({ rows, view, end }: { rows: readonly GroupRow[]; view: FleetView; end: () => void }) {
	return (
		<table class="grid fleet groups" aria-rowcount={rows.length + 1}>
			<caption class="sr-only">{CAPTIONS[view.by]}</caption>
			<thead>
				<tr>
					<th scope="col" class="c-verdict">{t('Verdict')}</th>
					<th scope="col" class="c-name">{NAMES[view.by]}</th>
					<th scope="col" class="c-growth num" title={t('The sum of what grows')}>{t('Growth')}</th>
					<th scope="col" class="c-memory num" title={t('Of the processes that are judged, as of then')}>{t('Memory')}</th>
					{view.by !== 'version' && <th scope="col" class="c-count num">{t('Services')}</th>}
					<th scope="col" class="c-count num">{t('Instances')}</th>
					{view.by !== 'host' && <th scope="col" class="c-count num">{t('Hosts')}</th>}
					<th scope="col" class="c-count num">{t('Alerts')}</th>
				</tr>
			</thead>
			<Windowed rows={rows} columns={COLUMNS} end={end}
				draw={(row, i) => <Row key={`${row.id} ${row.name}`} row={row} view={view} index={i} />} />
		</table>
	);
}

function Row({ row, view, index }: { row: GroupRow; view: FleetView; index: number }) {
	const words = worstWords(row, now.value);
	return (
		<tr data-row aria-rowindex={index + 2} class={row.instances === 0 ? 'gone' : ''}>
			<td class="c-verdict"><VerdictBadge verdict={row.verdict} /></td>
			<th scope="row" class="c-name">
				<Name row={row} view={view} />
				{words && <p class="summary" title={words}>{words}</p>}
			</th>
			<td class="c-growth num"><Growth value={row.rate} /></td>
			<td class="c-memory num">{row.memory_kb ? memory(row.memory_kb) : <None />}</td>
			{view.by !== 'version' && <td class="c-count num">{count(row.services)}</td>}
			<td class="c-count num">{count(row.instances)}</td>
			{view.by !== 'host' && <td class="c-count num">{count(row.hosts)}</td>}
			<td class="c-count num"><Alerts open={row.open_alerts} /></td>
		</tr>
	);
}

function Name({ row, view }: { row: GroupRow; view: FleetView }) {
	if (view.by === 'host') return <a class="row-link" href={href.host(row.id)} title={row.name}>{row.name}</a>;
	if (row.service)
		return (
			<a class="row-link" href={href.fingerprint(row.id)} title={`${row.service.name} ${row.name}`}>
				{row.service.name} <VersionName version={row.name} />
			</a>
		);
	return (
		<a class="row-link" href={href.hosts({ group: view.label })} title={row.name}>
			{row.name === '' ? t('without {label}', { label: view.label }) : `${view.label}=${row.name}`}
		</a>
	);
}
