import { beforeEach, expect, test, vi } from 'vitest';
import audit from '../../../schema/api/audit.json';
import captures from '../../../schema/api/captures.json';
import running from '../../../schema/api/capture_running.json';
import policy from '../../../schema/api/snapshot_policy.json';
import service from '../../../schema/api/service.json';
import list from '../../../schema/api/snapshots.json';
import type { AuditRow, SnapshotPolicy } from '../api/types';
import { parse } from '../app/address';
import { startKeyboard } from '../app/keyboard';
import { place, startRouter } from '../app/router';
import { ada, button, never, press, problem, says, serve, show, textOf } from '../testing/page';
import { Toasts } from '../ui/toast';
import { said } from './audit';
import { reasonOf } from './captures';
import { pattern } from './empty';
import { SnapshotsPage, picked } from './list';
import { saysPolicy } from './policy';

startKeyboard();
startRouter();

const answers = { '/services/1': service, '/services/1/snapshots': list, '/services/1/captures': captures,
	'/services/1/snapshot-policy': policy, '/audit': audit };

function Page() {
	const at = place.value;
	return at.page === 'snapshots' ? <><SnapshotsPage id={at.id} view={at.view} /><Toasts /></> : <p>elsewhere</p>;
}

beforeEach(() => {
	vi.stubGlobal('scrollTo', () => {});
	history.replaceState(null, '', '/services/1/snapshots');
	place.value = parse(location.pathname, location.search);
});

test('each snapshot is told by time, cause, process, version, kind and what grows', async () => {
	serve(answers);
	const root = show(<Page />);
	await says(root, '96 % of the growth of 31.2 MiB hangs in error in {error}');
	const rows = [...root.querySelectorAll('[aria-label=Snapshots] tbody tr')];
	expect(rows).toHaveLength(4);
	const second = textOf(rows[2] as Element);
	for (const part of ['asked for in the console', 'web-1 #2', 'process 4303, up 25 min', '1.1.0', '49.2 MiB', 'exact', 'one holder grows'])
		expect(second).toContain(part);
	expect(textOf(rows[1] as Element)).toContain('first of its process');
	expect(textOf(rows[0] as Element)).toContain('no leak visible');
});

test('what was not taken is listed with its reason', async () => {
	serve(answers);
	const root = show(<Page />);
	await says(root, 'refused: the capture needs 604 MiB; 300 MiB are free in its control group');
	await says(root, 'failed: the process ended while its heap was read');
	await says(root, 'ran out of time: the agent has not answered');
	expect(reasonOf({ text: '', card: null })).toBe('no reason was given');
});

test('a capture under way shows its progress and opens', async () => {
	serve({ ...answers, '/services/1/captures': { items: [running] } });
	const root = show(<Page />);
	await vi.waitFor(() => expect(root.querySelector('.under-way progress')).not.toBeNull());
	const bar = root.querySelector('.under-way progress') as HTMLProgressElement;
	expect(bar.value).toBe(running.progress_permille);
	expect(root.querySelector('.under-way a')?.getAttribute('href')).toBe(`/services/1/snapshots?capture=${running.id}`);
});

test('two rows are ticked, in the address, and compared: the older one first', async () => {
	serve(answers);
	const root = show(<Page />);
	await says(root, 'one holder grows');
	const tick = (id: number) => (root.querySelector(`[data-snapshot="${id}"] input`) as HTMLInputElement).click();
	tick(2);
	await says(root, 'Tick one more to compare');
	tick(1);
	expect(location.search).toBe('?pick=2,1');
	await vi.waitFor(() => expect(root.querySelector('a[href="/snapshots/1...2"]')).not.toBeNull());
	press('c');
	expect(place.value).toMatchObject({ page: 'comparison', before: 1, id: 2 });
});

test('a third tick takes the place of the first', () => {
	expect(picked([1, 2], 3)).toEqual([2, 3]);
	expect(picked([1, 2], 1)).toEqual([2]);
});

test('before the first snapshot it is explained: what, at what cost, how to allow it', async () => {
	serve({ ...answers, '/services/1/snapshots': { items: [] }, '/services/1/captures': { items: [] } });
	const root = show(<Page />);
	await says(root, 'No snapshot has been taken yet');
	await says(root, 'the process answers nothing');
	await says(root, 'snapshots = checkout');
	expect(pattern('a,b [x]')).toBe('a?b ?x?');
});

test('a viewer sees all and can change nothing', async () => {
	const sent = serve(answers);
	const root = show(<Page />, { ...ada, role: 'viewer' });
	await says(root, 'one holder grows');
	await says(root, 'An administrator can change this');
	expect(textOf(root)).not.toContain('Take a snapshot');
	expect(textOf(root)).not.toContain('Audit');
	expect(sent.some((s) => s.path.startsWith('/audit'))).toBe(false);
	expect(sent.every((s) => s.method === 'GET')).toBe(true);
});

test('the policy is told in words and saved as a whole', async () => {
	const sent = serve(answers);
	const root = show(<Page />);
	await says(root, 'again after it has grown by 25 MiB');
	const form = root.querySelector('form.policy-form') as HTMLFormElement;
	const grown = form.elements.namedItem('grown') as HTMLInputElement;
	grown.value = '48.5';
	grown.dispatchEvent(new Event('input', { bubbles: true }));
	(form.elements.namedItem('control') as HTMLInputElement).click();
	await vi.waitFor(() => expect((form.elements.namedItem('control') as HTMLInputElement).checked).toBe(false));
	serve({ ...answers, '/services/1/snapshot-policy': (init: RequestInit) => {
		if (init.method !== 'PUT') return policy;
		sent.push({ method: 'PUT', path: '', headers: {}, body: JSON.parse(String(init.body)) });
		return { ...policy, with_control: false };
	} });
	button(form, 'Save').click();
	await says(root, 'Automatic snapshots are on.');
	expect(sent.at(-1)?.body).toEqual({ enabled: true, grown_bytes: 48.5 * 1024 * 1024, with_control: false });
	expect(saysPolicy({ ...(policy as SnapshotPolicy), enabled: false })).toContain('Off');
});

test('the audit says who did what', async () => {
	serve(answers);
	const root = show(<Page />);
	await says(root, 'said yes: checkout on web-1, pid 4303 (');
	const row = { ...(audit.items[0] as AuditRow), action: 'something.new', subject: '', detail: '' };
	expect(said(row)).toBe('something new');
});

test('failures are told, part by part', async () => {
	serve({ ...answers, '/services/1/snapshots': () => problem(503, 'The database is away.') });
	const root = show(<Page />);
	await says(root, 'The database is away.');
	await says(root, 'Automatic snapshots');
	serve({ '/services/1': () => problem(403, 'not for you') });
	await says(show(<Page />), 'You may not see this');
	serve({ '/services/1': never });
	expect(show(<Page />).querySelector('[role=status]')).not.toBeNull();
});
