import { beforeEach, expect, test, vi } from 'vitest';
import golden from '../../../schema/api/experiments.json';
import services from '../../../schema/api/services.json';
import { parse } from '../app/address';
import { startKeyboard } from '../app/keyboard';
import { zone } from '../app/preferences';
import { ada, button, press, says, serve, show, textOf } from '../testing/page';
import { Toasts } from '../ui/toast';
import { ExperimentsPage } from './experiments';
import { chartOf, comparisonOf } from './words';

startKeyboard();

const HOUR = 3_600_000;
const [going, over] = golden.items as [(typeof golden.items)[0], (typeof golden.items)[0]];
const page = (pick: number[] = []) => <><ExperimentsPage view={{ pick }} /><Toasts /></>;

beforeEach(() => {
	zone.value = 'utc';
	history.replaceState(null, '', '/experiments');
});

test('the list leads to the chart over the span; ending and taking away', async () => {
	const sent = serve({ '/experiments': golden, '/experiments/2/end': going, '/experiments/1': over });
	const root = show(page());
	await says(root, 'canary of 1.1.0');
	expect(textOf(root)).toContain('10 min');
	const to = new URL((root.querySelectorAll('.row-link')[1] as HTMLAnchorElement).href);
	const place = parse(to.pathname, to.search);
	expect(place).toMatchObject({ page: 'service', id: 1 });
	button(root, 'End now').click();
	await says(root, '“canary of 1.1.0” has ended.');
	button(root, 'Take away…: load of').click();
	await says(root, 'Its mark leaves the charts.');
	[...root.querySelectorAll('dialog button')].find((b) => b.textContent === 'Take away')?.dispatchEvent(new Event('click', { bubbles: true }));
	await vi.waitFor(() => expect(sent.some((s) => s.method === 'DELETE' && s.path === '/experiments/1')).toBe(true));
});

test('one begins, or is noted afterwards', async () => {
	const sent = serve({ '/experiments': (init: RequestInit) => (init.method === 'POST' ? going : { items: [] }), '/services': services });
	const root = show(page());
	await says(root, 'No experiments yet');
	press('b');
	await vi.waitFor(() => expect(root.querySelector('dialog')).not.toBeNull());
	for (const [name, value] of [['service', 'checkout'], ['name', 'load'], ['from', '2026-11-22 09:00'], ['to', 'soon']] as const) {
		const field = root.querySelector(`dialog [name=${name}]`) as HTMLInputElement;
		field.value = value;
		field.dispatchEvent(new Event('input', { bubbles: true }));
		await new Promise((done) => setTimeout(done));
	}
	const submit = () => (root.querySelector('dialog button[type=submit]') as HTMLButtonElement).click();
	submit();
	await says(root, 'Give times as in');
	const to = root.querySelector('dialog [name=to]') as HTMLInputElement;
	to.value = '2026-11-22 10:00';
	to.dispatchEvent(new Event('input', { bubbles: true }));
	await new Promise((done) => setTimeout(done));
	submit();
	await says(root, '“load” is noted.');
	expect(sent.find((s) => s.method === 'POST')?.body).toEqual({ service: 'checkout', name: 'load', note: '', from_ms: Date.UTC(2026, 10, 22, 9), to_ms: Date.UTC(2026, 10, 22, 10) });
});

test('two that are ticked are compared from their beginnings, as long as the shorter went', async () => {
	serve({ '/experiments': golden });
	const root = show(page([1, 2]));
	await says(root, 'Compare the two');
	const a = { ...over, id: 1, service: { id: 7, name: 'a' }, from_ms: 10 * HOUR, to_ms: 12 * HOUR };
	const b = { ...over, id: 2, service: { id: 8, name: 'b' }, from_ms: 20 * HOUR, to_ms: 21 * HOUR };
	const expected = `/compare?a=service:7,offset:${10 * HOUR}&b=service:8&from=${20 * HOUR}&to=${21 * HOUR}`;
	expect(comparisonOf(a, b, 30 * HOUR)).toBe(expected);
	expect(comparisonOf(b, a, 30 * HOUR)).toBe(expected);
	expect(comparisonOf(a, { ...b, to_ms: null }, 23 * HOUR)).toContain(`to=${22 * HOUR}`);
});

test('the chart shows a little before and after', () => {
	const x = { ...over, service: { id: 7, name: 'a' }, from_ms: 10 * HOUR, to_ms: 20 * HOUR };
	expect(chartOf(x, 100 * HOUR)).toBe(`/services/7?from=${9 * HOUR}&to=${21 * HOUR}`);
	expect(chartOf({ ...x, to_ms: null }, 20 * HOUR)).toBe(`/services/7?from=${9 * HOUR}&to=${20 * HOUR}`);
});

test('a viewer looks and compares', async () => {
	serve({ '/experiments': golden });
	const root = show(page([1, 2]), { ...ada, role: 'viewer' });
	await says(root, 'Compare the two');
	expect(textOf(root)).not.toMatch(/End now|Take away|Begin/);
});
