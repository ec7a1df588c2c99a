import { beforeEach, expect, test, vi } from 'vitest';
import configAgents from '../../../schema/api/config_agents.json';
import group from '../../../schema/api/config_group.json';
import groups from '../../../schema/api/config_groups.json';
import preview from '../../../schema/api/config_preview.json';
import revisions from '../../../schema/api/config_revisions.json';
import settings from '../../../schema/api/config_settings.json';
import versions from '../../../schema/api/config_versions.json';
import { Versions } from '../agents/versions';
import type { ConfigGroup, ConfigRevision, ConfigSetting, ConfigVersions } from '../api/config';
import type { ConfigurationView, GroupView } from '../app/address';
import { ada, button, never, problem, says, serve, show, textOf } from '../testing/page';
import { Toasts } from '../ui/toast';
import { GroupPage } from './group';
import { GroupsPage, title } from './groups';
import { before } from './history';
import { reach } from './rollout';
import { amount, changes, choicesOf, ruleText, wrong } from './words';

const answers = {
	'/config/groups': groups, '/config/groups/1': group, '/config/groups/1/revisions': revisions, '/config/agents': configAgents,
	'/config/settings': settings, '/config/preview': preview, '/config/versions': versions,
};
const golden = group as unknown as ConfigGroup;
const list = (view: Partial<ConfigurationView> = {}) => <><GroupsPage view={{ state: '', ...view }} /><Toasts /></>;
const one = (view: Partial<GroupView> = {}) => <><GroupPage id={1} view={{ tab: '', state: '', ...view }} /><Toasts /></>;
const setting = (name: string) => settings.items.find((s) => s.name === name) as ConfigSetting;

async function fill(root: Element, name: string, value: string): Promise<void> {
	const field = root.querySelector(`[name=${name}]`) as HTMLInputElement;
	field.value = value;
	field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
	await new Promise((done) => setTimeout(done));
}

beforeEach(() => history.replaceState(null, '', '/configuration'));

test('groups stand in the order of their rules, with what rolls out and what differs', async () => {
	const sent = serve(answers);
	const root = show(list());
	await says(root, 'production');
	expect(textOf(root)).toContain('env=prod*');
	expect(textOf(root)).toContain('1 of 1 acknowledged');
	await says(root, 'stands in its own file');
	expect(sent.map((s) => s.path)).toContain('/config/agents?state=drift,refused,old,overridden&limit=200');
});

test('no group: what one is for; a viewer is offered nothing', async () => {
	serve({ ...answers, '/config/groups': { items: [] } });
	const root = show(list(), { ...ada, role: 'viewer' });
	await says(root, 'Every agent runs its own file');
	expect(root.querySelector('button.primary')).toBeNull();
});

test('who sees some services alone changes no group', async () => {
	serve(answers);
	const root = show(one(), { ...ada, role: 'operator', services: ['checkout'] });
	await says(root, 'production');
	expect(textOf(root)).not.toContain('Roll back');
});

test('a new group: the hosts that its rule fits are shown while it is written', async () => {
	const sent = serve({ ...answers, '/config/groups': (init: RequestInit) => (init.method === 'POST' ? { ...group, id: 7 } : groups) });
	const root = show(list());
	await says(root, 'production');
	button(root, 'New group').click();
	await vi.waitFor(() => expect(root.querySelector('dialog')).not.toBeNull());
	await says(root, 'Fits 2 hosts now');
	await fill(root, 'name', 'canaries');
	await fill(root, 'labels', 'env=prod*, zone');
	await says(root, '“zone” has no =');
	await fill(root, 'labels', 'env=prod*');
	await vi.waitFor(() => expect(sent.some((s) => s.path === '/config/preview?labels=env%3Dprod*&position=100')).toBe(true));
	(root.querySelector('dialog button[type=submit]') as HTMLButtonElement).click();
	await vi.waitFor(() => expect(location.pathname).toBe('/configuration/7'));
	expect(sent.find((s) => s.method === 'POST')?.body).toMatchObject({ name: 'canaries', labels: { env: 'prod*' }, canary_hosts: 1, automatic: true });
});

test('a rule that somebody else has changed is not overwritten unseen', async () => {
	let stale = true;
	const sent = serve({ ...answers, '/config/groups/1': (init: RequestInit) => (init.method === 'PUT' && stale ? problem(412, 'moved on') : { ...group, revision: 4 }) });
	const root = show(one());
	await says(root, 'Take away');
	button(root, 'Change').click();
	await vi.waitFor(() => expect(root.querySelector('dialog')).not.toBeNull());
	await fill(root, 'name', 'mine');
	const submit = () => (root.querySelector('dialog button[type=submit]') as HTMLButtonElement).click();
	submit();
	await says(root, 'It has changed since you saw it.');
	stale = false;
	submit();
	await vi.waitFor(() => expect(root.querySelector('dialog')).toBeNull());
	expect(sent.filter((s) => s.method === 'PUT').map((s) => s.headers['if-match'])).toEqual(['"4"', '"4"']);
});

test('a roll-out: the stage, who has acknowledged, what it changes, and the next step with its reason', async () => {
	const sent = serve({ ...answers, '/config/groups/1/promote': group, '/config/groups/1/rollback': group });
	const root = show(one());
	await says(root, 'All that were told have acknowledged; a part comes');
	expect(root.querySelector('.stages [aria-current=step]')?.textContent).toContain('canary');
	expect([...root.querySelectorAll('.changes-list')].map(textOf)[0]).toContain('interval 10s →becomes 5s');
	button(root, 'On to a part').click();
	await says(root, 'On to a part?');
	await fill(root, 'note', 'looks well');
	button(root, 'Promote').click();
	await says(root, 'It goes on.');
	expect(sent.find((s) => s.method === 'POST')).toMatchObject({ path: '/config/groups/1/promote', body: { note: 'looks well' } });
	button(root, 'Roll back…').click();
	await says(root, 'All hosts that were told revision #3 go back to revision #1.');
});

