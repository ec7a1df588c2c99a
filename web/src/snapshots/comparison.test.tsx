import { beforeEach, expect, test, vi } from 'vitest';
import golden from '../../../schema/api/comparison.json';
import versions from '../../../schema/api/comparison_versions.json';
import list from '../../../schema/api/snapshots.json';
import type { Comparison, ComparisonRow } from '../api/types';
import { type ComparisonView, parse } from '../app/address';
import { place } from '../app/router';
import { button, problem, says, serve, show, textOf } from '../testing/page';
import { scope } from './arithmetic';
import { changeRows } from './changes';
import { ComparisonPage, compared } from './comparison';
import { signedBytes } from './words';

const same = golden as Comparison;
const view: ComparisonView = { q: '', sort: '', show: '', engine: false };
const answers = { '/snapshots/2/compare': golden, '/services/1/snapshots': list };

beforeEach(() => {
	vi.stubGlobal('scrollTo', () => {});
	history.replaceState(null, '', '/snapshots/1...2');
	place.value = parse(location.pathname, location.search);
});

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

function page(v: ComparisonView = view) {
	return <ComparisonPage before={1} after={2} view={v} />;
}

function rowsOf(root: Element): string[] {
	return [...root.querySelectorAll('[aria-label=Classes] tbody tr')].map(textOf);
}

test('one process: verdict, then classes with before, after and difference', async () => {
	const sent = serve(answers);
	const root = show(page());
	await says(root, 'The same process, 15 min apart. The objects themselves were compared as well.');
	expect(sent[0]?.path).toBe('/snapshots/2/compare?with=1&limit=1000');
	await says(root, 'hangs in error in {error} of MonitorQueue');
	const listener = rowsOf(root).find((r) => r.includes('lib/listener.js:11:42')) as string;
	const found = same.rows.find((r) => r.location === 'lib/listener.js:11:42') as ComparisonRow;
	for (const part of ['+9,900', '3,300 → 13,200', plain(signedBytes(found.retained_delta_bytes as number)), '+1', '+39,600'])
		expect(listener).toContain(part);
});

test('what grew is held against the requests in between', async () => {
	serve(answers);
	const root = show(page());
	await says(root, '3 classes (3.0 MiB) keep objects of work that is over.');
	const items = [...root.querySelectorAll('.matches li')].map((li) => plain(textOf(li)));
	expect(items).toHaveLength(3);
	expect(items[1]).toContain('+9,900');
	expect(items[1]).toContain('one for each of 9,900 requests');
	expect(scope({ grown_classes: 3, unexplained_classes: 1, requests: 9900 }))
		.toBe('3 classes grew in 9,900 requests; 1 of them goes with no count.');
	serve({ ...answers, '/snapshots/2/compare': { ...golden, arithmetic: { ...golden.arithmetic, grown_classes: 0, matches: [] } } });
	const none = show(page());
	await says(none, 'The same process');
	expect(textOf(none)).not.toContain('Against the requests');
});

test('two versions are matched by name and place, and what is new says so', async () => {
	serve({ ...answers, '/snapshots/2/compare': versions });
	const root = show(page());
	await says(root, 'Two versions: classes are matched by name and by where they are written.');
	const queue = rowsOf(root).find((r) => r.includes('MonitorQueue'));
	expect(queue).toContain('new');
	expect(textOf(root)).not.toContain('What grows');
	expect(textOf(root)).not.toContain('Against the requests');
});

function row(name: string, delta: number): ComparisonRow {
	const side = { count: 5, shallow_bytes: 10, retained_bytes: 10 };
	return { name, location: null, before: side, after: side, count_delta: delta, shallow_delta_bytes: delta * 8,
		retained_delta_bytes: delta * 8, count_per_request: null, count_per_hour: null };
}

test('what has not changed and what is the engine\'s own is hidden, until it is wanted', () => {
	const rows = [row('Same', 0), row('Shrank', -4), row('Grew', 9), row('(compiled code)', 50)];
	const names = (v: Partial<ComparisonView>) => changeRows(rows, { ...view, ...v }, 'retained').map((r) => r.name);
	expect(names({})).toEqual(['Grew', 'Shrank']);
	expect(names({ show: 'grown' })).toEqual(['Grew']);
	expect(names({ show: 'all' })).toEqual(['Grew', 'Same', 'Shrank']);
	expect(names({ engine: true })).toEqual(['(compiled code)', 'Grew', 'Shrank']);
	expect(names({ q: 'shr' })).toEqual(['Shrank']);
});

