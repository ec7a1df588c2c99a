// The inbox with its selection, bulk steps and held rows.
import { render } from 'preact';
import { beforeEach, expect, test } from 'vitest';
import alerts from '../../../schema/api/alerts.json';
import fleet from '../../../schema/api/fleet.json';
import { touch } from '../api/resource';
import type { AlertRow, StepAnswers } from '../api/types';
import { startKeyboard } from '../app/keyboard';
import { ada, button, press, problem, eventually, says, serve, show, textOf } from '../testing/page';
import { Toasts } from '../ui/toast';
import { AlertsPage } from './alerts';
import { standing } from './held';
import { still, ticked } from './selection';

startKeyboard();

const [golden] = alerts.items as AlertRow[];

function row(id: number, more: Partial<AlertRow> = {}): AlertRow {
	const base = golden as AlertRow;
	const finding = { ...base.finding, service: { id, name: `svc-${id}` }, version: { id, version: `${id}.0` }, summary: `svc-${id} leaks` };
	return { ...base, id, revision: 10 + id, state: 'open', inbox: 'new', finding, ...more };
}

const three = [row(3), row(2), row(1)];

beforeEach(() => history.replaceState(null, '', '/alerts'));

function inbox(view: Parameters<typeof AlertsPage>[0]['view'] = { state: 'open', q: '' }) {
	return <><AlertsPage view={view} /><Toasts /></>;
}

const tick = (root: HTMLElement, id: number, shiftKey = false) =>
	root.querySelector(`[data-alert="${id}"] input`)?.dispatchEvent(new MouseEvent('click', { bubbles: true, shiftKey }));

async function selected(root: HTMLElement, n: number): Promise<void> {
	await says(root, `${n} selected`);
}

async function send(root: HTMLElement): Promise<void> {
	const found = await eventually(() => {
		const b = root.querySelector<HTMLButtonElement>('dialog button[type=submit]');
		expect(b?.disabled).toBe(false);
		return b as HTMLButtonElement;
	});
	found.click();
}

test('a range is ticked with shift, all with the box in the head', async () => {
	serve({ '/fleet': fleet, '/alerts': { items: three }, '/alerts?inbox=resolved&limit=20': { items: [] } });
	const root = show(inbox());
	await says(root, 'svc-3 leaks');
	tick(root, 3);
	await selected(root, 1);
	tick(root, 1, true);
	await selected(root, 3);
	button(root, 'Clear').click();
	await eventually(() => expect(root.querySelector('.bulk')).toBeNull());
	(root.querySelector('thead input') as HTMLInputElement).click();
	await selected(root, 3);
});

test('a bulk step has one comment, says which failed and why, keeps those, and can be undone', async () => {
	const answers: StepAnswers = { items: [
		{ id: 3, status: 200, detail: null, alert: row(3, { revision: 14, state: 'acknowledged', inbox: 'acknowledged' }) },
		{ id: 2, status: 412, detail: 'moved on', alert: null },
		{ id: 1, status: 409, detail: 'The alert is resolved.', alert: null }] };
	const sent = serve({ '/fleet': fleet, '/alerts': { items: three }, '/alerts?inbox=resolved&limit=20': { items: [] },
		'/alerts/steps': () => answers });
	const root = show(inbox());
	await says(root, 'svc-3 leaks');
	(root.querySelector('thead input') as HTMLInputElement).click();
	await selected(root, 3);
	press('a');
	const note = await eventually(() => {
		const found = root.querySelector<HTMLInputElement>('dialog [name=note]');
		expect(found).not.toBeNull();
		return found as HTMLInputElement;
	});
	note.value = 'one cause';
	note.dispatchEvent(new Event('input', { bubbles: true }));
	await send(root);
	await says(root, '2 of 3 stayed as they were');
	expect(textOf(root)).toContain('svc-2 2.0: somebody changed it since you saw it');
	expect(textOf(root)).toContain('svc-1 1.0: The alert is resolved.');
	await selected(root, 2);
	expect(sent.find((s) => s.path === '/alerts/steps')?.body).toEqual({ step: 'acknowledge', note: 'one cause', owner: 'ada',
		alerts: [{ id: 3, revision: 13 }, { id: 2, revision: 12 }, { id: 1, revision: 11 }] });
	press('u');
	await eventually(() => expect(sent.filter((s) => s.path === '/alerts/steps')[1]?.body)
		.toEqual({ step: 'undo', alerts: [{ id: 3, revision: 14 }] }));
});

test('rows stay while one is selected, and a quiet word says that there is more', async () => {
	let items = [row(2), row(1)];
	serve({ '/fleet': fleet, '/alerts': () => ({ items }), '/alerts?inbox=resolved&limit=20': { items: [] } });
	const root = show(inbox());
	await says(root, 'svc-2 leaks');
	tick(root, 1);
	await selected(root, 1);
	items = [row(3), row(1)];
	touch(['alerts']);
	await says(root, '2 changes: show');
	const order = () => [...root.querySelectorAll<HTMLElement>('[data-alert]')].map((r) => Number(r.dataset['alert']));
	expect(order()).toEqual([2, 1]);
	expect(root.querySelector('[data-alert="2"]')?.className).toContain('gone');
	button(root, '2 changes').click();
	await eventually(() => expect(order()).toEqual([3, 1]));
});

