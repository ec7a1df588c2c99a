// What the selections consist of and what their heaps hold, each against the first.
import { useState } from 'preact/hooks';
import { useResource } from '../api/resource';
import type { CompareSelection } from '../api/compare';
import type { Comparison, FingerprintDiff, FingerprintRow, Page, SnapshotRow } from '../api/types';
import { query } from '../api/client';
import { href } from '../app/address';
import { diffRows, diffSentence, fieldWords, labelOf as versionLabel } from '../fingerprints/words';
import { changeRows } from '../snapshots/changes';
import { Name } from '../snapshots/heap';
import { signedBytes, signedCount } from '../snapshots/words';
import { count } from '../format/number';
import { Loaded } from '../ui/states';
import { None } from '../ui/none';
import { Ago } from '../ui/time';
import { useWindow } from '../ui/window';
import { rich, t } from '../words/words';
import { Mark, letterOf } from './mark';

const CLASSES_SHOWN = 20;
const PACKAGES_SHOWN = 12;

type Pair = { first: CompareSelection; other: CompareSelection; index: number };

/** The version that stands for a selection: its own, or the newest of its service. */
function useVersion(of: CompareSelection): number | null | undefined {
	const newest = useResource<Page<FingerprintRow>>(`/services/${of.service.id}/fingerprints?limit=1`, []);
	if (of.version) return of.version.id;
	if (newest.error.value && !newest.data.value) return null;
	return newest.data.value && (newest.data.value.items[0]?.id ?? null);
}

export function Dependencies({ first, other, index }: Pair) {
	const [a, b] = [useVersion(first), useVersion(other)];
	if (a === undefined || b === undefined) return null;
	if (a === null || b === null) return <p class="quiet"><Mark index={index} /> {unknown()}</p>;
	if (a === b) return <p class="quiet"><Mark index={index} /> {t('It is the same version: nothing differs.')}</p>;
	return <Difference path={`/fingerprints/diff?from=${a}&to=${b}`} index={index} />;
}

function unknown(): string {
	return t('What one of them consists of is not known.');
}

function Difference({ path, index }: { path: string; index: number }) {
	const diff = useResource<FingerprintDiff>(path, []);
	return <Loaded resource={diff} rows={3}>{(d) => <Packages diff={d} index={index} />}</Loaded>;
}

