// The pages about what runs where: what the address names.
import '../styles/insight.css';
import type { Place } from '../app/address';
import { DifferencePage } from './difference';
import { FingerprintsPage } from './list';
import { FingerprintPage } from './one';
import { PackagesPage } from './packages';

export function FingerprintPages({ place: at }: { place: Place }) {
	switch (at.page) {
		case 'fingerprints':
			return <FingerprintsPage id={at.id} view={at.view} />;
		case 'fingerprint':
			return <FingerprintPage id={at.id} view={at.view} />;
		case 'difference':
			return <DifferencePage before={at.before} after={at.id} view={at.view} />;
		case 'packages':
			return <PackagesPage view={at.view} />;
		default:
			return null;
	}
}
