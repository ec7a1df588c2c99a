// What people do with an alert. Each action says that it is done, and offers the way back
// where there is one.
import { ApiError, post } from '../api/client';
import { touch } from '../api/resource';
import type { Alert, AlertRow } from '../api/types';
import { toast } from '../ui/toast';

type Verb = 'acknowledge' | 'resolve' | 'reopen';
/** Who shows the alert wants to know how it is now. */
type Changed = (alert: Alert) => void;

const DONE: Record<Verb, string> =
	{ acknowledge: 'acknowledged', resolve: 'resolved', reopen: 'open again' };

export function alertName(alert: AlertRow): string {
	const { service, version } = alert.finding;
	return [service.name, version.version].filter(Boolean).join(' ');
}

/** Characters; the server counts bytes, and says so. */
export const REASON_MAX = 500;

/** Resolves the alert as "not a leak", which the detector remembers. True when it is stored. */
export async function dismiss(alert: AlertRow, reason: string, changed: Changed = () => {}): Promise<boolean> {
	try {
		const after = await post<Alert>(`/alerts/${alert.id}/dismiss`, { body: { reason }, revision: alert.revision });
		changed(after);
		touch(['alerts']);
		toast(`${alertName(alert)}: not a leak.`, { undo: () => void act('reopen', after, changed) });
		return true;
	} catch (e) {
		failed(e as Error);
		return false;
	}
}

/** Which actions make sense in a state. */
export function actionsFor(state: AlertRow['state']): Verb[] {
	if (state === 'open') return ['acknowledge', 'resolve'];
	return state === 'acknowledged' ? ['resolve', 'reopen'] : ['reopen'];
}

export async function act(verb: Verb, alert: AlertRow, changed: Changed = () => {}): Promise<void> {
	if (!actionsFor(alert.state).includes(verb)) return;
	try {
		const after = await post<Alert>(`/alerts/${alert.id}/${verb}`, { revision: alert.revision });
		changed(after);
		touch(['alerts']);
		const undo = verb === 'reopen' ? {} : { undo: () => void act('reopen', after, changed) };
		toast(`${alertName(alert)}: ${DONE[verb]}.`, undo);
	} catch (e) {
		failed(e as Error);
	}
}

/** True when the note was stored. */
export async function addNote(alert: AlertRow, text: string, changed: Changed = () => {}): Promise<boolean> {
	try {
		changed(await post<Alert>(`/alerts/${alert.id}/notes`, { body: { text } }));
		touch(['alerts']);
		toast('Note added.');
		return true;
	} catch (e) {
		failed(e as Error);
		return false;
	}
}

function failed(error: Error): void {
	if (error instanceof ApiError && error.status === 412) {
		toast('Somebody changed this alert meanwhile. It is shown as it is now.', { kind: 'failed' });
		touch(['alerts']);
	} else toast(error.message, { kind: 'failed' });
}
