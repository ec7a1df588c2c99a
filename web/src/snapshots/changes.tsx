// The table of a comparison: each class before, after, and the difference.
import { useMemo } from 'preact/hooks';
import type { Comparison, ComparisonRow } from '../api/types';
import { type ChangeSort, type ComparisonView, href } from '../app/address';
import { go } from '../app/router';
import { bytes, count } from '../format/number';
import { TableMenu } from '../ui/export';
import { None } from '../ui/none';
import { Search } from '../ui/search';
import { t } from '../words/words';
import { Name, SortHead } from './heap';
import { useWindow } from '../ui/window';
import { isEngine, signedBytes, signedCount, signedRate } from './words';

type Measure = 'count' | 'shallow_bytes' | 'retained_bytes';

/** The difference; where one side was cut off, what it is at most. */
function most(r: ComparisonRow, delta: number | null, of: Measure): number {
	return delta ?? (r.after?.[of] ?? 0) - (r.before?.[of] ?? 0);
}

const BY: Record<ChangeSort, (r: ComparisonRow) => number> = {
	retained: (r) => most(r, r.retained_delta_bytes, 'retained_bytes'),
	shallow: (r) => most(r, r.shallow_delta_bytes, 'shallow_bytes'),
	count: (r) => most(r, r.count_delta, 'count'),
	request: (r) => r.count_per_request ?? -Infinity,
	hour: (r) => r.count_per_hour ?? -Infinity,
	name: () => 0,
};

export function hasGrown(row: ComparisonRow): boolean {
	return BY.count(row) > 0 || BY.shallow(row) > 0 || (row.retained_delta_bytes ?? 0) > 0;
}

export function differs(row: ComparisonRow): boolean {
	return BY.count(row) !== 0 || BY.shallow(row) !== 0 || (row.retained_delta_bytes ?? 0) !== 0;
}

/** The rows that the view asks for, the largest growth first. Pure. */
export function changeRows(rows: readonly ComparisonRow[], view: ComparisonView, sort: ChangeSort): ComparisonRow[] {
	const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
	const found = rows.filter((r) => {
		if (view.show === 'grown' ? !hasGrown(r) : view.show === '' && !differs(r)) return false;
		if (!view.engine && isEngine(r.name)) return false;
		const text = `${r.name} ${r.location ?? ''}`.toLowerCase();
		return words.every((w) => text.includes(w));
	});
	if (sort === 'name') return found.sort((a, b) => a.name.localeCompare(b.name));
	return found.sort((a, b) => BY[sort](b) - BY[sort](a) || BY.shallow(b) - BY.shallow(a));
}

const SHOWN: readonly [ComparisonView['show'], string][] = [['', t('Changed')], ['grown', t('Grown')], ['all', t('All')]];

export function Changes({ comparison, view }: { comparison: Comparison; view: ComparisonView }) {
	const { before, after, rows: all, same_process: same } = comparison;
	const exact = before.kind === 'v8' && after.kind === 'v8';
	const rates = all.some((r) => r.count_per_request !== null);
	const hours = all.some((r) => r.count_per_hour !== null);
	const known: ChangeSort[] = [...(exact ? ['retained'] as const : []), 'shallow', 'count',
		...(rates ? ['request'] as const : []), ...(hours ? ['hour'] as const : []), 'name'];
	const usual = known[0] as ChangeSort;
	const sorted = view.sort !== '' && known.includes(view.sort) ? view.sort : usual;
	const rows = useMemo(() => changeRows(all, view, sorted), [all, view.q, view.show, view.engine, sorted]);
	const { shown, rest } = useWindow(rows, `${view.q}|${view.show}|${view.engine}|${sorted}`);
	const show = (changed: Partial<ComparisonView>) =>
		go(href.comparison(before.id, after.id, { ...view, ...changed }), { replace: true });
	const head = { sorted, sort: (sort: ChangeSort) => show({ sort: sort === usual ? '' : sort }) };
	const how = t(same ? 'growth in between' : 'of each process since its start, and of the two the difference');
	return (
		<section class="part">
			<div class="toolbar part-bar">
				<h2>{t('Classes')}</h2>
				<div class="changes-tools">
					<div class="segments" role="group" aria-label={t('Which classes')}>
						{SHOWN.map(([id, name]) => (
							<button type="button" key={id} aria-pressed={view.show === id} onClick={() => show({ show: id })}>{name}</button>
						))}
					</div>
					<Tick name={t('With the engine\'s own')} checked={view.engine} set={(engine) => show({ engine })}
						title={t('(compiled code), (system), (object shape): these change in every program')} />
					<Search label={t('Find a class or file')} value={view.q} set={(q) => show({ q })} />
					<TableMenu name={t('Classes')} path={`/snapshots/${after.id}/compare?with=${before.id}`} rows={() => rows} />
				</div>
			</div>
			<p class="quiet table-note" role="status">{rowsSaid(rows.length, comparison, view)}</p>
			{rows.length > 0 && (
				<div class="scroll" tabIndex={0} role="region" aria-label={t('Classes')}>
					<table class="grid compact heap-table">
						<thead>
							<tr>
								<SortHead by="name" {...head} up>{t('Class')}</SortHead>
								<SortHead by="count" {...head} num>{t('Count')}</SortHead>
								<SortHead by="shallow" {...head} num minor={exact}>{t('Shallow')}</SortHead>
								{exact && <SortHead by="retained" {...head} num>{t('Retained')}</SortHead>}
								{rates && <SortHead by="request" {...head} num help={t('Objects per request: {how}', { how })}>{t(same ? 'Per request' : 'Count ÷ requests')}</SortHead>}
								{hours && <SortHead by="hour" {...head} num help={t('Objects per hour: {how}', { how })}>{t(same ? 'Per hour' : 'Count ÷ uptime')}</SortHead>}
							</tr>
						</thead>
						<tbody>{shown.map((r) => (
							<Row key={`${r.name}|${r.location ?? ''}`} row={r} comparison={comparison} exact={exact} rates={rates} hours={hours} />
						))}</tbody>
					</table>
				</div>
			)}
			{rest}
		</section>
	);
}

