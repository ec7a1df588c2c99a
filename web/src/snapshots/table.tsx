// The list of snapshots. Two can be ticked and compared.
import type { SnapshotRow } from '../api/types';
import { href } from '../app/address';
import { bytes } from '../format/number';
import { duration } from '../format/time';
import { None } from '../ui/none';
import { When } from '../ui/time';
import { VersionName } from '../ui/verdict';
import { t } from '../words/words';
import { GrowthBadge, Kind, Words } from './heap';
import { causeWords, seat } from './words';

interface Props {
	rows: readonly SnapshotRow[];
	picked: readonly number[];
	pick: (id: number) => void;
}

export function SnapshotTable({ rows, picked, pick }: Props) {
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={t('Snapshots')}>
			<table class="grid snapshots">
				<thead>
					<tr>
						<th scope="col"><span class="sr-only">{t('Compare')}</span></th>
						<th scope="col">{t('Taken')}</th>
						<th scope="col">{t('Instance')}</th>
						<th scope="col">{t('Version')}</th>
						<th scope="col" class="num">{t('Heap')}</th>
						<th scope="col">{t('Kind')}</th>
						<th scope="col">{t('What grows')}</th>
					</tr>
				</thead>
				<tbody>
					{rows.map((row) => <Row key={row.id} row={row} isPicked={picked.includes(row.id)} pick={() => pick(row.id)} />)}
				</tbody>
			</table>
		</div>
	);
}

function Row({ row, isPicked, pick }: { row: SnapshotRow; isPicked: boolean; pick: () => void }) {
	return (
		<tr data-row data-snapshot={row.id} class={isPicked ? 'picked' : ''}>
			<td class="c-tick">
				<label class="tick">
					<input type="checkbox" checked={isPicked} onChange={pick} />
					<span class="sr-only">{t('Compare snapshot {id}', { id: row.id })}</span>
				</label>
			</td>
			<th scope="row" class="c-taken">
				<a class="row-link" href={href.snapshot(row.id)}><When ms={row.taken_at_ms} /></a>
				<p class="summary">{causeWords(row.cause)}</p>
			</th>
			<td class="c-seat">
				{seat(row)}
				<p class="summary">{row.uptime_ms === null ? t('process {pid}', { pid: row.pid }) : t('process {pid}, up {span}', { pid: row.pid, span: duration(row.uptime_ms) })}</p>
			</td>
			<td class="c-version"><VersionName version={row.version.version} /></td>
			<td class="num c-size">{bytes(row.total_bytes)}</td>
			<td class="c-kind"><Kind kind={row.kind} />{row.raw?.state === 'complete' && <p class="summary">{t('raw file here')}</p>}</td>
			<td class="c-growth">
				{row.growth
					? <><GrowthBadge verdict={row.growth.verdict} /><p class="summary"><Words text={row.growth.words} /></p></>
					: row.kind === 'v8' ? <span class="unknown">{t('first of its process')}</span> : <None />}
			</td>
		</tr>
	);
}
