import { beforeEach, expect, test } from 'vitest';
import alert from '../../../schema/api/alert.json';
import alerts from '../../../schema/api/alerts.json';
import dismissedAlert from '../../../schema/api/alert_dismissed.json';
import found from '../../../schema/api/findings.json';
import silentFindings from '../../../schema/api/findings_silent.json';
import fleet from '../../../schema/api/fleet.json';
import series from '../../../schema/api/series.json';
import type { Alert, AlertRow } from '../api/types';
import { startKeyboard } from '../app/keyboard';
import { Toasts } from '../ui/toast';
import { ada, button, press, problem, eventually, says, serve, show, textOf } from '../testing/page';
import { AlertPage } from './alert';
import { AlertsPage, withRecent } from './alerts';
import { evidenceSpan } from './evidence';
import { clearest } from './next';
import { stepsFor } from './steps';
import { resolvedAs } from './words';
startKeyboard();

const open = { state: 'open', q: '' } as const;
const golden = alert as Alert;
const acknowledged: Alert = { ...golden, state: 'acknowledged', inbox: 'acknowledged', revision: golden.revision + 1,
	acknowledged_by: 'ada', acknowledged_at_ms: golden.opened_at_ms };
const resolved: Alert = { ...golden, state: 'resolved', inbox: 'resolved', revision: golden.revision + 2,
	resolved_by: 'ada', resolved_at_ms: golden.opened_at_ms };

beforeEach(() => history.replaceState(null, '', '/alerts'));

function page(view: Parameters<typeof AlertPage>[0]['view'] = { zoom: null }) {
	return <><AlertPage id={1} view={view} /><Toasts /></>;
}

test('the inbox lists what the address asks for', async () => {
	const sent = serve({ '/fleet': fleet, '/alerts': alerts });
	const root = show(<AlertsPage view={{ state: 'acknowledged', q: '' }} />);
	await says(root, alerts.items[0]?.finding.summary as string);
	expect(sent.map((s) => s.path)).toContain('/alerts?inbox=acknowledged&limit=200');
	expect(root.querySelector('.inbox-tabs [aria-current=page]')?.textContent).toContain('Acknowledged');
});

test('an empty inbox says what would fill it', async () => {
	serve({ '/fleet': { ...fleet, alerts: { open: 0, acknowledged: 0 } }, '/alerts': { items: [] } });
	const root = show(<AlertsPage view={open} />);
	await says(root, 'Nothing is open');
	await says(root, 'No alerts');
});

test('a search that finds nothing leads back', async () => {
	const sent = serve({ '/fleet': fleet, '/alerts': { items: [] } });
	const root = show(<AlertsPage view={{ state: 'open', q: 'nope' }} />);
	await eventually(() => expect(sent.map((s) => s.path)).toContain('/alerts?state=open&q=nope&limit=200'));
	await says(root, 'None of the open alerts matches “nope”');
});

test('a failure is told', async () => {
	serve({ '/fleet': fleet, '/alerts': () => problem(503, 'The database is away.') });
	const root = show(<AlertsPage view={open} />);
	await says(root, 'The database is away.');
});

test('what has just been resolved stays where it was, for a while', () => {
	const [row] = alerts.items as AlertRow[];
	const at = (id: number, opened: number, ended: number | null = null) =>
		({ ...row, id, opened_at_ms: opened, resolved_at_ms: ended }) as AlertRow;
	const ids = (after: number) => withRecent([at(3, 30), at(1, 10)], [at(2, 20, 100), at(3, 30, 100)], after).map((r) => r.id);
	expect(ids(50)).toEqual([3, 2, 1]);
	expect(ids(101)).toEqual([3, 1]);
});

test('the alert tells its story: sentence, reasons, instances, contrast, history', async () => {
	serve({ '/alerts/1': alert, '/series': series });
	const root = show(page());
	await says(root, golden.finding.summary);
	for (const reason of golden.finding.reasons) expect(textOf(root)).toContain(reason.text);
	expect(root.querySelectorAll('[aria-label="Instances inside"] tbody tr')).toHaveLength(golden.instances.length);
	expect(textOf(root)).toContain('1.0.0 leaks on 0 of 2 instances');
	expect(root.querySelectorAll('.timeline li')).toHaveLength(golden.events.length);
});