function Packages({ diff: d, index }: { diff: FingerprintDiff; index: number }) {
	const fields = d.fields.map((f) => ({ kind: 'field' as const, name: fieldWords(f.name), from: [f.from].filter(Boolean), to: [f.to].filter(Boolean) }));
	const [whole, setWhole] = useState(false);
	const all = [...fields, ...diffRows(d)];
	const { shown, rest } = useWindow(all, `${d.from.id}|${d.to.id}`);
	const rows = whole ? shown : all.slice(0, PACKAGES_SHOWN);
	return (
		<>
			<p class="table-note">
				<Mark index={index} /> {d.from.is_known && d.to.is_known ? diffSentence(d) : unknown()}{' '}
				<a href={href.difference(d.from.id, d.to.id)}>{t('{from} against {to}', { from: versionLabel(d.from), to: versionLabel(d.to) })}</a>
			</p>
			{rows.length > 0 && (
				<div class="scroll" tabIndex={0} role="region" aria-label={t('What A and {letter} consist of', { letter: letterOf(index) })}>
					<table class="grid compact compare-parts">
						<thead><tr>
							<th scope="col">{t('Package')}</th>
							<th scope="col"><Mark index={0} /></th>
							<th scope="col"><Mark index={index} /></th>
						</tr></thead>
						<tbody>
							{rows.map((r) => (
								<tr key={`${r.kind}|${r.name}`}>
									<th scope="row">{r.kind === 'field' ? r.name : <a class="package" href={href.packages({ name: r.name })}>{r.name}</a>}</th>
									<td class="mono">{r.from.join(', ') || <None />}</td>
									<td class="mono">{r.to.join(', ') || <None />}</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			{whole ? rest : rows.length < all.length && (
				<p class="more"><button type="button" class="button" onClick={() => setWhole(true)}>{t('Show all {n}', { n: count(all.length) })}</button></p>
			)}
		</>
	);
}

/** The newest snapshot of a selection, whenever it was taken. */
function newest(rows: readonly SnapshotRow[], of: CompareSelection): SnapshotRow | undefined {
	return rows.find((r) => (!of.version || r.version.id === of.version.id) && (!of.host || r.host.id === of.host.id)
		&& (!of.instance || r.instance === of.instance.id) && (!of.offset_ms || r.taken_at_ms < of.to_ms));
}

export function Heaps({ first, other, index }: Pair) {
	const stored = [first, other].map((s) => useResource<Page<SnapshotRow>>(`/services/${s.service.id}/snapshots?limit=200`, ['snapshots']).data.value);
	if (!stored[0] || !stored[1]) return null;
	const [a, b] = [newest(stored[0].items, first), newest(stored[1].items, other)];
	if (!a || !b) {
		const without = a ? other : first;
		return (
			<p class="quiet"><Mark index={a ? index : 0} /> {rich('There is no heap snapshot of it. <a>Take one</a>', {
				a: (x) => <a href={href.snapshots(without.service.id, { take: 'choose' })}>{x}</a> })}</p>
		);
	}
	if (a.id === b.id) return <p class="quiet"><Mark index={index} /> {t('The newest heap snapshot of both is the same one.')}</p>;
	return <Heap before={a} after={b} index={index} />;
}

function Heap({ before, after, index }: { before: SnapshotRow; after: SnapshotRow; index: number }) {
	const found = useResource<Comparison>(`/snapshots/${after.id}/compare${query({ with: before.id, limit: 200 })}`, []);
	return <Loaded resource={found} rows={3}>{(c) => <Classes of={c} index={index} />}</Loaded>;
}

function Classes({ of: c, index }: { of: Comparison; index: number }) {
	const exact = c.before.kind === 'v8' && c.after.kind === 'v8';
	const rows = changeRows(c.rows, { q: '', sort: '', show: '', engine: false }, exact ? 'retained' : 'shallow').slice(0, CLASSES_SHOWN);
	return (
		<>
			<p class="table-note">
				<Mark index={0} /> <Ago ms={c.before.taken_at_ms} /> · <Mark index={index} /> <Ago ms={c.after.taken_at_ms} /> ·{' '}
				<a href={href.comparison(c.before.id, c.after.id)}>{t('All that differs')}</a>
			</p>
			<div class="scroll" tabIndex={0} role="region" aria-label={t('What the heaps of A and {letter} hold', { letter: letterOf(index) })}>
				<table class="grid compact heap-table compare-parts">
					<thead><tr>
						<th scope="col">{t('Class')}</th>
						<th scope="col" class="num"><Mark index={0} /> {t('Count')}</th>
						<th scope="col" class="num"><Mark index={index} /> {t('Count')}</th>
						<th scope="col" class="num">{t('More')}</th>
						<th scope="col" class="num">{exact ? t('Retained') : t('Shallow')}</th>
					</tr></thead>
					<tbody>
						{rows.map((r) => {
							const size = exact ? r.retained_delta_bytes : r.shallow_delta_bytes;
							return (
								<tr key={`${r.name}|${r.location ?? ''}`}>
									<th scope="row"><Name of={r} /></th>
									<td class="num">{r.before ? count(r.before.count) : <None />}</td>
									<td class="num">{r.after ? count(r.after.count) : <None />}</td>
									<td class="num">{r.count_delta === null ? <None /> : signedCount(r.count_delta)}</td>
									<td class="num">{size === null ? <None /> : signedBytes(size)}</td>
								</tr>
							);
						})}
					</tbody>
				</table>
			</div>
		</>
	);
}
