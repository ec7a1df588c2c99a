// The parts of the case: what to do next, hypotheses, the way to verified, the dialogs' forms.
import { beforeEach, expect, test } from 'vitest';
import alert from '../../../schema/api/alert.json';
import archived from '../../../schema/api/alert_archived.json';
import mergedAlert from '../../../schema/api/alert_merged.json';
import regressed from '../../../schema/api/alert_regressed.json';
import splitAlert from '../../../schema/api/alert_split.json';
import verifying from '../../../schema/api/alert_verifying.json';
import hypotheses from '../../../schema/api/hypotheses.json';
import series from '../../../schema/api/series.json';
import type { Alert, Hypothesis, Instance } from '../api/types';
import { startKeyboard } from '../app/keyboard';
import { zone } from '../app/preferences';
import { ada, button, press, problem, eventually, says, serve, show, textOf } from '../testing/page';
import { Toasts } from '../ui/toast';
import { AlertPage } from './alert';
import { nearest } from './merge';
import { untilMs } from './moments';
import { nextSteps } from './next';
import { type Form, saidBy } from './step';
import { verifyingWords } from './standing';
import { since } from './steps';
import { hostsOf } from './where';
import { archivedUntil } from './words';
startKeyboard();

const golden = alert as Alert;
const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 25, 12); // a Wednesday

beforeEach(() => {
	zone.value = 'utc';
	history.replaceState(null, '', '/alerts/1');
});

const page = () => <><AlertPage id={1} view={{ zoom: null }} /><Toasts /></>;

const own: Hypothesis = { id: null, key: 'load', cause: 'More load', test: 'Requests against memory', result: '4 %', verdict: 'refuted',
	remark: '', author: null, changed_at_ms: null, revision: 1 };
const adas: Hypothesis = { ...own, id: 7, key: null, cause: 'Listeners', verdict: 'likely', author: 'ada', changed_at_ms: NOON, revision: 3 };

async function field(root: HTMLElement, name: string, text: string): Promise<void> {
	const input = await eventually(() => {
		const found = root.querySelector<HTMLInputElement>(`dialog [name=${name}]`);
		expect(found).not.toBeNull();
		return found as HTMLInputElement;
	});
	input.value = text;
	input.dispatchEvent(new Event('input', { bubbles: true }));
	await new Promise((done) => setTimeout(done));
}

async function send(root: HTMLElement): Promise<void> {
	const found = await eventually(() => {
		const b = root.querySelector<HTMLButtonElement>('dialog button[type=submit]');
		expect(b?.disabled).toBe(false);
		return b as HTMLButtonElement;
	});
	found.click();
}

test('what to do next is made from the data', () => {
	const keys = (a: Alert, may = true) => nextSteps(a, NOON, may).map((n) => n.key);
	expect(keys(golden)).toEqual(['snapshot', 'versus', 'differs', 'before', 'resolve']);
	expect(keys({ ...golden, snapshots: [], others: [] })).toEqual(['take', 'before', 'resolve']);
	expect(keys({ ...golden, snapshots: [], others: [] }, false)).toEqual(['before']);
	expect(keys({ ...golden, finding: { ...golden.finding, kind: 'backlog', silent_since_ms: 1 } }).slice(0, 2)).toEqual(['silent', 'queue']);
	expect(keys({ ...golden, state: 'resolved' })).toEqual([]);
	const newer = { ...golden.others[0], id: 9, version: '1.1.1', label: '1.1.1' } as Alert['others'][number];
	expect(nextSteps({ ...golden, others: [newer] }, NOON, true).at(-1)).toMatchObject({ deed: 'resolve', version: '1.1.1' });
});

test('comparing is one click away: leaking against clean by age, since against before', () => {
	const to = (key: string) => nextSteps(golden, NOON, true).find((n) => n.key === key)?.href;
	expect(to('versus')).toBe('/compare?a=service:1,version:2&b=service:1,version:1&align=start');
	expect(to('before')).toMatch(/^[/]compare[?]a=service:1&b=service:1,offset:\d+&from=\d+&to=\d+/);
});

test('hypotheses: people add theirs, and remark on Tidemark’s', async () => {
	const items = [own, adas];
	const sent = serve({ '/alerts/1': alert, '/series': series, '/alerts/1/hypotheses': (init: RequestInit) => (init.method === 'POST' ? adas : { items }),
		'/alerts/1/hypotheses/load': own });
	const root = show(page());
	await says(root, 'More load');
	expect(textOf(root)).toContain('✕ refuted');
	button(root, 'Add a hypothesis').click();
	await field(root, 'cause', 'A cache without an end');
	await send(root);
	await eventually(() => expect(sent.find((s) => s.method === 'POST')?.body).toMatchObject({ cause: 'A cache without an end', verdict: 'open' }));
	await eventually(() => expect(root.querySelector('dialog')).toBeNull());
	button(root, 'Remark').click();
	await field(root, 'remark', 'the load test is over');
	await send(root);
	await eventually(() => expect(sent.find((s) => s.method === 'PUT')).toMatchObject({ path: '/alerts/1/hypotheses/load',
		body: { remark: 'the load test is over' }, headers: { 'if-match': '"1"' } }));
});

