// What holds the memory: the verdict of the newest snapshot that was compared, and whether
// what grew goes with the requests that were served.
import '../styles/snapshots.css';
import { useResource } from '../api/resource';
import type { Comparison, Snapshot, SnapshotRow } from '../api/types';
import { href } from '../app/address';
import { Arithmetic } from '../snapshots/arithmetic';
import { GrowthVerdict } from '../snapshots/verdict';
import { Ago } from '../ui/time';
import { rich } from '../words/words';

export function Holds({ row }: { row: SnapshotRow }) {
	const snapshot = useResource<Snapshot>(`/snapshots/${row.id}`, ['snapshots']).data.value;
	const growth = snapshot?.growth;
	if (!growth) return null;
	return (
		<div class="holds">
			<GrowthVerdict growth={growth} kind={row.kind} />
			{growth.before !== null && <Counted after={row.id} before={growth.before} />}
			<p class="quiet">
				{rich('From <a>the snapshot of {seat}</a>, {ago}.', { seat: `${row.host.name} #${row.ordinal}`,
					ago: <Ago ms={row.taken_at_ms} />, a: (x) => <a href={href.snapshot(row.id)}>{x}</a> })}
			</p>
		</div>
	);
}

function Counted({ after, before }: { after: number; before: number }) {
	const known = useResource<Comparison>(`/snapshots/${after}/compare?with=${before}&limit=1`, ['snapshots']).data.value;
	return known?.arithmetic ? <Arithmetic of={known.arithmetic} /> : null;
}
