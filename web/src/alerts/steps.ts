// What people do with alerts: each step is sent with the revision that was seen, says that it
// is done, and can be taken back for a while.
import { ApiError, get, post } from '../api/client';
import { touch } from '../api/resource';
import type { Alert, AlertEvent, AlertRow, StepAnswers, StepName } from '../api/types';
import { toast } from '../ui/toast';
import { t } from '../words/words';
import { alertName } from './words';

/** What a step says beside the alerts; see cases.ts. */
export interface Said {
	note?: string;
	reason?: string;
	owner?: string | null;
	until_ms?: number;
	above_kb_h?: number;
	above_hosts?: number;
	version?: string;
	alerts?: number[];
	instances?: number[];
}
/** Who shows the alert wants to know how it is now. */
export type Changed = (alert: Alert) => void;

/** Characters; the server counts bytes, and says so. */
export const REASON_MAX = 500;
export const NOTE_MAX = 4000;
const UNDO_MS = 8000;
const AT_ONCE = 200;

const DONE: Record<StepName, (what: string) => string> = {
	acknowledge: (what) => t('{what}: acknowledged.', { what }),
	assign: (what) => t('{what}: has another owner.', { what }),
	archive: (what) => t('{what}: archived.', { what }),
	resolve: (what) => t('{what}: resolved.', { what }),
	dismiss: (what) => t('{what}: not a leak.', { what }),
	reopen: (what) => t('{what}: open again.', { what }),
	undo: (what) => t('{what}: as it was before.', { what }),
	merge: (what) => t('{what}: merged.', { what }),
	unmerge: (what) => t('{what}: taken apart.', { what }),
	split: (what) => t('{what}: split off.', { what }),
};

/** Which steps make sense where an alert stands. Pure. */
export function stepsFor(alert: Pick<AlertRow, 'state' | 'merged_into'>): StepName[] {
	if (alert.merged_into !== null) return [];
	const open: StepName[] = ['acknowledge', 'resolve', 'archive', 'assign', 'dismiss', 'merge', 'split'];
	if (alert.state === 'open') return open;
	if (alert.state === 'acknowledged') return ['resolve', 'archive', 'acknowledge', 'assign', 'reopen', 'dismiss', 'merge', 'split'];
	return alert.state === 'archived' ? ['acknowledge', 'resolve', 'reopen', 'assign', 'dismiss', 'merge', 'split'] : ['reopen'];
}

let back: { run: () => void; until: number } | null = null;

/** For the key: takes the last step back, while its word of it stands. */
export function undoLast(): void {
	const last = back;
	back = null;
	if (last && Date.now() < last.until) last.run();
	else toast(t('There is nothing to undo.'));
}

function say(text: string, undo: () => void): void {
	back = { run: undo, until: Date.now() + UNDO_MS };
	const mine = back;
	toast(text, { undo: () => {
		if (back === mine) back = null;
		undo();
	} });
}

/** Throws what the server refuses it with. */
export async function take(step: StepName, alert: AlertRow, said: Said = {}, changed: Changed = () => {}): Promise<Alert> {
	const after = await post<Alert>(`/alerts/${alert.id}/${step}`, { body: said, revision: alert.revision });
	if (step !== 'split') changed(after);
	touch(['alerts']);
	const what = alertName(alert);
	// The server takes no split back: the new alert is merged instead.
	if (step === 'undo' || step === 'split') toast(DONE[step](what));
	else say(DONE[step](what), () => void quietly(take('undo', after, {}, changed)));
	return after;
}

/** One answer for each; what went well can be taken back together. */
export async function takeAll(step: StepName, alerts: readonly AlertRow[], said: Said = {}): Promise<StepAnswers> {
	const answers: StepAnswers = { items: [] };
	for (let i = 0; i < alerts.length; i += AT_ONCE) {
		const body = { ...said, step, alerts: alerts.slice(i, i + AT_ONCE).map(({ id, revision }) => ({ id, revision })) };
		answers.items.push(...(await post<StepAnswers>('/alerts/steps', { body })).items);
	}
	touch(['alerts']);
	const done = answers.items.flatMap((i) => (i.alert && isDone(i) ? [i.alert] : []));
	const what = t('{n, plural, one {# alert} other {# alerts}}', { n: done.length });
	if (done.length > 0 && step === 'undo') toast(DONE.undo(what));
	else if (done.length > 0) say(DONE[step](what), () => void quietly(takeAll('undo', done)));
	return answers;
}

export function isDone(answer: StepAnswers['items'][number]): boolean {
	return answer.status < 300;
}

/** For what has no place of its own to show a failure. */
export async function quietly(work: Promise<unknown>): Promise<void> {
	try {
		await work;
	} catch (e) {
		if (e instanceof ApiError && e.status === 412) touch(['alerts']);
		toast((e as Error).message, { kind: 'failed' });
	}
}

/** The alert as it is now, and what happened since it was seen as `before`. */
export async function meanwhile(before: AlertRow): Promise<{ alert: Alert; events: AlertEvent[] }> {
	const alert = await get<Alert>(`/alerts/${before.id}`);
	return { alert, events: since(before, alert) };
}

/** Events that are new, or as many of the newest as revisions passed. Pure. */
export function since(before: AlertRow, after: Alert): AlertEvent[] {
	if ('events' in before) {
		const known = new Set((before as Alert).events.map((e) => e.id));
		return after.events.filter((e) => !known.has(e.id));
	}
	return after.events.slice(-Math.max(1, after.revision - before.revision));
}

/** True when the note was stored. */
export async function addNote(alert: AlertRow, text: string, changed: Changed = () => {}): Promise<boolean> {
	try {
		changed(await post<Alert>(`/alerts/${alert.id}/notes`, { body: { text } }));
		touch(['alerts']);
		toast(t('Note added.'));
		return true;
	} catch (e) {
		toast((e as Error).message, { kind: 'failed' });
		return false;
	}
}
