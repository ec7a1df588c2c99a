import { beforeEach, expect, test, vi } from 'vitest';
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
import { ada, button, press, problem, says, serve, show, textOf } from '../testing/page';
import { actionsFor } from './actions';
import { AlertPage } from './alert';
import { AlertsPage, matching } from './alerts';
import { evidenceSpan } from './evidence';
import { resolvedAs } from './resolved';
import { clearest } from './snapshots';

vi.mock('../chart/plot', () => ({
	Plot: class {
		show() {}
		repaint() {}
		follow() {}
		destroy() {}
	},
}));
startKeyboard();

const open = { state: 'open', q: '' } as const;
const golden = alert as Alert;
const acknowledged: Alert = { ...golden, state: 'acknowledged', revision: golden.revision + 1,
	acknowledged_by: 'ada', acknowledged_at_ms: golden.opened_at_ms };
const resolved: Alert = { ...golden, state: 'resolved', revision: golden.revision + 2,
	resolved_by: 'ada', resolved_at_ms: golden.opened_at_ms };

beforeEach(() => history.replaceState(null, '', '/alerts'));

function page(view: Parameters<typeof AlertPage>[0]['view'] = { zoom: null }) {
	return <><AlertPage id={1} view={view} /><Toasts /></>;
}

test('the inbox lists what the address asks for', async () => {
	const sent = serve({ '/fleet': fleet, '/alerts': alerts });
	const root = show(<AlertsPage view={{ state: 'acknowledged', q: '' }} />);
	await says(root, alerts.items[0]?.finding.summary as string);
	expect(sent.map((s) => s.path)).toContain('/alerts?state=acknowledged&limit=200');
	expect(root.querySelector('[aria-current=page]')?.textContent).toContain('Acknowledged');
});

test('an empty inbox says what would fill it', async () => {
	serve({ '/fleet': { ...fleet, alerts: { open: 0, acknowledged: 0 } }, '/alerts': { items: [] } });
	const root = show(<AlertsPage view={open} />);
	await says(root, 'Nothing is open');
	await says(root, 'No alerts');
});

test('a search that finds nothing leads back', async () => {
	serve({ '/fleet': fleet, '/alerts': alerts });
	const root = show(<AlertsPage view={{ state: 'open', q: 'nope' }} />);
	await says(root, 'None of the open alerts says “nope”');
});

test('a failure is told', async () => {
	serve({ '/fleet': fleet, '/alerts': () => problem(503, 'The database is away.') });
	const root = show(<AlertsPage view={open} />);
	await says(root, 'The database is away.');
});

