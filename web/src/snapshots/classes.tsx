// The table of classes of one snapshot.
import { useMemo } from 'preact/hooks';
import type { HeapClass, Snapshot } from '../api/types';
import { type ClassSort, type ClassesView, href } from '../app/address';
import { go } from '../app/router';
import { bytes, count } from '../format/number';
import { TableMenu } from '../ui/export';
import { None } from '../ui/none';
import { Search } from '../ui/search';
import { t } from '../words/words';
import { Name, Share, SortHead } from './heap';
import { useWindow } from '../ui/window';

const BY: Record<ClassSort, (a: HeapClass, b: HeapClass) => number> = {
	retained: (a, b) => (b.retained_bytes ?? -1) - (a.retained_bytes ?? -1) || BY.shallow(a, b),
	shallow: (a, b) => b.shallow_bytes - a.shallow_bytes || b.count - a.count,
	count: (a, b) => b.count - a.count || b.shallow_bytes - a.shallow_bytes,
	// What has no distance is reached from nowhere: last.
	distance: (a, b) => (a.distance ?? Infinity) - (b.distance ?? Infinity) || BY.retained(a, b),
	name: (a, b) => a.name.localeCompare(b.name) || (a.location ?? '').localeCompare(b.location ?? ''),
};

const OWN = t('What the objects themselves take');
const RETAINED = t('What would be freed if the objects were');
const DISTANCE = t('References from the root to the nearest one');

/** Rows in whose name or place all words of `q` occur, sorted. Pure. */
export function classRows(classes: readonly HeapClass[], q: string, sort: ClassSort): HeapClass[] {
	const words = q.toLowerCase().split(/\s+/).filter(Boolean);
	const found = classes.filter((c) => {
		const text = `${c.name} ${c.location ?? ''}`.toLowerCase();
		return words.every((w) => text.includes(w));
	});
	return found.sort(BY[sort]);
}

export function Classes({ snapshot, view }: { snapshot: Snapshot; view: ClassesView }) {
	const { classes } = snapshot;
	const exact = snapshot.kind === 'v8';
	const known: ClassSort[] = exact ? ['retained', 'shallow', 'count', 'distance', 'name'] : ['shallow', 'count', 'name'];
	const sorted = view.sort !== '' && known.includes(view.sort) ? view.sort : (known[0] as ClassSort);
	const rows = useMemo(() => classRows(classes, view.q, sorted), [classes, view.q, sorted]);
	const { shown, rest } = useWindow(rows, `${view.q}|${sorted}`);
	const show = (changed: Partial<ClassesView>) =>
		go(href.snapshot(snapshot.id, { ...view, ...changed }), { replace: true });
	const largest = classes.reduce((most, c) => Math.max(most, c.retained_bytes ?? 0), 0);
	const largestShallow = classes.reduce((most, c) => Math.max(most, c.shallow_bytes), 0);
	const head = { sorted, sort: (sort: ClassSort) => show({ sort: sort === known[0] ? '' : sort }) };
	return (
		<section class="part">
			<div class="toolbar part-bar">
				<h2>{t('Classes')}</h2>
				<div class="changes-tools">
					<Search label={t('Find a class or file')} value={view.q} set={(q) => show({ q })} />
					<TableMenu name={t('Classes')} path={`/snapshots/${snapshot.id}`} rows={() => rows} />
				</div>
			</div>
			<p class="quiet table-note" role="status">{rowsSaid(rows.length, snapshot)}</p>
			{rows.length > 0 && (
				<div class="scroll" tabIndex={0} role="region" aria-label={t('Classes')}>
					<table class={`grid compact heap-table ${exact ? '' : 'few'}`}>
						<thead>
							<tr>
								<SortHead by="name" {...head} up>{t('Class')}</SortHead>
								<SortHead by="count" {...head} num>{t('Count')}</SortHead>
								{exact && <SortHead by="distance" {...head} num up minor help={DISTANCE}>{t('Distance')}</SortHead>}
								<SortHead by="shallow" {...head} num minor={exact} help={OWN}>{t('Shallow')}</SortHead>
								{exact && <SortHead by="retained" {...head} num help={RETAINED}>{t('Retained')}</SortHead>}
							</tr>
						</thead>
						<tbody>
							{shown.map((c) => (
								<tr key={`${c.name}|${c.location ?? ''}`}>
									<th scope="row"><Name of={c} /></th>
									<td class="num">{count(c.count)}</td>
									{exact && <td class="num minor">{c.distance === null || c.distance < 0 ? <None /> : count(c.distance)}</td>}
									<td class={`num ${exact ? 'minor' : ''}`}>{bytes(c.shallow_bytes)}<Share part={c.shallow_bytes} of={largestShallow} /></td>
									{exact && <Retained bytes={c.retained_bytes} of={largest} />}
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			{rest}
		</section>
	);
}

function Retained({ bytes: size, of }: { bytes: number | null; of: number }) {
	return <td class="num">{size === null ? <None /> : <>{bytes(size)}<Share part={size} of={of} /></>}</td>;
}

function rowsSaid(found: number, snapshot: Snapshot): string {
	const { classes, class_count: all } = snapshot;
	if (classes.length === 0) return t('The snapshot names no class.');
	if (found === 0) return t('No class matches.');
	const n = classes.length;
	const said = found < n ? t('{found} of {n, plural, one {# class} other {# classes}}', { found: count(found), n })
		: t('{n, plural, one {# class} other {# classes}}', { n });
	return all > n ? t('{said}; {n} smaller ones were left out', { said, n: count(all - n) }) : said;
}
