// The pages about heap snapshots: what the address names. All of them come as one file when
// the first is opened.
import '../styles/snapshots.css';
import type { Place } from '../app/address';
import { ComparisonPage } from './comparison';
import { SnapshotsPage } from './list';
import { SnapshotPage } from './snapshot';

export function SnapshotPages({ place: at }: { place: Place }) {
	switch (at.page) {
		case 'snapshots':
			return <SnapshotsPage id={at.id} view={at.view} />;
		case 'snapshot':
			return <SnapshotPage id={at.id} view={at.view} />;
		case 'comparison':
			return <ComparisonPage before={at.before} after={at.id} view={at.view} />;
		default:
			return null;
	}
}