/** The dialog's button that sends it. */
async function submit(root: HTMLElement): Promise<void> {
	const send = await eventually(() => {
		const found = root.querySelector<HTMLButtonElement>('dialog button[type=submit]');
		expect(found?.disabled).toBe(false);
		return found as HTMLButtonElement;
	});
	send.click();
}

async function type(root: HTMLElement, name: string, text: string): Promise<void> {
	const input = await eventually(() => {
		const found = root.querySelector<HTMLInputElement>(`dialog [name=${name}]`);
		expect(found).not.toBeNull();
		return found as HTMLInputElement;
	});
	input.value = text;
	input.dispatchEvent(new Event('input', { bubbles: true }));
	await eventually(() => expect(input.value).toBe(text));
}

test('resolving names a version, sends the revision that was seen, and can be undone', async () => {
	const sent = serve({ '/alerts/1': alert, '/series': series,
		'/alerts/1/resolve': resolved, '/alerts/1/undo': { ...golden, revision: golden.revision + 3 } });
	const root = show(page());
	await says(root, golden.finding.summary);
	press('e');
	await type(root, 'version', '2.0.1');
	await submit(root);
	await says(root, 'checkout 1.1.0: resolved.');
	const post = sent.find((s) => s.path === '/alerts/1/resolve');
	expect(post?.headers['if-match']).toBe(`"${golden.revision}"`);
	expect(post?.body).toEqual({ version: '2.0.1' });
	button(root, 'Undo').click();
	await says(root, 'checkout 1.1.0: as it was before.');
	expect(sent.find((s) => s.path === '/alerts/1/undo')?.headers['if-match']).toBe(`"${resolved.revision}"`);
});

test('keys act on the alert', async () => {
	const sent = serve({ '/alerts/1': alert, '/series': series, '/alerts/1/acknowledge': acknowledged, '/alerts/1/undo': golden });
	const root = show(page());
	await says(root, golden.finding.summary);
	press('a');
	await type(root, 'note', 'on it');
	await submit(root);
	await says(root, 'checkout 1.1.0: acknowledged.');
	expect(sent.find((s) => s.path === '/alerts/1/acknowledge')?.body).toEqual({ note: 'on it', owner: 'ada' });
	await eventually(() => expect(root.querySelector('dialog')).toBeNull());
	press('n');
	expect((document.activeElement as HTMLElement).tagName).toBe('TEXTAREA');
	(document.activeElement as HTMLElement).blur();
	press('u');
	await says(root, 'as it was before');
});

test('a change by somebody else is told beside what was typed, which is sent when asked again', async () => {
	const moved: Alert = { ...acknowledged, revision: golden.revision + 1, events: [...golden.events,
		{ id: 90, at_ms: golden.opened_at_ms + 1, user: 'bob', kind: 'acknowledged', text: 'looking' }] };
	let now: unknown = alert;
	let refuse = true;
	const sent = serve({ '/alerts/1': () => now, '/series': series, '/alerts/1/resolve': () => (refuse ? problem(412, 'moved on') : resolved) });
	const root = show(page());
	await says(root, golden.finding.summary);
	press('e');
	await type(root, 'version', '2.0.1');
	await type(root, 'note', 'fixed by the new pool');
	now = moved;
	await submit(root);
	await says(root, 'It has changed since you saw it');
	await says(root, 'bob acknowledged it');
	expect((root.querySelector('dialog [name=note]') as HTMLInputElement).value).toBe('fixed by the new pool');
	refuse = false;
	await submit(root);
	await says(root, 'checkout 1.1.0: resolved.');
	const posts = sent.filter((s) => s.path === '/alerts/1/resolve');
	expect(posts.map((p) => p.headers['if-match'])).toEqual([`"${golden.revision}"`, `"${moved.revision}"`]);
	expect(posts[1]?.body).toEqual({ version: '2.0.1', note: 'fixed by the new pool' });
});