function Row({ row: r, comparison, exact, rates, hours }: {
	row: ComparisonRow;
	comparison: Comparison;
	exact: boolean;
	rates: boolean;
	hours: boolean;
}) {
	const { before, after } = r;
	const sides = (of: Measure) => ({ from: side(before, of, comparison.before_is_cut), to: side(after, of, comparison.after_is_cut) });
	return (
		<tr>
			<th scope="row">
				<Name of={r} />
				{!before && <span class="mark">{t(comparison.before_is_cut ? 'not among the largest before' : 'new')}</span>}
				{!after && <span class="mark">{t(comparison.after_is_cut ? 'not among the largest after' : 'gone')}</span>}
			</th>
			<Change delta={r.count_delta} say={signedCount} {...sides('count')} plain={count} />
			<Change delta={r.shallow_delta_bytes} say={signedBytes} {...sides('shallow_bytes')} plain={bytes} minor={exact} />
			{exact && <Change delta={r.retained_delta_bytes} say={signedBytes} {...sides('retained_bytes')} plain={bytes} />}
			{rates && <Rate value={r.count_per_request} />}
			{hours && <Rate value={r.count_per_hour} />}
		</tr>
	);
}

/** null: not known, because only the largest classes were kept. */
function side(at: ComparisonRow['before'], of: Measure, isCut: boolean): number | null {
	return at ? at[of] : isCut ? null : 0;
}

function Change({ delta, say, from, to, plain, minor = false }: {
	delta: number | null;
	say: (delta: number) => string;
	from: number | null;
	to: number | null;
	plain: (value: number) => string;
	minor?: boolean;
}) {
	const kind = `num ${minor ? 'minor' : ''}`;
	const said = (value: number | null) => value === null ? '?' : plain(value);
	if (delta === 0) return <td class={`${kind} same`}>{said(to)}</td>;
	return (
		<td class={kind}>
			{delta === null ? <None /> : <span class={delta > 0 ? 'grew' : 'shrank'}>{say(delta)}</span>}
			{(from !== null || to !== null) && <p class="summary">{said(from)} → {said(to)}</p>}
		</td>
	);
}

function Rate({ value }: { value: number | null }) {
	return <td class="num">{value === null ? <None /> : signedRate(value)}</td>;
}

function Tick({ name, checked, set, title }: { name: string; checked: boolean; set: (on: boolean) => void; title?: string }) {
	return (
		<label class="tick" title={title}>
			<input type="checkbox" checked={checked} onChange={(e) => set(e.currentTarget.checked)} />
			<span>{name}</span>
		</label>
	);
}

function rowsSaid(found: number, { rows, total_rows: all }: Comparison, view: ComparisonView): string {
	if (found === 0) return t(view.q !== '' || view.show === 'grown' ? 'No class matches.' : 'No class has changed.');
	const said = t('{found} of {n, plural, one {# class} other {# classes}}', { found: count(found), n: rows.length });
	return all > rows.length ? t('{said}; {n} with smaller differences were left out', { said, n: count(all - rows.length) }) : said;
}
