// The pages about configuration share their code: it comes when the first of them is opened.
import '../styles/alerts.css';
import '../styles/settings.css';
import '../styles/config.css';
import type { Place } from '../app/address';
import { GroupPage } from './group';
import { GroupsPage } from './groups';

export function ConfigPages({ place }: { place: Extract<Place, { page: 'configuration' | 'group' }> }) {
	return place.page === 'configuration' ? <GroupsPage view={place.view} /> : <GroupPage id={place.id} view={place.view} />;
}
