import { beforeEach, expect, test } from 'vitest';
import alerts from '../../../schema/api/alerts.json';
import golden from '../../../schema/api/silences.json';
import type { AlertRow, Silence } from '../api/types';
import { startKeyboard } from '../app/keyboard';
import { zone } from '../app/preferences';
import { ada, button, press, problem, eventually, says, serve, show, textOf } from '../testing/page';
import { Toasts } from '../ui/toast';
import { SilencesPage } from './silences';
import { occurrence, scope, silenceOf, weekly } from './words';

startKeyboard();

const NOON = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;

const silence: Silence = { id: 5, service: 'checkout', host: 'web-*', version: '', kind: null, starts_at_ms: NOON, ends_at_ms: NOON + 4 * HOUR,
	weekly: false, ended_at_ms: null, reason: 'kernel upgrade', state: 'active', created_by: 'ada', created_at_ms: NOON, revision: 2 };
const PREVIEW = { alerts: [], services: 0, hosts: 0, instances: 0 };

beforeEach(() => {
	zone.value = 'utc';
	history.replaceState(null, '', '/silences');
});

const page = (state: Parameters<typeof SilencesPage>[0]['view']['state'] = '') => <><SilencesPage view={{ state }} /><Toasts /></>;

test('the list says what is muted, when and why; ending one asks for the revision', async () => {
	const sent = serve({ '/silences': { items: [silence, { ...silence, id: 6, weekly: true, state: 'pending' }] }, '/silences/5': silence });
	const root = show(page());
	await says(root, 'service checkout, host web-*');
	expect(sent[0]?.path).toBe('/silences?state=active,pending&limit=100');
	expect(textOf(root)).toContain('every Monday, 12:00 – 16:00 UTC');
	expect(textOf(root)).toContain('kernel upgrade');
	button(root, 'End now').click();
	await says(root, 'Ended: service checkout');
	expect(sent.find((s) => s.method === 'DELETE')?.headers['if-match']).toBe('"2"');
});

test('what is over can be silenced again, as new', async () => {
	const sent = serve({ '/silences': (init: RequestInit) => (init.method === 'POST' ? silence : { items: [{ ...silence, state: 'expired' }] }), '/silences/preview': PREVIEW });
	const root = show(page('expired'));
	await says(root, 'Silence again');
	button(root, 'Silence again').click();
	await says(root, 'Nothing that runs now matches.');
	(root.querySelector('dialog button[type=submit]') as HTMLButtonElement).click();
	await eventually(() => expect(sent.find((s) => s.method === 'POST')?.body).toMatchObject({ service: 'checkout', host: 'web-*', reason: 'kernel upgrade' }));
});

test('a change that comes too late keeps what was typed', async () => {
	serve({ '/silences': { items: [silence] }, '/silences/preview': PREVIEW, '/silences/5': () => problem(412, 'moved on') });
	const root = show(page());
	await says(root, 'kernel upgrade');
	button(root, 'Change').click();
	const reason = await eventually(() => {
		const found = root.querySelector<HTMLInputElement>('dialog [name=reason]');
		expect(found).not.toBeNull();
		return found as HTMLInputElement;
	});
	reason.value = 'another reason';
	reason.dispatchEvent(new Event('input', { bubbles: true }));
	await new Promise((done) => setTimeout(done));
	(root.querySelector('dialog button[type=submit]') as HTMLButtonElement).click();
	await says(root, 'It has changed since you saw it.');
	expect(reason.value).toBe('another reason');
});

test('a new one needs something to mute', async () => {
	serve({ '/silences': { items: [] }, '/silences/preview': PREVIEW });
	const root = show(page());
	await says(root, 'Nothing is silenced');
	press('s');
	await says(root, 'Say what it mutes: a service');
	(root.querySelector('dialog button[type=submit]') as HTMLButtonElement).click();
	await says(root, 'Say what it mutes.');
});

test('a viewer reads', async () => {
	serve({ '/silences': { items: [silence] } });
	const root = show(page(), { ...ada, role: 'viewer' });
	await says(root, 'kernel upgrade');
	expect(root.querySelector('main button, table button')).toBeNull();
	expect(textOf(root)).not.toContain('New silence');
});

test('several alerts have in common what they have in common', () => {
	const [row] = alerts.items as AlertRow[];
	const of = (name: string, kind: AlertRow['finding']['kind']) => ({ ...row, finding: { ...row?.finding, service: { id: 1, name }, kind } }) as AlertRow;
	expect(silenceOf([of('a', 'leak'), of('a', 'native')])).toMatchObject({ service: 'a', kind: null });
	expect(silenceOf([of('a', 'leak'), of('b', 'leak')])).toEqual({ service: '', host: '', version: '', kind: 'leak' });
	expect(silenceOf([of('a*b', 'leak')]).service).toBe('a?b');
	expect(silenceOf([of('x'.repeat(999), 'leak')]).service).toHaveLength(51);
	expect(scope({ service: 'a', host: '', version: '', kind: 'leak' })).toBe('service a, what leaks');
	expect(weekly({ starts_at_ms: NOON, ends_at_ms: NOON + HOUR })).toBe('every Monday, 12:00 – 13:00 UTC');
});

test('a weekly window is told by that which goes on, or comes next', () => {
	const at = (now: number) => occurrence({ starts_at_ms: NOON, ends_at_ms: NOON + HOUR, weekly: true }, now).from;
	const week = 7 * 24 * HOUR;
	expect(at(NOON - HOUR)).toBe(NOON);
	expect(at(NOON + HOUR / 2)).toBe(NOON);
	expect(at(NOON + 2 * HOUR)).toBe(NOON + week);
	expect(at(NOON + 3 * week + HOUR / 2)).toBe(NOON + 3 * week);
});

test('the server’s own answers are shown', async () => {
	serve({ '/silences': golden });
	const root = show(page('expired'));
	await eventually(() => expect(root.querySelectorAll('[data-silence]')).toHaveLength(golden.items.length));
	expect(textOf(root)).toContain('host web-*');
});
