import { beforeEach, expect, test, vi } from 'vitest';
import audit from '../../../schema/api/audit.json';
import about from '../../../schema/api/about.json';
import dead from '../../../schema/api/messages_dead.json';
import messages from '../../../schema/api/messages.json';
import sensitivities from '../../../schema/api/sensitivities.json';
import sessions from '../../../schema/api/sessions.json';
import storage from '../../../schema/api/storage.json';
import targets from '../../../schema/api/targets.json';
import tokens from '../../../schema/api/tokens.json';
import users from '../../../schema/api/users.json';
import type { SettingsView } from '../app/address';
import { ada, button, problem, says, serve, show, textOf } from '../testing/page';
import { Toasts } from '../ui/toast';
import { has } from './act';
import { wishOf } from './form';
import { readScope } from './scope';
import { SettingsPage } from './settings';
import { spent } from './tokens';

const page = (tab: SettingsView['tab'], more: Partial<SettingsView> = {}) => <><SettingsPage view={{ tab, q: '', target: null, state: '', action: '', span: '', ...more }} /><Toasts /></>;
const answers = { '/users': users, '/tokens': tokens, '/targets': targets, '/targets/1/messages': messages, '/messages': dead, '/audit': audit, '/sessions': sessions, '/about': about, '/storage': storage, '/sensitivities': sensitivities };
const ON_CALL = targets.items.find((x) => x.id === 1) as NonNullable<(typeof targets.items)[0]>;
const row = (root: Element, id: number) => root.querySelector(`[data-target="${id}"]`) as Element;

function type(root: Element, name: string, value: string): void {
	const field = root.querySelector(`dialog [name=${name}]`) as HTMLInputElement;
	field.value = value;
	field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
}

const submit = (root: Element) => (root.querySelector('dialog button[type=submit]') as HTMLButtonElement).click();

beforeEach(() => history.replaceState(null, '', '/settings'));

test('users: the last administrator can neither go nor become less', async () => {
	serve(answers);
	const root = show(page('users'));
	await says(root, 'the last administrator: make somebody else one first');
	const [first, second] = [...root.querySelectorAll('tbody tr')] as [Element, Element];
	expect(first.querySelector('select')?.disabled).toBe(true);
	expect(textOf(first)).not.toContain('Let go');
	expect(textOf(second)).toContain('Let go');
});

test('users: a role is given, and what the server refuses is told', async () => {
	let refuse = false;
	const sent = serve({ ...answers, '/users/2': () => (refuse ? problem(409, 'bob is the last admin: make somebody else one first') : users.items[1]) });
	const root = show(page('users'));
	await says(root, 'bob');
	const role = root.querySelector('select[aria-label="Role of bob"]') as HTMLSelectElement;
	const choose = () => { role.value = 'viewer'; role.dispatchEvent(new Event('change', { bubbles: true })); };
	choose();
	await says(root, 'bob: viewer.');
	expect(sent.find((s) => s.method === 'PUT')).toMatchObject({ path: '/users/2', body: { role: 'viewer' } });
	refuse = true;
	choose();
	await says(root, 'bob is the last admin');
	expect(role.value).toBe('operator');
});

test('users: a new one gets a password that is shown once', async () => {
	serve({ ...answers, '/users': (init: RequestInit) => (init.method === 'POST' ? { ...users.items[1], name: 'grace', password: 'correct-horse-9' } : users) });
	const root = show(page('users'));
	await says(root, 'bob');
	button(root, 'Add a user').click();
	await vi.waitFor(() => expect(root.querySelector('dialog')).not.toBeNull());
	type(root, 'name', 'grace');
	submit(root);
	await says(root, 'correct-horse-9');
	button(root, 'Done').click();
	await vi.waitFor(() => expect(textOf(root)).not.toContain('correct-horse-9'));
});

test('users: letting go asks first', async () => {
	const sent = serve({ ...answers, '/users/3/retire': users.items[2] });
	const root = show(page('users'));
	await says(root, 'Let go…: eve');
	button(root, 'Let go…: eve').click();
	await says(root, 'Let eve go?');
	expect(sent.some((s) => s.method === 'POST')).toBe(false);
	[...root.querySelectorAll('dialog button')].find((b) => b.textContent === 'Let go')?.dispatchEvent(new Event('click', { bubbles: true }));
	await says(root, 'eve may log in no more.');
});

test.each(['users', 'tokens', 'notifications', 'audit'] as const)('%s are for administrators, and others see why not', async (tab) => {
	const sent = serve(answers);
	const root = show(page(tab), { ...ada, role: 'operator' });
	await says(root, 'This is for administrators');
	expect(textOf(root)).toContain('operator');
	expect(sent).toHaveLength(0);
});