test('a hypothesis that somebody else changed is shown beside one’s own words', async () => {
	let items = [adas];
	let refuse = true;
	const sent = serve({ '/alerts/1': alert, '/series': series, '/alerts/1/hypotheses': () => ({ items }),
		'/hypotheses/7': () => (refuse ? problem(412, 'moved on') : adas) });
	const root = show(page());
	await says(root, 'Listeners');
	button(root, 'Edit').click();
	await field(root, 'result', 'mine');
	items = [{ ...adas, result: 'theirs', author: 'bob', revision: 4 }];
	await send(root);
	await says(root, 'It has changed since you saw it.');
	expect(textOf(root.querySelector('dialog') as Element)).toContain('theirs');
	expect((root.querySelector('dialog [name=result]') as HTMLInputElement).value).toBe('mine');
	refuse = false;
	await send(root);
	await eventually(() => expect(sent.filter((s) => s.method === 'PUT').map((s) => s.headers['if-match'])).toEqual(['"3"', '"4"']));
});

test('a viewer reads hypotheses and reports, and changes nothing', async () => {
	serve({ '/alerts/1': alert, '/series': series, '/alerts/1/hypotheses': { items: [own] } });
	const root = show(page(), { ...ada, role: 'viewer' });
	await says(root, 'More load');
	expect(textOf(root)).not.toContain('Remark…');
	expect([...root.querySelectorAll('.deeds a')].map((a) => a.getAttribute('href')))
		.toEqual(['/api/v1/alerts/1/report?format=md', '/api/v1/alerts/1/report?format=html']);
});

