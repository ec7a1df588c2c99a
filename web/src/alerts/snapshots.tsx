// What the heaps of the leaking version say, and the way to look into one.
import type { Alert, SnapshotRow } from '../api/types';
import { href } from '../app/address';
import { bytes } from '../format/number';
import { mayAct } from '../session/session';
import { later } from '../ui/later';
import { Ago } from '../ui/time';
import { said } from '../words/said';
import { t } from '../words/words';
import { clearest } from './next';

const Holds = later(async () => (await import('./holds')).Holds, true);

export function AlertSnapshots({ alert }: { alert: Alert }) {
	const { service } = alert.finding;
	const best = clearest(alert.instances);
	const rows = alert.snapshots;
	const told = rows.find((r) => r.growth !== null);
	return (
		<section class="part">
			<h2>{t('What holds the memory')}</h2>
			{told && <Holds key={told.id} row={told} />}
			{rows.length === 0
				? <p class="quiet table-note">{t('A heap snapshot of a process inside shows what holds the memory that grows.')}</p>
				: <ul class="snapshot-links">{rows.map((r) => <li key={r.id}><Row row={r} told={r === told} /></li>)}</ul>}
			<p class="snapshot-actions">
				{mayAct() && best && (
					<a class="button" href={href.snapshots(service.id, { take: best.id })}>
						{t('Take a snapshot of {host} #{ordinal}…', { host: best.host.name, ordinal: best.ordinal })}
					</a>
				)}
				<a class="clamp" href={href.snapshots(service.id)}>{t('All snapshots of {service}', { service: service.name })}</a>
			</p>
		</section>
	);
}

function Row({ row: r, told }: { row: SnapshotRow; told: boolean }) {
	return (
		<>
			<a href={href.snapshot(r.id)}>{r.host.name} #{r.ordinal}, <Ago ms={r.taken_at_ms} /></a>{' '}
			<span class="quiet">{bytes(r.total_bytes)}</span>
			{r.growth && !told && <p>{said(r.growth.words).replaceAll('`', '')}</p>}
		</>
	);
}