test('tokens: made, shown once; those of no use offer nothing', async () => {
	const made = { ...tokens.items[0], secret: 'tma1.abc.def' };
	const sent = serve({ ...answers, '/tokens': (init: RequestInit) => (init.method === 'POST' ? made : tokens) });
	const root = show(page('tokens'));
	await says(root, 'dashboards');
	expect(textOf(root.querySelectorAll('tbody tr')[1] as Element)).not.toContain('Revoke');
	button(root, 'New token').click();
	await vi.waitFor(() => expect(root.querySelector('dialog')).not.toBeNull());
	type(root, 'name', 'grafana');
	await new Promise((done) => setTimeout(done));
	submit(root);
	await says(root, 'tma1.abc.def');
	expect(sent.find((s) => s.method === 'POST')?.body).toEqual({ kind: 'api', name: 'grafana', ttl_s: 90 * 86_400, role: 'viewer', services: null });
});

test('a token is of no use when it ended, was revoked, or is used up', () => {
	const k = { id: '1', kind: 'join', name: '', created_at_ms: 0, created_by: null, expires_at_ms: 100, max_uses: 2, uses: 1, revoked_at_ms: null, role: null, services: null, last_used_at_ms: null, host_glob: '', labels: {} } as const;
	expect(spent(k, 50)).toBe('');
	expect(spent(k, 100)).toBe('ended');
	expect(spent({ ...k, uses: 2 }, 50)).toBe('used up');
	expect(spent({ ...k, revoked_at_ms: 10 }, 50)).toBe('revoked');
});

test('notifications: events in words, what was sent, and sending again', async () => {
	const sent = serve({ ...answers, '/messages/3/retry': { id: 3 } });
	const root = show(page('notifications', { target: 1 }));
	await says(root, 'opened, opened again, escalated, regressed');
	expect(textOf(root)).toContain('1 waiting');
	expect(textOf(root)).toContain('held back');
	await says(root, 'the receiver answered with 503');
	button(root, 'Send again').click();
	await says(root, 'It is sent again.');
	expect(sent.some((s) => s.path === '/messages/3/retry')).toBe(true);
});

test('notifications: a change that comes too late shows theirs and keeps mine', async () => {
	const sent = serve({ ...answers, '/targets/1': () => problem(412, 'moved on') });
	const root = show(page('notifications'));
	await says(root, 'on call');
	button(row(root, 1), 'Change').click();
	await vi.waitFor(() => expect(root.querySelector('dialog')).not.toBeNull());
	type(root, 'name', 'mine');
	await new Promise((done) => setTimeout(done));
	submit(root);
	await says(root, 'It has changed since you saw it.');
	expect((root.querySelector('dialog [name=name]') as HTMLInputElement).value).toBe('mine');
	expect(sent.find((s) => s.method === 'PUT')?.headers['if-match']).toBe('"1"');
});

test('notifications: switching off keeps all else', async () => {
	const sent = serve({ ...answers, '/targets/1': ON_CALL });
	const root = show(page('notifications'));
	await says(root, 'on call');
	(row(root, 1).querySelector('[role=switch]') as HTMLInputElement).click();
	await says(root, 'on call is off');
	expect(sent.find((s) => s.method === 'PUT')?.body).toEqual({ ...wishOf(ON_CALL as never), enabled: false });
});

test('notifications: each kind asks for what it needs, and no password is sent back', () => {
	const mail = targets.items.find((x) => x.kind === 'smtp') as never;
	expect(wishOf(mail)).toMatchObject({ kind: 'smtp', recipients: 'ops@example.com, ada@example.com', username: 'tidemark', starttls: true, a_minute: 6 });
	expect(wishOf(mail)).not.toHaveProperty('password');
	expect(wishOf({ ...(mail as object), kind: 'slack', password: 'x' } as never)).not.toHaveProperty('recipients');
});

test('notifications: the secret that signs is shown once, and can be turned', async () => {
	const made = { ...ON_CALL, secret: 'tms-0123' };
	const sent = serve({ ...answers, '/targets': (init: RequestInit) => (init.method === 'POST' ? made : targets), '/targets/1/secret': { ...made, secret: 'tms-4567' } });
	const root = show(page('notifications'));
	await says(root, 'on call');
	button(root, 'Tell somebody').click();
	await vi.waitFor(() => expect(root.querySelector('dialog')).not.toBeNull());
	type(root, 'name', 'pager');
	type(root, 'url', 'https://pager.example.com/');
	await new Promise((done) => setTimeout(done));
	submit(root);
	await says(root, 'tms-0123');
	expect(sent.find((s) => s.method === 'POST')?.body).toMatchObject({ name: 'pager', kind: 'webhook', a_minute: 30 });
	button(root, 'Done').click();
	await vi.waitFor(() => expect(textOf(root)).not.toContain('tms-0123'));
	button(row(root, 1), 'New secret').click();
	await says(root, 'two signatures for a day');
	button(root, 'Make a secret').click();
	await says(root, 'tms-4567');
});