test('all words of a search must occur', () => {
	const rows = alerts.items as AlertRow[];
	expect(matching(rows, 'CHECKOUT leaks')).toHaveLength(1);
	expect(matching(rows, 'checkout nginx')).toHaveLength(0);
	expect(matching(rows, '')).toHaveLength(rows.length);
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

test('resolving sends the revision that was seen, and can be undone', async () => {
	const sent = serve({ '/alerts/1': alert, '/series': series,
		'/alerts/1/resolve': resolved, '/alerts/1/reopen': alert });
	const root = show(page());
	await says(root, golden.finding.summary);
	button(root, 'Resolve').click();
	await says(root, 'checkout 1.1.0: resolved.');
	const post = sent.find((s) => s.path === '/alerts/1/resolve');
	expect(post?.headers['if-match']).toBe(`"${golden.revision}"`);
	button(root, 'Undo').click();
	await says(root, 'checkout 1.1.0: open again.');
	expect(sent.find((s) => s.path === '/alerts/1/reopen')?.headers['if-match']).toBe(`"${resolved.revision}"`);
});

test('keys act on the alert', async () => {
	const sent = serve({ '/alerts/1': alert, '/series': series, '/alerts/1/acknowledge': acknowledged });
	const root = show(page());
	await says(root, golden.finding.summary);
	press('a');
	await says(root, 'checkout 1.1.0: acknowledged.');
	expect(sent.some((s) => s.method === 'POST' && s.path === '/alerts/1/acknowledge')).toBe(true);
	press('n');
	expect((document.activeElement as HTMLElement).tagName).toBe('TEXTAREA');
});

test('a change by somebody else is told, not overwritten', async () => {
	serve({ '/alerts/1': alert, '/series': series, '/alerts/1/resolve': () => problem(412, 'moved on') });
	const root = show(page());
	await says(root, golden.finding.summary);
	button(root, 'Resolve').click();
	await says(root, 'Somebody changed this alert meanwhile');
});

test('a note is sent as it was written', async () => {
	const sent = serve({ '/alerts/1': alert, '/series': series, '/alerts/1/notes': alert });
	const root = show(page());
	await says(root, golden.finding.summary);
	const area = root.querySelector('textarea') as HTMLTextAreaElement;
	area.value = ' the queue keeps listeners ';
	area.dispatchEvent(new Event('input', { bubbles: true }));
	await vi.waitFor(() => expect(button(root, 'Add note').disabled).toBe(false));
	button(root, 'Add note').click();
	await says(root, 'Note added.');
	expect(sent.find((s) => s.path === '/alerts/1/notes')?.body).toEqual({ text: 'the queue keeps listeners' });
	expect(area.value).toBe('');
});

test('who may only look is offered no action', async () => {
	serve({ '/alerts/1': alert, '/series': series });
	const root = show(page(), { ...ada, role: 'viewer' });
	await says(root, golden.finding.summary);
	expect(root.querySelector('.actions')).toBeNull();
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
	const submit = root.querySelector('dialog button[type=submit]') as HTMLButtonElement;
	expect(submit.disabled).toBe(true);
	const area = root.querySelector('dialog textarea') as HTMLTextAreaElement;
	expect(area.maxLength).toBe(500);
	area.value = '  the cache of prices ';
	area.dispatchEvent(new Event('input', { bubbles: true }));
	await vi.waitFor(() => expect(submit.disabled).toBe(false));
	submit.click();
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
	await vi.waitFor(() => expect(root.querySelector('dialog textarea')).not.toBeNull());
	const area = root.querySelector('dialog textarea') as HTMLTextAreaElement;
	area.value = 'warm';
	area.dispatchEvent(new Event('input', { bubbles: true }));
	const submit = root.querySelector('dialog button[type=submit]') as HTMLButtonElement;
	await vi.waitFor(() => expect(submit.disabled).toBe(false));
	submit.click();
	await says(root, 'Somebody changed this alert meanwhile');
	expect(area.value).toBe('warm');
});

test('how an alert ended is told apart', async () => {
	expect(resolvedAs({ resolution: 'fixed', resolved_by: 'ada' })).toBe('as fixed by ada');
	expect(resolvedAs({ resolution: 'gone', resolved_by: null })).toBe('gone: the detector finds it no more');
	serve({ '/alerts/2': dismissedAlert, '/series': series });
	const root = show(<AlertPage id={2} view={{ zoom: null }} />);
	await says(root, 'not a leak, says bob');
	await says(root, 'bob said that it is not a leak');
	await says(root, dismissedAlert.events.at(-1)?.text as string);
	expect(textOf(root)).not.toContain('Not a leak…');
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
	expect(textOf(root.querySelector('.page-head') as Element)).toContain('open');
});

test('what is only watched has a list of its own', async () => {
	const watched = { ...found.items[0], level: 'watch' };
	const sent = serve({ '/fleet': { ...fleet, findings: { watch: 1, confirmed: 0 } }, '/findings': { items: [watched] } });
	const root = show(<AlertsPage view={{ state: 'watched', q: '' }} />);
	await says(root, golden.finding.summary);
	expect(sent.map((s) => s.path)).toContain('/findings?level=watch&active=true&limit=100');
	expect(root.querySelector('.row-link')?.getAttribute('href')).toBe('/services/1');
	expect(root.querySelector('[aria-current=page]')?.textContent).toContain('Watched 1');
	const none = show(<AlertsPage view={{ state: 'watched', q: 'nope' }} />);
	await says(none, 'Nothing watched matches');
	serve({ '/fleet': fleet, '/findings': { items: [] } });
	await says(show(<AlertsPage view={{ state: 'watched', q: '' }} />), 'Nothing is watched');
});

test('each state has its actions', () => {
	expect(actionsFor('open')).toEqual(['acknowledge', 'resolve']);
	expect(actionsFor('acknowledged')).toEqual(['resolve', 'reopen']);
	expect(actionsFor('resolved')).toEqual(['reopen']);
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
