// What holds the memory: the verdict of the newest snapshot that was compared, and whether
// what grew goes with the requests that were served.
import '../styles/snapshots.css';
import { useResource } from '../api/resource';
import type { Comparison, Snapshot, SnapshotRow } from '../api/types';
import { Arithmetic } from '../snapshots/arithmetic';
import { GrowthVerdict } from '../snapshots/verdict';

export function Holds({ row }: { row: SnapshotRow }) {
	const snapshot = useResource<Snapshot>(`/snapshots/${row.id}`, ['snapshots']).data.value;
	const growth = snapshot?.growth;
	if (!growth) return null;
	return (
		<div class="holds">
			<GrowthVerdict growth={growth} kind={row.kind} />
			{growth.before !== null && <Counted after={row.id} before={growth.before} />}
		</div>
	);
}

function Counted({ after, before }: { after: number; before: number }) {
	const known = useResource<Comparison>(`/snapshots/${after}/compare?with=${before}&limit=1`, ['snapshots']).data.value;
	return known?.arithmetic ? <Arithmetic of={known.arithmetic} /> : null;
}
