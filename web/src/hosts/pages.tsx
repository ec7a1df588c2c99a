// The pages about hosts share their code: it comes when the first of them is opened.
import '../styles/hosts.css';
import type { Place } from '../app/address';
import { HostPage } from './host';
import { HostMapPage } from './map';

export function HostPages({ place }: { place: Extract<Place, { page: 'hosts' | 'host' }> }) {
	return place.page === 'hosts' ? <HostMapPage view={place.view} /> : <HostPage id={place.id} view={place.view} />;
}
