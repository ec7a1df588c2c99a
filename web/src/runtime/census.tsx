// What the processes of a service hold, counted by name, the fastest growing first.
import { useMemo } from 'preact/hooks';
import { usePages } from '../api/resource';
import type { CensusItem, CensusKind, Service } from '../api/types';
import { CENSUS_HOURS, CENSUS_KINDS, type RuntimeView } from '../app/address';
import { count } from '../format/number';
import { duration } from '../format/time';
import { More } from '../ui/more';
import { None } from '../ui/none';
import { Search } from '../ui/search';
import { strokes } from '../ui/sparkline';
import { Loaded } from '../ui/states';
import { useWindow } from '../ui/window';
import { shortPlace } from '../snapshots/words';
import { t } from '../words/words';
import { CENSUS_HELP, CENSUS_WORDS, byGrowth, censusRows, perHour } from './words';

const PAGE = 500;
const HOUR_MS = 3_600_000;
/** Rows at first where there is little room. */
const FEW = 12;
const NARROW = matchMedia('(max-width: 600px)');

type Show = (changed: Partial<RuntimeView>, replace?: boolean) => void;

export function Census({ service, view, show }: { service: Service; view: RuntimeView; show: Show }) {
	const pages = usePages<CensusItem>(`/services/${service.id}/census`, { hours: view.hours, limit: PAGE }, ['samples']);
	return (
		<section class="part census">
			<div class="toolbar part-bar">
				<h2>{t('Census')} <span class="quiet">{t('what its processes hold, counted every hour and at each finding')}</span></h2>
				<div class="segments" role="group" aria-label={t('Census of the last')}>
					{CENSUS_HOURS.map((h) => (
						<button type="button" key={h} aria-pressed={view.hours === h} onClick={() => show({ hours: h })}>{duration(h * HOUR_MS)}</button>
					))}
				</div>
			</div>
			<Loaded resource={pages} rows={5}>
				{(rows) => rows.length === 0 ? <NoCensus hours={view.hours} /> : <><Found rows={rows} view={view} show={show} /><More pages={pages} /></>}
			</Loaded>
		</section>
	);
}

function NoCensus({ hours }: { hours: number }) {
	return (
		<p class="quiet">
			{t('Nothing was counted in the last {span}. A census comes an hour after the preload or the inspector first reads a process, and at once when something is found.', { span: duration(hours * HOUR_MS) })}
		</p>
	);
}

function Found({ rows: all, view, show }: { rows: readonly CensusItem[]; view: RuntimeView; show: Show }) {
	const rows = useMemo(() => censusRows(all, view).sort(byGrowth), [all, view.kind, view.q]);
	const { shown, rest } = useWindow(rows, `${view.kind}|${view.q}|${view.hours}`, NARROW.matches ? FEW : undefined);
	const of = (kind: CensusKind) => all.filter((r) => r.kind === kind).length;
	return (
		<>
			<div class="toolbar">
				<div class="filter" role="group" aria-label={t('What is counted')}>
					<button type="button" class="chip" aria-pressed={view.kind === ''} onClick={() => show({ kind: '' })}>
						{t('All')} <span class="n">{count(all.length)}</span>
					</button>
					{CENSUS_KINDS.filter((k) => of(k) > 0 || k === view.kind).map((k) => (
						<button type="button" key={k} class="chip" aria-pressed={view.kind === k} title={CENSUS_HELP[k]}
							onClick={() => show({ kind: view.kind === k ? '' : k })}>
							{CENSUS_WORDS[k]} <span class="n">{count(of(k))}</span>
						</button>
					))}
				</div>
				<Search label={t('Find a name or file')} value={view.q} set={(q) => show({ q })} />
			</div>
			{rows.length === 0 ? <p class="quiet" role="status">{t('Nothing matches.')}</p> : <Table rows={shown} />}
			{rest}
		</>
	);
}

function Table({ rows }: { rows: readonly CensusItem[] }) {
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={t('Census')}>
			<table class="grid compact census-table">
				<thead>
					<tr>
						<th scope="col">{t('Kind')}</th>
						<th scope="col">{t('Name')}</th>
						<th scope="col">{t('Trend')}</th>
						<th scope="col" class="num" aria-sort="descending">{t('Growth')}</th>
						<th scope="col" class="num"><span title={t('In the process that holds most of it')}>{t('Newest')}</span></th>
						<th scope="col" class="num">{t('First')}</th>
						<th scope="col">{t('In')}</th>
					</tr>
				</thead>
				<tbody>{rows.map((r) => <Row key={`${r.kind}|${r.name}|${r.location}`} item={r} />)}</tbody>
			</table>
		</div>
	);
}

function Row({ item: r }: { item: CensusItem }) {
	const growth = perHour(r.per_hour);
	const grows = (r.per_hour ?? 0) > 0 && r.newest > r.first;
	return (
		<tr>
			<td class="c-kind quiet">{CENSUS_WORDS[r.kind] ?? r.kind}</td>
			<th scope="row">
				<span class="census-name">{r.name}</span>
				{r.location !== '' && <p><code class="place" title={r.location}>{shortPlace(r.location)}</code></p>}
			</th>
			<td class="c-trend"><Trend item={r} /></td>
			<td class={`num ${grows ? 'grew' : ''}`}>{growth ?? <None />}</td>
			<td class="num">{count(r.newest)}</td>
			<td class="num quiet">{count(r.first)}</td>
			<td class="c-in">
				{r.host.name} <span class="quiet">{t('pid {pid}', { pid: r.pid })}</span>
				{r.processes > 1 && <p class="summary">{t('{total} in {n, plural, one {# process} other {# processes}}', { total: count(r.total), n: r.processes })}</p>}
			</td>
		</tr>
	);
}

function Trend({ item: r }: { item: CensusItem }) {
	if (r.series.length < 2) return <span class="spark-none">{t('one reading')}</span>;
	const { line, end } = strokes(r.series.map(([, n]) => n));
	const [[from], [to]] = [r.series[0], r.series.at(-1)] as [[number, number], [number, number]];
	return (
		<svg class={`spark ${(r.per_hour ?? 0) > 0 ? 'v-watch' : ''}`} viewBox="0 0 120 26" width={120} height={26} role="img"
			aria-label={t('{first} to {newest} in {span}', { first: count(r.first), newest: count(r.newest), span: duration(to - from) })}>
			<path d={line} class="spark-line" />
			{end && <circle cx={end[0]} cy={end[1]} r="1.8" class="spark-end" />}
		</svg>
	);
}