test('a class that one side only cut off is neither new nor gone', async () => {
	const side = { count: 5, shallow_bytes: 10, retained_bytes: 10 };
	const unknown = { count_delta: null, shallow_delta_bytes: null, retained_delta_bytes: null };
	const rows = [{ ...row('Newcomer', 9), ...unknown, before: null, after: side }, { ...row('Leaver', -9), ...unknown, before: side, after: null }];
	serve({ ...answers, '/snapshots/2/compare': { ...golden, rows, before_is_cut: true, after_is_cut: true } });
	const cut = show(page());
	await says(cut, 'Newcomer');
	expect(rowsOf(cut)[0]).toContain('not among the largest before');
	expect(rowsOf(cut)[0]).toContain('? → 5');
	expect(rowsOf(cut)[1]).toContain('not among the largest after');
	expect(rowsOf(cut)[1]).toContain('5 → ?');
	expect(rowsOf(cut).join()).not.toMatch(/new|gone/);
	expect(changeRows(rows as ComparisonRow[], { ...view, show: 'grown' }, 'retained').map((r) => r.name)).toEqual(['Newcomer']);
	serve({ ...answers, '/snapshots/2/compare': { ...golden, before_is_cut: false, after_is_cut: false,
		rows: [{ ...row('Newcomer', 5), before: null, after: side }, { ...row('Leaver', -5), before: side, after: null }] } });
	const whole = show(page());
	await says(whole, 'Newcomer');
	expect(rowsOf(whole).map((r) => /new|gone/.exec(r)?.[0])).toEqual(['new', 'gone']);
});

test('of two processes a rate says what it is', async () => {
	serve({ ...answers, '/snapshots/2/compare': versions });
	const root = show(page());
	await says(root, 'MonitorQueue');
	const heads = [...root.querySelectorAll('[aria-label=Classes] th[scope=col]')].map(textOf);
	expect(heads).toContain('Count ÷ requests');
	expect(heads).toContain('Count ÷ uptime');
});

test('filters and columns live in the address', async () => {
	serve(answers);
	const root = show(page());
	await says(root, 'lib/listener.js:11:42');
	button(root, 'Grown').click();
	expect(location.search).toBe('?show=grown');
	expect(place.value).toMatchObject({ page: 'comparison', before: 1, id: 2, view: { show: 'grown' } });
	button(root, 'Per hour').click();
	expect(location.search).toContain('sort=hour');
	(root.querySelector('.changes-tools input[type=checkbox]') as HTMLInputElement).click();
	expect(location.search).toContain('engine=1');
});

test('either side can be another snapshot, and the two swapped', async () => {
	serve(answers);
	const root = show(page());
	await vi.waitFor(() => expect(root.querySelectorAll('.picker')[0]?.querySelectorAll('option').length).toBe(3));
	const select = root.querySelectorAll('.picker select')[0] as HTMLSelectElement;
	select.value = '3';
	select.dispatchEvent(new Event('change', { bubbles: true }));
	expect(location.pathname).toBe('/snapshots/3...2');
	(root.querySelector('[aria-label="Swap before and after"]') as HTMLButtonElement).click();
	expect(location.pathname).toBe('/snapshots/2...1');
});

test('without retained sizes the own sizes are compared', async () => {
	const plain = { ...golden, growth: null, before: { ...golden.before, kind: 'jvm' }, after: { ...golden.after, kind: 'jvm' },
		rows: golden.rows.map((r) => ({ ...r, retained_delta_bytes: null, count_per_request: null })) };
	serve({ ...answers, '/snapshots/2/compare': plain });
	const root = show(page());
	await says(root, 'lib/listener.js:11:42');
	const heads = [...root.querySelectorAll('[aria-label=Classes] th[scope=col]')].map(textOf);
	expect(heads).toEqual(['Class', 'Count', 'Shallow↓', 'Per hour']);
});

test('the sentence names what differs', () => {
	const other = { ...same.after, host: { id: 9, name: 'web-9' }, version: same.before.version };
	expect(compared({ ...same, same_process: false, growth: null, after: other })).toContain('Two hosts');
	expect(compared({ ...same, growth: null })).toContain('Compared class by class');
	const two = { ...same, same_process: false, growth: null };
	expect(compared({ ...two, before: { ...same.before, kind: 'jvm' } })).toContain('of two runtimes');
	expect(compared({ ...two, before: { ...same.before, kind: 'v8-shallow' } })).toContain('One of them is shallow');
	expect(compared({ ...two, before: { ...same.before, kind: 'v8-shallow' }, after: { ...same.after, kind: 'v8-shallow' } }))
		.not.toContain('One of them');
});

test('a failure is told', async () => {
	serve({ ...answers, '/snapshots/2/compare': () => problem(404, 'no snapshot has the id 1') });
	await says(show(page()), 'no snapshot has the id 1');
});
