// The pages about queues: what the address names.
import '../styles/insight.css';
import type { Place } from '../app/address';
import { QueuePage } from './queue';
import { QueuesPage } from './queues';

export function QueuePages({ place: at }: { place: Place }) {
	if (at.page === 'queues') return <QueuesPage view={at.view} />;
	return at.page === 'queue' ? <QueuePage id={at.id} view={at.view} /> : null;
}