test('rows stay while one of them has the focus', async () => {
	let items = [row(2), row(1)];
	serve({ '/fleet': fleet, '/alerts': () => ({ items }), '/alerts?inbox=resolved&limit=20': { items: [] } });
	const root = show(inbox());
	await says(root, 'svc-2 leaks');
	press('j');
	items = [row(3), row(2), row(1)];
	touch(['alerts']);
	await says(root, '1 change: show');
	(document.activeElement as HTMLElement).blur();
	await eventually(() => expect(root.querySelector('[data-alert]')?.getAttribute('data-alert')).toBe('3'));
});

test('another search is another list, wherever the pointer rests', async () => {
	serve({ '/fleet': fleet, '/alerts?state=open&limit=200': { items: [row(2), row(1)] }, '/alerts?state=open&q=svc-3&limit=200': { items: [row(3)] },
		'/alerts?inbox=resolved&limit=20': { items: [] } });
	const root = show(inbox());
	await says(root, 'svc-2 leaks');
	root.querySelector('table')?.dispatchEvent(new MouseEvent('mouseenter'));
	render(inbox({ state: 'open', q: 'svc-3' }), root);
	await says(root, 'svc-3 leaks');
	expect(root.querySelectorAll('[data-alert]')).toHaveLength(1);
	expect(root.querySelector('.list-update button')).toBeNull();
});

test('who says is: means all tabs', async () => {
	const sent = serve({ '/fleet': fleet, '/alerts': { items: three } });
	const root = show(inbox({ state: 'open', q: 'is:resolved svc' }));
	await says(root, 'svc-3 leaks');
	expect(sent.map((s) => s.path)).toContain('/alerts?q=is:resolved%20svc&limit=200');
});

test('a search that cannot be understood says so, and leads back', async () => {
	serve({ '/fleet': fleet, '/alerts': () => problem(400, 'There is no search term "foo:"') });
	const root = show(inbox({ state: 'open', q: 'foo:bar' }));
	await says(root, 'This search cannot be understood. There is no search term "foo:"');
});

test('keys work on the row that has the focus; what does not fit is said', async () => {
	const gone = row(1, { state: 'resolved', inbox: 'resolved' });
	serve({ '/fleet': fleet, '/alerts': { items: [gone] }, '/alerts?inbox=resolved&limit=20': { items: [] } });
	const root = show(inbox({ state: 'resolved', q: '' }));
	await says(root, 'svc-1 leaks');
	press('j');
	press('x');
	await selected(root, 1);
	expect(textOf(root.querySelector('.bulk') as Element)).toContain('Reopen');
	press('e');
	await says(root, 'svc-1 1.0 is resolved: this step does not fit.');
	press('Escape');
	await eventually(() => expect(root.querySelector('.bulk')).toBeNull());
});

test('marks have words: no data, silenced, alerts inside', async () => {
	const silent = row(1, { silenced_until_ms: Date.now() + 3_600_000, merged: [8, 9] });
	silent.finding.silent_since_ms = Date.now() - 7_300_000;
	serve({ '/fleet': fleet, '/alerts': { items: [silent] }, '/alerts?inbox=resolved&limit=20': { items: [] } });
	const root = show(inbox());
	await says(root, 'no data, last 2 h ago');
	expect(textOf(root)).toContain('silenced until');
	expect(textOf(root)).toContain('with 2 alerts inside');
});

test('who may only look selects nothing', async () => {
	serve({ '/fleet': fleet, '/alerts': { items: three }, '/alerts?inbox=resolved&limit=20': { items: [] } });
	const root = show(inbox(), { ...ada, role: 'viewer' });
	await says(root, 'svc-3 leaks');
	expect(root.querySelector('input[type=checkbox]')).toBeNull();
});

test('standing rows keep their order; what comes after them is let in', () => {
	const at = (...ids: number[]) => ids.map((id) => ({ id }));
	expect(standing(at(5, 4, 3), at(6, 5, 3, 2))).toMatchObject({ rows: at(5, 4, 3, 2), waiting: 2 });
	expect([...standing(at(5, 4, 3), at(6, 5, 3, 2)).gone]).toEqual([4]);
	expect(standing(at(), at(1))).toMatchObject({ rows: at(1), waiting: 0 });
	expect(standing(at(1), at(2))).toMatchObject({ rows: at(1), waiting: 2 });
});

test('ticking with a start ticks all between', () => {
	expect([...ticked(new Set(), [5, 4, 3, 2], 3, 5)]).toEqual([5, 4, 3]);
	expect([...ticked(new Set([5, 4, 3]), [5, 4, 3, 2], 4, 3)]).toEqual([5]);
	expect([...ticked(new Set(), [1], 1, 9)]).toEqual([1]);
	expect([...still(new Set([1, 2]), [2])]).toEqual([2]);
});
