// What the heaps of the leaking version say, and the way to look into one.
import type { Alert, AlertInstance, SnapshotRow } from '../api/types';
import { href } from '../app/address';
import { bytes } from '../format/number';
import { mayAct } from '../session/session';
import { Ago } from '../ui/time';

/** The instance whose growth is the surest: the best one to look into. Pure. */
export function clearest(rows: readonly AlertInstance[]): AlertInstance | undefined {
	const sure = (i: AlertInstance) => i.rate?.low_kb_h ?? -Infinity;
	return rows.filter((i) => i.running).sort((a, b) => sure(b) - sure(a))[0];
}

export function AlertSnapshots({ alert }: { alert: Alert }) {
	const { service } = alert.finding;
	const best = clearest(alert.instances);
	const rows = alert.snapshots;
	return (
		<section class="part">
			<h2>Snapshots</h2>
			{rows.length === 0
				? <p class="quiet table-note">A heap snapshot of a process inside shows what holds the memory that grows.</p>
				: <ul class="snapshot-links">{rows.map((r) => <li key={r.id}><Row row={r} /></li>)}</ul>}
			<p class="snapshot-actions">
				{mayAct() && best && (
					<a class="button" href={href.snapshots(service.id, { take: best.id })}>
						Take a snapshot of {best.host.name} #{best.ordinal}…
					</a>
				)}
				<a href={href.snapshots(service.id)}>All snapshots of {service.name}</a>
			</p>
		</section>
	);
}

function Row({ row: r }: { row: SnapshotRow }) {
	return (
		<>
			<a href={href.snapshot(r.id)}>{r.host.name} #{r.ordinal}, <Ago ms={r.taken_at_ms} /></a>{' '}
			<span class="quiet">{bytes(r.total_bytes)}</span>
			{r.growth && <p>{r.growth.words.replaceAll('`', '')}</p>}
		</>
	);
}
