import { act } from 'preact/test-utils';
import { beforeEach, expect, test, vi } from 'vitest';
import answer from '../../../schema/api/search.json';
import { place } from '../app/router';
import { never, problem, says, serve, show, textOf } from '../testing/page';
import type { Entry } from './entries';
import { fits, ranked } from './match';
import { PaletteOpener } from './opener';
import { Palette, sectionsOf } from './palette';
import { paletteShown } from './shown';

beforeEach(() => {
	localStorage.clear();
	paletteShown.value = true;
	history.replaceState(null, '', '/alerts');
	// happy-dom has no modal dialogs.
	HTMLDialogElement.prototype.showModal = function () { this.open = true; };
});

const field = (root: Element) => root.querySelector('input') as HTMLInputElement;
const options = (root: Element) => [...root.querySelectorAll('[role=option]')];
const chosen = (root: Element) => root.querySelector('[aria-selected=true] .name')?.textContent;

async function type(root: Element, text: string): Promise<void> {
	await act(() => {
		field(root).value = text;
		field(root).dispatchEvent(new Event('input', { bubbles: true }));
	});
}

async function press(root: Element, key: string, more: KeyboardEventInit = {}): Promise<void> {
	await act(() => void field(root).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })));
}

test.each([
	['checkout', 'check', 0],
	['shop-checkout', 'check', 1],
	['precheckout', 'check', 2],
	['checkout worker', 'cw', 3],
	['checkout worker', 'worker check', 1],
	['checkout', 'chx', null],
	['anything', '', 0],
])('%s fits %s: %s', (name, typed, expected) => {
	expect(fits(name, typed)).toBe(expected);
});

test('the best come first, equals keep their order', () => {
	expect(ranked(['b-mail', 'mailer', 'a-mail', 'email'], 'mail', (e) => e)).toEqual(['mailer', 'b-mail', 'a-mail', 'email']);
});

test('what was chosen lately comes first and stands nowhere twice', () => {
	const entry = (kind: Entry['kind'], name: string): Entry => ({ kind, name, detail: '', to: `/${name}` });
	const sections = sectionsOf('m', [entry('service', 'mailer')], [entry('page', 'Map')], [entry('service', 'mailer'), entry('service', 'matcher')]);
	expect(sections.map((s) => [s.kind, s.entries.map((e) => e.name)])).toEqual([['recent', ['mailer']], ['service', ['matcher']], ['page', ['Map']]]);
});

test('it opens and closes with Ctrl-K, from anywhere', async () => {
	paletteShown.value = false;
	serve({});
	let root = document.body;
	await act(() => { root = show(<PaletteOpener />); });
	const press = () => {
		const event = new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true, cancelable: true });
		document.body.dispatchEvent(event);
		expect(event.defaultPrevented).toBe(true);
	};
	press();
	await vi.waitFor(() => expect(root.querySelector('dialog')?.open).toBe(true));
	press();
	await vi.waitFor(() => expect(root.querySelector('dialog')).toBeNull());
});

test('names are asked for once, a moment after the last key', async () => {
	const sent = serve({ '/search': answer });
	const root = show(<Palette />);
	for (const text of ['c', 'ch', 'che', 'chec', 'check']) await type(root, text);
	await says(root, 'checkout 1.1.0');
	expect(sent.map((s) => s.path)).toEqual(['/search?q=check']);
	expect(textOf(root)).toContain('Services');
	expect(textOf(root)).toContain('#1 checkout');
});

test('arrows choose, the field tells which, Enter goes there and it is remembered', async () => {
	serve({ '/search': answer });
	let root = show(<Palette />);
	await type(root, 'check');
	await says(root, 'checkout 1.1.0');
	expect(chosen(root)).toBe('checkout');
	await press(root, 'ArrowDown');
	expect(chosen(root)).toBe('checkout 1.1.0');
	expect(document.getElementById(field(root).getAttribute('aria-activedescendant') ?? '')?.textContent).toContain('checkout 1.1.0');
	await press(root, 'ArrowUp');
	await press(root, 'ArrowUp');
	expect(options(root).at(-1)?.getAttribute('aria-selected')).toBe('true');
	await press(root, 'ArrowDown');
	await press(root, 'Enter');
	expect(place.value).toMatchObject({ page: 'service', id: 1 });
	expect(paletteShown.value).toBe(false);
	root = show(<Palette />);
	expect(textOf(root)).toContain('Recent');
	expect(chosen(root)).toBe('checkout');
});

test('an action is done once the palette is gone', async () => {
	serve({ '/search': never });
	const root = show(<Palette />);
	await type(root, 'log out');
	expect(chosen(root)).toBe('Log out');
	const sent = serve({ '/session': null });
	await press(root, 'Enter');
	expect(paletteShown.value).toBe(false);
	await vi.waitFor(() => expect(sent.map((s) => s.method)).toEqual(['DELETE']));
});

test('nothing found, and a server that does not answer, are told', async () => {
	serve({ '/search': problem(503, 'The database is away.') });
	const root = show(<Palette />);
	await type(root, 'zzzzqqq');
	await says(root, 'Nothing is called so.');
	await says(root, 'The server does not answer');
	// Pages are still there.
	await type(root, 'map');
	expect(chosen(root)).toBe('Map of hosts');
});

test('what was remembered and is no place of the console is not offered', () => {
	localStorage.setItem('tidemark.recent.ada', JSON.stringify([{ kind: 'service', name: 'evil', to: '//evil.example' },
		{ kind: 'service', name: 'odd', to: 'javascript:alert(1)' }, { kind: 'nonsense', name: 'x', to: '/' }, 7]));
	serve({});
	const root = show(<Palette />);
	expect(textOf(root)).not.toContain('evil');
	expect(textOf(root)).not.toContain('Recent');
});

test('names are text', async () => {
	const name = '<img src=x onerror="alert(1)">';
	serve({ '/search': { hosts: [{ id: 1, name }], services: [], versions: [], alerts: [], packages: [] } });
	const root = show(<Palette />);
	await type(root, 'img');
	await says(root, name);
	expect(root.querySelector('img')).toBeNull();
});