test('a note is sent as it was written', async () => {
	const sent = serve({ '/alerts/1': alert, '/series': series, '/alerts/1/notes': alert });
	const root = show(page());
	await says(root, golden.finding.summary);
	const area = root.querySelector('textarea') as HTMLTextAreaElement;
	area.value = ' the queue keeps listeners ';
	area.dispatchEvent(new Event('input', { bubbles: true }));
	await eventually(() => expect(button(root, 'Add note').disabled).toBe(false));
	button(root, 'Add note').click();
	await says(root, 'Note added.');
	expect(sent.find((s) => s.path === '/alerts/1/notes')?.body).toEqual({ text: 'the queue keeps listeners' });
	expect(area.value).toBe('');
});

test('who may only look is offered no action', async () => {
	serve({ '/alerts/1': alert, '/series': series });
	const root = show(page(), { ...ada, role: 'viewer' });
	await says(root, golden.finding.summary);
	expect(root.querySelector('.actions .button.primary')).toBeNull();
	expect(root.querySelector('.actions .menu-items button')).toBeNull();
	expect(root.querySelector('textarea')).toBeNull();
});

test('“not a leak” needs a reason, which is sent with the revision that was seen', async () => {
	const after = { ...resolved, resolution: 'not-a-leak' };
	let now: unknown = alert;
	const sent = serve({ '/alerts/1': () => now, '/series': series, '/alerts/1/dismiss': () => (now = after) });
	const root = show(page());
	await says(root, golden.finding.summary);
	press('d');
	await says(root, 'checkout 1.1.0 does not leak');
	const send = root.querySelector('dialog button[type=submit]') as HTMLButtonElement;
	expect(send.disabled).toBe(true);
	const area = root.querySelector('dialog textarea') as HTMLTextAreaElement;
	expect(area.maxLength).toBe(500);
	area.value = '  the cache of prices ';
	area.dispatchEvent(new Event('input', { bubbles: true }));
	await eventually(() => expect(send.disabled).toBe(false));
	send.click();
	await says(root, 'checkout 1.1.0: not a leak.');
	const post = sent.find((s) => s.path === '/alerts/1/dismiss');
	expect(post?.body).toEqual({ reason: 'the cache of prices' });
	expect(post?.headers['if-match']).toBe(`"${golden.revision}"`);
	await says(root, 'not a leak, says ada');
	expect(root.querySelector('dialog')).toBeNull();
});

test('a dismissal that comes too late leaves the reason in its place', async () => {
	serve({ '/alerts/1': alert, '/series': series, '/alerts/1/dismiss': () => problem(412, 'moved on') });
	const root = show(page());
	await says(root, golden.finding.summary);
	button(root, 'Not a leak').click();
	await eventually(() => expect(root.querySelector('dialog textarea')).not.toBeNull());
	const area = root.querySelector('dialog textarea') as HTMLTextAreaElement;
	area.value = 'warm';
	area.dispatchEvent(new Event('input', { bubbles: true }));
	const send = root.querySelector('dialog button[type=submit]') as HTMLButtonElement;
	await eventually(() => expect(send.disabled).toBe(false));
	send.click();
	await says(root, 'It has changed since you saw it');
	expect(area.value).toBe('warm');
});

test('how an alert ended is told apart', async () => {
	expect(resolvedAs({ resolution: 'fixed', resolved_by: 'ada', resolved_in: null })).toBe('as fixed by ada');
	expect(resolvedAs({ resolution: 'gone', resolved_by: null, resolved_in: null })).toBe('gone: the detector finds it no more');
	serve({ '/alerts/2': dismissedAlert, '/series': series });
	const root = show(<AlertPage id={2} view={{ zoom: null }} />);
	await says(root, 'not a leak, says bob');
	await says(root, 'bob said that it is not a leak');
	await says(root, dismissedAlert.events.at(-1)?.text as string);
	expect(textOf(root.querySelector('.actions') as Element)).not.toContain('Not a leak');
	expect(resolvedAs({ resolution: 'fixed', resolved_by: 'ada', resolved_in: '2.0.1' })).toBe('fixed in 2.0.1, says ada');
});

test('the cause stands on top, with its contrast, and estimates with their intervals', async () => {
	serve({ '/alerts/1': alert, '/series': series });
	const root = show(page());
	await says(root, 'Leaks with version 1.1.0: 2 of 2 instances on 1 host; without: 0 of 2.');
	const facts = textOf(root.querySelector('.facts') as Element);
	expect(facts).toContain('confirmed');
	expect(facts).toMatch(/Growing since.*\d – .*Limit reached/);
});