test('the way to verified is told in host-hours', async () => {
	const v = { state: 'running', seen_h: 31.9, needed_h: 72, hosts: 3, since_ms: 1, verified_at_ms: null } as const;
	expect(verifyingWords(v, '2.0.1')).toBe('31 of 72 host-hours on 2.0.1 or later without the growth, on 3 hosts.');
	expect(verifyingWords({ ...v, state: 'waiting' }, '3.0.0')).toContain('Nobody runs 3.0.0 yet');
	serve({ '/alerts/1': { ...golden, state: 'resolved', inbox: 'resolved', resolution: 'fixed', resolved_by: 'ada', resolved_at_ms: NOON, resolved_in: '2.0.1', verification: v }, '/series': series });
	const root = show(page());
	await says(root, 'Being verified 31 of 72 host-hours');
	expect(root.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')).toBe('44');
});

test('regressed, archived and merged alerts say so', async () => {
	serve({ '/alerts/1': { ...golden, inbox: 'regressed', regressed_at_ms: NOON, resolved_in: '2.0.1' }, '/series': series });
	await says(show(page()), 'Regressed. It was to be fixed in 2.0.1');
	serve({ '/alerts/1': { ...golden, state: 'archived', inbox: 'archived', archive: { by: 'ada', at_ms: NOON, until_ms: null, above_kb_h: 81_920, above_hosts: 3 } }, '/series': series });
	await says(show(page()), 'Comes back when it grows faster than 80 MiB/h, or it leaks on more than 3 hosts.');
	serve({ '/alerts/1': { ...golden, merged_into: 4 }, '/series': series });
	const root = show(page());
	await says(root, 'This alert lives inside another one');
	expect(textOf(root.querySelector('.actions') as Element)).not.toContain('Acknowledge');
});

test('splitting needs an instance that stays', async () => {
	const made = { ...golden, id: 9 };
	const sent = serve({ '/alerts/1': alert, '/series': series, '/alerts/1/split': made });
	const root = show(page());
	await says(root, golden.finding.summary);
	button(root, 'Split').click();
	await says(root, 'an alert of its own');
	const boxes = () => [...root.querySelectorAll<HTMLInputElement>('dialog input[type=checkbox]')];
	boxes()[0]?.click();
	await send(root);
	await eventually(() => expect(sent.find((s) => s.path === '/alerts/1/split')?.body).toEqual({ instances: [golden.instances[0]?.id] }));
	await eventually(() => expect(location.pathname).toBe('/alerts/9'));
});

test('merging offers those of the same service first', () => {
	const of = (id: number, service: number) => ({ ...golden, id, finding: { ...golden.finding, cause: `c${id}`, service: { id: service, name: 's' } } });
	expect(nearest(of(1, 1), [of(1, 1), of(2, 5), of(3, 1), { ...of(4, 1), merged_into: 2 }]).map((a) => a.id)).toEqual([3, 2]);
});

test('forms say what is meant, or nothing when it is too little', () => {
	const blank: Form = { note: '', owner: '', until: '', own: '', above: '', hosts: '', version: '' };
	const said = (step: Parameters<typeof saidBy>[0], part: Partial<Form>) => saidBy(step, { ...blank, ...part }, NOON);
	expect(said('archive', {})).toBeNull();
	expect(said('archive', { above: '80', hosts: '3' })).toEqual({ above_kb_h: 81_920, above_hosts: 3 });
	expect(said('archive', { above: 'much' })).toBeNull();
	expect(said('archive', { until: 'at', own: 'soon' })).toBeNull();
	expect(said('acknowledge', { until: '1h', owner: ' bob ', note: ' x ' })).toEqual({ until_ms: NOON + HOUR, owner: 'bob', note: 'x' });
	expect(said('assign', {})).toEqual({ owner: null });
	expect(said('resolve', { version: '2.0.1' })).toEqual({ version: '2.0.1' });
	expect(archivedUntil(null)).toBe('Give one of the three at least.');
});

test('moments that people mean', () => {
	expect(untilMs('', '', NOON, 'utc')).toBeNull();
	expect(untilMs('tomorrow', '', NOON, 'utc')).toBe(Date.UTC(2026, 10, 26, 9));
	expect(untilMs('monday', '', NOON, 'utc')).toBe(Date.UTC(2026, 10, 30, 9));
	expect(untilMs('monday', '', Date.UTC(2026, 10, 30, 12), 'utc')).toBe(Date.UTC(2026, 11, 7, 9));
	expect(untilMs('at', '2026-12-01 08:00', NOON, 'utc')).toBe(Date.UTC(2026, 11, 1, 8));
});

test('what happened since it was seen is what is new', () => {
	const event = { id: 90, at_ms: NOON, user: 'bob', kind: 'note', text: '' } as const;
	const after = { ...golden, revision: golden.revision + 1, events: [...golden.events, event] };
	expect(since(golden, after)).toEqual([event]);
	const { events: _, ...row } = golden;
	expect(since(row, after)).toEqual([event]);
});

test('hosts are told apart by what leaks on them', () => {
	const at = (id: number, host: string, version: string) => ({ id, host: { id: host.length, name: host }, version: { id: 1, version } }) as Instance;
	const { leaking, clean } = hostsOf([at(1, 'a', '1.0'), at(2, 'a', '2.0'), at(3, 'bb', '1.0')], new Set([2]));
	expect(leaking).toEqual([{ id: 1, name: 'a', leaking: 1, all: 2, versions: ['1.0', '2.0'] }]);
	expect(clean.map((h) => h.name)).toEqual(['bb']);
});

test('a silence is prefilled from the alert and previewed', async () => {
	const preview = { alerts: [golden], services: 1, hosts: 1, instances: 2 };
	const sent = serve({ '/alerts/1': alert, '/series': series, '/silences/preview': preview, '/silences': { id: 1 } });
	const root = show(page());
	await says(root, golden.finding.summary);
	press('s');
	await says(root, 'Mutes 1 alert now; covers 1 service, 1 host, 2 instances.');
	expect(sent.map((s) => s.path)).toContain('/silences/preview?service=checkout&version=1.1.0&kind=leak');
	await send(root);
	await says(root, 'Say why: others will wonder.');
	await field(root, 'reason', 'load test');
	await send(root);
	await says(root, 'Silenced: service checkout, version 1.1.0');
	const body = sent.find((s) => s.path === '/silences')?.body as { starts_at_ms: number; ends_at_ms: number };
	expect(body).toMatchObject({ service: 'checkout', version: '1.1.0', host: '', kind: 'leak', weekly: false, reason: 'load test' });
	expect(body.ends_at_ms - body.starts_at_ms).toBe(8 * HOUR);
});

test('the server’s own answers are shown', async () => {
	const shown = async (answer: unknown, text: string) => {
		serve({ '/alerts/1': answer, '/series': series, '/alerts/1/hypotheses': hypotheses, [`/alerts/${(answer as Alert).id}/hypotheses`]: hypotheses });
		await says(show(page()), text);
	};
	await shown(verifying, 'Being verified 31 of 72 host-hours on 1.1.1 or later without the growth, on 4 hosts.');
	await shown(archived, 'Comes back when it grows faster than 100 MiB/h, or it leaks on more than 3 hosts');
	await shown(regressed, 'Regressed. It was to be fixed in 1.1.1');
	await shown(mergedAlert, `Alert ${mergedAlert.merged[0]}`);
	await shown(splitAlert, 'split off from another alert');
	await shown(alert, hypotheses.items[0]?.result.replace(/\s+/g, ' ') as string);
});