test('a draft is rolled out when nothing else is', async () => {
	const sent = serve({ ...answers, '/config/groups/1': { ...group, rollout: null }, '/config/groups/1/rollout': group });
	const root = show(one());
	await says(root, 'Revision #4 waits, by ada');
	button(root, 'Roll it out').click();
	await says(root, 'First to 1 host, then to 25 %');
	(root.querySelector('dialog button[type=submit]') as HTMLButtonElement).click();
	await says(root, 'The canaries are told.');
	expect(sent.find((s) => s.method === 'POST')).toMatchObject({ path: '/config/groups/1/rollout', body: { revision: 4 } });
});

test('why a change went back by itself stands where the next one is rolled out', async () => {
	serve({ ...answers, '/config/groups/1': { ...group, rollout: null, draft: null }, '/config/groups/1/revisions': { items: revisions.items.slice(2) } });
	await says(show(one()), 'The agent of web-1 takes 6.1 % of a core');
});

test('settings: a closed list with bounds; a draft says what it would change', async () => {
	const sent = serve({ ...answers, '/config/groups/1': { ...group, rollout: null, draft: null }, '/config/groups/1/revisions': (init: RequestInit) => (init.method === 'POST' ? { ...group.draft, id: 9 } : revisions) });
	const root = show(one({ tab: 'settings' }));
	await says(root, 'Nothing is changed');
	expect(root.querySelectorAll('.config-settings tbody tr')).toHaveLength(settings.items.length);
	await fill(root, 'interval', '2h');
	await says(root, 'From 1s to 1h.');
	expect(button(root, 'Make it a draft').disabled).toBe(true);
	await fill(root, 'interval', '5s');
	await fill(root, 'journal', 'no');
	await says(root, '2 settings change on 1 host');
	await fill(root, 'note', 'closer');
	button(root, 'Make it a draft').click();
	await says(root, 'Revision #9 waits to be rolled out.');
	expect(sent.find((s) => s.method === 'POST')?.body).toEqual({ settings: { interval: '5s', pss_budget: '20ms', journal: 'no' }, note: 'closer' });
});

test('settings: a viewer reads them', async () => {
	serve(answers);
	const root = show(one({ tab: 'settings' }), { ...ada, role: 'viewer' });
	await says(root, 'Time between two readings');
	expect(root.querySelector('input, select, button.primary')).toBeNull();
});

test('agents of the group by state, history with who and why', async () => {
	const sent = serve(answers);
	await says(show(one({ tab: 'agents', state: 'overridden' })), 'stands in its own file');
	expect(sent.map((s) => s.path)).toContain('/config/agents?group=1&state=overridden&limit=200');
	await says(show(one({ tab: 'history' })), 'taken back');
});

test('versions: the command for those that are older than the server', async () => {
	const old = { ...versions, items: [{ ...versions.items[0], upgrade: 'ansible …' }, { ...versions.items[1], upgrade: null }] } as ConfigVersions;
	serve({ ...answers, '/config/versions': old });
	const root = show(<Versions />);
	await says(root, 'Agents older than the server');
	expect(root.querySelectorAll('.command')).toHaveLength(1);
	await says(root, '1 other group with 1 host: nothing to upgrade.');
});

test('a failure is told, loading is quiet', async () => {
	serve({ '/config/groups/1': () => problem(403, 'this is for those who see all services') });
	await says(show(one()), 'You may not see this');
	serve({ '/config/groups': never });
	expect(show(list()).querySelector('[role=status]')).not.toBeNull();
});

test.each([['interval', '10s', ''], ['interval', '10', 'Write a time as 20ms, 10s, 5m, 1h or 7d.'], ['interval', '500ms', 'From 1s to 1h.'], ['spool_max', '2G', ''], ['spool_max', '1K', 'From 1M to 1T.'],
	['spool_max', 'x', 'Write a size as 512K, 16M or 2G.'], ['insides', 'shop-*', ''], ['journal', 'no', '']])('a value before the server sees it: %s = %s', (name, text, expected) => {
	expect(wrong(setting(name), text)).toBe(expected);
});

test('words: amounts, choices, rules, reach', () => {
	expect(amount('duration', '5m')).toBe(300_000);
	expect(amount('bytes', '16M')).toBe(16 * 2 ** 20);
	expect(choicesOf(setting('log_level'))).toEqual(['error', 'warn', 'info', 'debug']);
	expect(choicesOf(setting('journal'))).toEqual(['yes', 'no']);
	expect(ruleText({ host: 'web-*', labels: { env: 'prod' } })).toBe('web-*, env=prod');
	expect(ruleText({ host: '', labels: {} })).toBe('all hosts');
	expect(changes({ a: '1', b: '2' }, { b: '3', c: '' })).toEqual([{ name: 'a', before: '1', after: undefined }, { name: 'b', before: '2', after: '3' }, { name: 'c', before: undefined, after: '' }]);
	expect(reach({ canary_hosts: 3, part_pct: 25, hosts: 2 }, 'canary')).toBe('2 hosts');
	expect(title([])).toBe('Configuration');
	expect(title([{ ...golden, counts: { same: 1 }, rollout: null }])).toBe('The group runs what was told');
	const made = revisions.items as unknown as ConfigRevision[];
	expect(before(made, 1)?.id).toBe(1);
});