test('no data is neither confirmed nor resolved', async () => {
	const silent = { ...alert, finding: silentFindings.items[0] };
	serve({ '/alerts/1': silent, '/series': series });
	const root = show(page());
	await says(root, 'no data, last');
	expect(textOf(root.querySelector('.page-head') as Element)).toContain('new');
});

test('what is only watched has a list of its own', async () => {
	const watched = { ...found.items[0], level: 'watch' };
	const sent = serve({ '/fleet': { ...fleet, findings: { watch: 1, confirmed: 0 } }, '/findings': { items: [watched] } });
	const root = show(<AlertsPage view={{ state: 'watched', q: '' }} />);
	await says(root, golden.finding.summary);
	expect(sent.map((s) => s.path)).toContain('/findings?level=watch&active=true&limit=100');
	expect(root.querySelector('.row-link')?.getAttribute('href')).toBe('/services/1');
	expect(root.querySelector('.inbox-tabs [aria-current=page]')?.textContent).toContain('Watched 1');
	const none = show(<AlertsPage view={{ state: 'watched', q: 'nope' }} />);
	await says(none, 'Nothing watched matches');
	serve({ '/fleet': fleet, '/findings': { items: [] } });
	await says(show(<AlertsPage view={{ state: 'watched', q: '' }} />), 'Nothing is watched');
});

test('each state has its steps; who lives inside another has none', () => {
	const of = (state: AlertRow['state'], merged_into: number | null = null) => stepsFor({ state, merged_into });
	expect(of('open')).toContain('acknowledge');
	expect(of('open')).not.toContain('reopen');
	expect(of('acknowledged')).toContain('reopen');
	expect(of('archived')).toContain('reopen');
	expect(of('resolved')).toEqual(['reopen']);
	expect(of('open', 4)).toEqual([]);
});

test('the evidence begins before the growth does, and ends with it', () => {
	const now = golden.finding.last_at_ms + 1000;
	const span = evidenceSpan(golden, now);
	expect(span.from).toBeLessThan(golden.finding.onset_at_ms as number);
	expect(span.to).toBe(now);
	const over = evidenceSpan({ ...golden, finding: { ...golden.finding, active: false } }, now + 86_400_000);
	expect(over.to).toBe(golden.finding.last_at_ms + 600_000);
});

test('the snapshots of the leaking version are a click away, and so is the next', async () => {
	serve({ '/alerts/1': alert, '/series': series });
	const root = show(page());
	await says(root, golden.finding.summary);
	const links = [...root.querySelectorAll('.snapshot-links a')].map((a) => a.getAttribute('href'));
	expect(links).toEqual(golden.snapshots.map((s) => `/snapshots/${s.id}`));
	const best = clearest(golden.instances);
	expect(root.querySelector('.snapshot-actions a')?.getAttribute('href')).toBe(`/services/1/snapshots?take=${best?.id}`);
	const viewer = show(page(), { ...ada, role: 'viewer' });
	await says(viewer, 'All snapshots of checkout');
	expect(textOf(viewer)).not.toContain('Take a snapshot');
});

test('the clearest instance runs, and its growth is the surest', () => {
	const some = [[1, 5, true], [2, 9, true], [3, 50, false]].map(([id, low, running]) => ({ ...golden.instances[0], id, running,
		rate: { kb_h: 60, low_kb_h: low, high_kb_h: 90 } })) as typeof golden.instances;
	expect(clearest(some)?.id).toBe(2);
	expect(clearest([])).toBeUndefined();
});

test('a package that is the cause leads to all that run it', async () => {
	const packed = { ...golden, finding: { ...golden.finding, cause: '@pm2/io 4.2.1' } };
	serve({ '/alerts/1': packed, '/series': series });
	let root = show(page());
	await says(root, '@pm2/io 4.2.1');
	expect(root.querySelector('.facts a[href^="/packages"]')?.getAttribute('href')).toBe('/packages?name=%40pm2%2Fio&version=4.2.1');
	serve({ '/alerts/1': golden, '/series': series });
	root = show(page());
	await says(root, 'Cause');
	expect(root.querySelector('.facts a[href^="/packages"]')).toBeNull();
});
