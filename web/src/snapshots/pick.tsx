// Which two are compared: each side can be another snapshot of its service.
import { usePages } from '../api/resource';
import type { SnapshotRow } from '../api/types';
import { type ComparisonView, href } from '../app/address';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { go } from '../app/router';
import { bytes } from '../format/number';
import { when } from '../format/time';
import { t } from '../words/words';
import { isSameProcess } from './suggest';
import { seat } from './words';

const OTHERS = 200;

export function Pickers({ before, after, view }: { before: SnapshotRow; after: SnapshotRow; view: ComparisonView }) {
	const show = (a: number, b: number) => go(href.comparison(a, b, view));
	return (
		<div class="pickers">
			<Pick label={t('Before')} chosen={before} other={after} choose={(id) => show(id, after.id)} />
			<button type="button" class="icon-button" aria-label={t('Swap before and after')} title={t('Swap')}
				onClick={() => show(after.id, before.id)}>⇄</button>
			<Pick label={t('After')} chosen={after} other={before} choose={(id) => show(before.id, id)} />
		</div>
	);
}

/** Snapshots grouped by how they relate to the other side; a group without rows is left out.
 *  Pure. */
export function groups(rows: readonly SnapshotRow[], other: SnapshotRow): { name: string; rows: SnapshotRow[] }[] {
	const left = rows.filter((r) => r.id !== other.id);
	const same = left.filter((r) => isSameProcess(r, other));
	const others = left.filter((r) => !same.includes(r));
	return [
		{ name: t('The same process'), rows: same },
		{ name: t('Version {version}', { version: other.version.version || t('unknown') }), rows: others.filter((r) => r.version.id === other.version.id) },
		{ name: t('Other versions'), rows: others.filter((r) => r.version.id !== other.version.id) },
	].filter((g) => g.rows.length > 0);
}

function Pick({ label, chosen, other, choose }: {
	label: string;
	chosen: SnapshotRow;
	other: SnapshotRow;
	choose: (id: number) => void;
}) {
	const stored = usePages<SnapshotRow>(`/services/${chosen.service.id}/snapshots`, { limit: OTHERS }, ['snapshots']).data.value;
	// An old one may be beyond the first page of the list.
	const rows = stored?.some((r) => r.id === chosen.id) ? stored : [chosen, ...(stored ?? [])];
	return (
		<label class="picker">
			<span>{label}</span>
			<select value={chosen.id} onChange={(e) => choose(Number(e.currentTarget.value))}>
				{groups(rows, other).map((g) => (
					<optgroup key={g.name} label={g.name}>
						{g.rows.map((r) => (
							<option key={r.id} value={r.id} selected={r.id === chosen.id}>{nameOf(r)}</option>
						))}
					</optgroup>
				))}
			</select>
		</label>
	);
}

function nameOf(row: SnapshotRow): string {
	const version = row.version.version || t('unknown version');
	return `${when(row.taken_at_ms, now.value, zone.value)} · ${seat(row)} · ${version} · ${bytes(row.total_bytes)}`;
}
