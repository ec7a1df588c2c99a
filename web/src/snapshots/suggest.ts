// Which snapshots are worth comparing. Pure.
import type { SnapshotRow } from '../api/types';

export type Comparable = Pick<SnapshotRow,
	'id' | 'instance' | 'generation' | 'host' | 'version' | 'kind' | 'taken_at_ms'>;

export interface Suggestion {
	why: 'process' | 'version' | 'host';
	row: SnapshotRow;
}

/** One life of one process: object ids mean the same in both. */
export function isSameProcess(a: Comparable, b: Comparable): boolean {
	return a.instance === b.instance && a.generation === b.generation;
}

function isAlike(a: Comparable, b: Comparable): boolean {
	return (a.kind === 'jvm') === (b.kind === 'jvm');
}

/** `rows` are the snapshots of the service, newest first: the one before of the same process,
 *  the newest of another version, the newest of the same version on another host. */
export function suggestions(of: Comparable, rows: readonly SnapshotRow[]): Suggestion[] {
	const others = rows.filter((r) => r.id !== of.id && isAlike(r, of));
	const found: [Suggestion['why'], SnapshotRow | undefined][] = [
		['process', others.find((r) => isSameProcess(r, of) && r.taken_at_ms < of.taken_at_ms)],
		['version', others.find((r) => r.version.id !== of.version.id)],
		['host', others.find((r) => r.host.id !== of.host.id && r.version.id === of.version.id)],
	];
	return found.flatMap(([why, row]) => row ? [{ why, row }] : []);
}

/** Two snapshots in the order in which they are compared: the older one is "before". */
export function inOrder(a: Comparable, b: Comparable): [number, number] {
	return a.taken_at_ms <= b.taken_at_ms ? [a.id, b.id] : [b.id, a.id];
}