test('notifications: dead letters of all targets, sent again or let go', async () => {
	const sent = serve({ ...answers, '/messages/3/retry': { id: 3 }, '/messages/3/drop': { id: 3 } });
	const root = show(page('notifications'));
	await says(root, '1 message held back, as one');
	button(root, 'Send it again').click();
	await says(root, '1 message is sent again.');
	button(root, 'Drop').click();
	await says(root, 'It is not sent any more.');
	expect(sent.filter((s) => s.method === 'POST').map((s) => s.path)).toEqual(['/messages/3/retry', '/messages/3/drop']);
});

test('users: limited to some services; an administrator is not', async () => {
	const sent = serve({ ...answers, '/users/2': users.items[1] });
	const root = show(page('users'));
	await says(root, 'Services…: bob');
	expect(textOf(root.querySelector('tbody tr') as Element)).not.toContain('Services…');
	button(root, 'Services…: bob').click();
	await vi.waitFor(() => expect(root.querySelector('dialog')).not.toBeNull());
	type(root, 'services', 'checkout*, cart, cart');
	await new Promise((done) => setTimeout(done));
	submit(root);
	await says(root, 'bob sees only checkout*, cart.');
	expect(sent.find((s) => s.method === 'PUT')).toMatchObject({ path: '/users/2', body: { services: ['checkout*', 'cart'] } });
	expect(readScope(' , ')).toBeNull();
});

test('audit: what was done by whom, asked for by the address', async () => {
	const sent = serve(answers);
	const root = show(page('audit', { q: 'ada', action: 'snapshot', span: '7d' }));
	await says(root, 'snapshot.confirm');
	expect(sent.find((s) => s.path.startsWith('/audit'))?.path).toMatch(/^\/audit\?actor=ada&action=snapshot&from=\d+&limit=100$/);
	expect(textOf(root)).toContain('tidemark-server audit verify');
});

test('sessions: this one is marked, others can be ended by whoever they belong to', async () => {
	const other = { ...sessions.items[0], id: 2, is_this: false, address: '192.0.2.9' };
	const sent = serve({ ...answers, '/sessions': { items: [...sessions.items, other] }, '/sessions/2': {} });
	const root = show(page('sessions'), { ...ada, role: 'viewer' });
	await says(root, 'this one');
	button(root, 'End it: 192.0.2.9').click();
	await says(root, 'The session has ended.');
	expect(sent.some((s) => s.method === 'DELETE' && s.path === '/sessions/2')).toBe(true);
});

test('retention: what the server says, with the names of options', async () => {
	serve(answers);
	const root = show(page('retention'), { ...ada, role: 'viewer' });
	await says(root, 'raw_retention');
	expect(textOf(root)).toContain('30 d');
	expect(textOf(root)).toContain('730 d');
});

test('detection: a service is set with its revision; a viewer reads', async () => {
	const sent = serve({ ...answers, '/services/1/sensitivity': sensitivities.items[0] });
	const root = show(page('detection'));
	await says(root, 'checkout');
	await vi.waitFor(() => expect(root.querySelector('a[href="/services/1/detection"]')).not.toBeNull());
	const choice = root.querySelector('select[aria-label="Sensitivity of checkout"]') as HTMLSelectElement;
	choice.value = 'eager';
	choice.dispatchEvent(new Event('change', { bubbles: true }));
	await says(root, 'checkout is eager from now on.');
	expect(sent.find((s) => s.method === 'PUT')).toMatchObject({ body: { sensitivity: 'eager' }, headers: { 'if-match': '"1"' } });
	const read = show(page('detection'), { ...ada, role: 'viewer' });
	await says(read, 'checkout');
	expect(read.querySelector('select')).toBeNull();
});

test('a failure is told', async () => {
	serve({ '/users': () => problem(500, 'Something broke.') });
	await says(show(page('users')), 'Something broke.');
});

test('all words of what is looked for are in it', () => {
	expect(has('', 'a')).toBe(true);
	expect(has('ADA adm', 'ada', 'administrator')).toBe(true);
	expect(has('ada bob', 'ada', null)).toBe(false);
});
