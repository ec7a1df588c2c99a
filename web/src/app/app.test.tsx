import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import fleet from '../../../schema/api/fleet.json';
import services from '../../../schema/api/services.json';
import golden from '../../../schema/api/session.json';
import { loadSession } from '../session/session';
import { ada, button, press, problem, says, serve, show, textOf } from '../testing/page';
import { App } from './app';
import { startKeyboard } from './keyboard';
import { theme, zone } from './preferences';
import { go, startRouter } from './router';

class Stream extends EventTarget {
	static CLOSED = 2;
	static opened: Stream[] = [];
	readyState = 0;
	constructor(readonly url: string) {
		super();
		Stream.opened.push(this);
	}
	close() {
		this.readyState = Stream.CLOSED;
	}
}

startKeyboard();
startRouter();

// What is on screen must go before the document does.
afterAll(() => void show(<></>));

beforeEach(() => {
	vi.stubGlobal('EventSource', Stream);
	vi.stubGlobal('scrollTo', () => {});
	Stream.opened = [];
	go('/', { replace: true });
});

const answers = { '/fleet': fleet, '/services': services, '/session': golden };

test('who is not logged in sees the login at any address', async () => {
	go('/services/1', { replace: true });
	serve({ '/session': () => null });
	const root = show(<App />, null);
	await loadSession();
	await says(root, 'Log in');
	expect(location.pathname).toBe('/services/1');
});

test('a wrong password is told, the right one opens the fleet', async () => {
	const sent = serve({ ...answers, '/session': () => problem(401, 'The name or the password is wrong') });
	const root = show(<App />, null);
	const form = root.querySelector('form') as HTMLFormElement;
	(form.elements.namedItem('name') as HTMLInputElement).value = 'ada';
	(form.elements.namedItem('password') as HTMLInputElement).value = 'wrong';
	button(root, 'Log in').click();
	await says(root, 'The name or the password is wrong');
	expect(sent.at(-1)?.body).toEqual({ name: 'ada', password: 'wrong' });
	serve(answers);
	button(root, 'Log in').click();
	await says(root, '1 of 3 services leaks');
});

test('a one-time password is asked to be changed', async () => {
	const after = { ...golden, password_is_one_time: false };
	const sent = serve({ ...answers, '/session': after, '/session/password': after });
	const root = show(<App />, golden as typeof ada);
	await says(root, 'You logged in with a one-time password');
	button(root, 'Choose a password').click();
	await says(root, 'New password, again');
	const form = root.querySelector('dialog form') as HTMLFormElement;
	const fill = (name: string, value: string) => {
		(form.elements.namedItem(name) as HTMLInputElement).value = value;
	};
	fill('current', 'printed-once');
	fill('next', 'four random words');
	fill('again', 'four other words');
	button(form, 'Change password').click();
	await says(root, 'was not repeated');
	fill('again', 'four random words');
	button(form, 'Change password').click();
	await says(root, 'Your password is changed.');
	expect(sent.find((s) => s.path === '/session/password')?.body).toEqual(
		{ current: 'printed-once', new: 'four random words' });
	expect(textOf(root)).not.toContain('one-time password');
});

test('a session that ends brings the login back', async () => {
	serve({ ...answers, '/services': () => problem(401, 'the session is over') });
	const root = show(<App />);
	await says(root, 'Log in');
});

test('a server that does not answer is told', async () => {
	serve({ '/session': () => problem(503, 'The server is starting.') });
	const root = show(<App />, undefined as unknown as null);
	await loadSession();
	await says(root, 'The server is starting.');
	serve(answers);
	button(root, 'Try again').click();
	await says(root, 'checkout');
});

test('an address that is no page says so', async () => {
	go('/nowhere', { replace: true });
	serve(answers);
	await says(show(<App />), 'There is no page at this address');
});

test('keys go to pages, switch the theme and show the sheet', async () => {
	serve({ ...answers, '/alerts': { items: [] } });
	const root = show(<App />);
	await says(root, 'checkout');
	const before = theme.value;
	press('t');
	expect(theme.value).not.toBe(before);
	press('?');
	await says(root, 'Keys on this page');
	button(root.querySelector('dialog') as Element, '×').click();
	await vi.waitFor(() => expect(root.querySelector('dialog')).toBeNull());
	press('g');
	press('a');
	await says(root, 'Nothing is open');
	expect(location.pathname).toBe('/alerts');
});

test('j and k walk through the rows', async () => {
	serve(answers);
	const root = show(<App />);
	await says(root, 'checkout');
	press('j');
	expect(document.activeElement?.textContent).toBe(services.items[0]?.name);
	press('j');
	expect(document.activeElement?.textContent).toBe(services.items[1]?.name);
	press('k');
	expect(document.activeElement?.textContent).toBe(services.items[0]?.name);
});

test('a change that the server tells of is read', async () => {
	const changing = { ...answers } as Record<string, unknown>;
	serve(changing);
	const root = show(<App />);
	await says(root, '1 of 3 services leaks');
	const stream = Stream.opened[0] as Stream;
	stream.dispatchEvent(new Event('open'));
	await says(root, 'Live');
	changing['/fleet'] = { ...fleet, verdicts: { ...fleet.verdicts, leak: 2 } };
	stream.dispatchEvent(new MessageEvent('change', { data: '{"topics":["verdicts"]}' }));
	await says(root, '2 of 3 services leak');
	stream.dispatchEvent(new Event('error'));
	await says(root, 'Polling');
});

test('the zone switch changes how times are told', async () => {
	serve(answers);
	const root = show(<App />);
	await says(root, 'Local');
	button(root, 'Local').click();
	await says(root, 'UTC');
	expect(zone.value).toBe('utc');
});
