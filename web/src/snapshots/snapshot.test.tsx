import { beforeEach, expect, test } from 'vitest';
import golden from '../../../schema/api/snapshot.json';
import jvm from '../../../schema/api/snapshot_jvm.json';
import list from '../../../schema/api/snapshots.json';
import shallow from '../../../schema/api/snapshot_shallow.json';
import type { HeapClass, HeapGrowth, HeapHolder, Snapshot } from '../api/types';
import { place } from '../app/router';
import { ada, button, never, problem, says, serve, show, textOf } from '../testing/page';
import { Toasts } from '../ui/toast';
import { folded } from './chain';
import { classRows } from './classes';
import { SnapshotPage } from './snapshot';
import { shares } from './statistics';

const whole = golden as Snapshot;
const complete = { ...golden, raw: { ...whole.raw, state: 'complete', bytes: 1_500_000, sha256: 'ab'.repeat(32), parts: 3, parts_here: 3 } };
const answers = { '/snapshots/2': golden, '/services/1/snapshots': list };
const view = { q: '', sort: '' } as const;

beforeEach(() => history.replaceState(null, '', '/snapshots/2'));

function page(v: Parameters<typeof SnapshotPage>[0]['view'] = view, id = 2) {
	return <><SnapshotPage id={id} view={v} /><Toasts /></>;
}

function rowsOf(root: Element): string[] {
	return [...root.querySelectorAll('[aria-label=Classes] tbody tr')].map(textOf);
}

test('the verdict comes first: sentence, chain from what grows to the root, share', async () => {
	serve(answers);
	const root = show(page());
	await says(root, 'hangs in error in {error} of MonitorQueue');
	expect(root.querySelector('section')?.textContent).toContain('What grows');
	const chain = [...root.querySelectorAll('.growth-part .chain li')].map(textOf);
	expect(chain).toEqual(['+9,900 Function lib/listener.js:11:42', 'in Array', 'error in {error} node_modules/events/events.js:12:9',
		'_events in MonitorQueue lib/queue.js:41:18', 'queue in Object', 'context in Function server.js:7:1', 'root']);
	expect(textOf(root)).toContain('96 %');
	expect(textOf(root)).toContain('Function.context.queue._events.error');
});

test('a holder explains no more than all of the growth', async () => {
	const growth = { ...golden.growth, explained_bytes: golden.growth.grown_bytes * 6 };
	serve({ ...answers, '/snapshots/2': { ...golden, growth } });
	const root = show(page());
	await says(root, 'Share of the growth100 %31.2 MiB of 31.2 MiB');
});

test('the head says when, where, how exact, by whose rules and at what cost', async () => {
	serve(answers);
	const root = show(page());
	await says(root, 'web-1 #2, version 1.1.0, process 4303');
	expect(textOf(root)).toContain('exact: every object and reference was read. Numbers as DevTools 1.0.1705227 shows them.');
	expect(textOf(root)).toContain('Pause it cost3.9 s');
});

test('classes are sorted by what they retain, and by the column that is chosen', async () => {
	serve(answers);
	const root = show(page());
	await says(root, '7 classes; 405 smaller ones were left out');
	expect(rowsOf(root)[0]).toContain('MonitorQueue');
	button(root, 'Count').click();
	expect(place.value).toMatchObject({ page: 'snapshot', view: { sort: 'count' } });
	const sorted = show(page({ q: '', sort: 'count' }));
	await says(sorted, '7 classes');
	expect(rowsOf(sorted)[0]).toContain('(string)61,200');
	expect(sorted.querySelector('th[aria-sort]')?.textContent).toContain('Count');
});

test('a search finds names and places', async () => {
	serve(answers);
	const root = show(page({ q: 'listener.js', sort: '' }));
	await says(root, '1 of 7 classes');
	expect(rowsOf(root)).toHaveLength(1);
	await says(show(page({ q: 'nothing', sort: '' })), 'No class matches.');
});

test('a thousand classes are shown part by part', async () => {
	const many = Array.from({ length: 1000 }, (_, i): HeapClass =>
		({ name: `C${i}`, location: null, count: 1, shallow_bytes: 1, retained_bytes: 5000 - i, distance: 1 }));
	serve({ ...answers, '/snapshots/2': { ...golden, classes: many, class_count: 1000 } });
	const root = show(page());
	await says(root, 'Show 250 more of 1,000');
	expect(rowsOf(root)).toHaveLength(50);
	button(root, 'Show 250 more').click();
	await says(root, 'C299');
	expect(rowsOf(root)).toHaveLength(300);
});

test('accumulators open to what holds them', async () => {
	serve(answers);
	const root = show(page());
	await says(root, 'Accumulators');
	expect(textOf(root.querySelector('[aria-label=Accumulators] tbody') as Element)).toContain('Function.context.queue._events.error');
	expect(root.querySelector('.why')).toBeNull();
	button(root, 'Held by').click();
	await says(root.querySelector('[aria-label=Accumulators]') as Element, '_events in MonitorQueue');
});

test('a shallow snapshot says why, and claims no retained sizes', async () => {
	serve({ '/snapshots/6': shallow, '/services/3/snapshots': { items: [] } });
	const root = show(page(view, 6));
	await says(root, 'references were not followed. The analysis needs 1.5 GiB; 512 MiB are free.');
	const heads = [...root.querySelectorAll('[aria-label=Classes] th[scope=col]')].map(textOf);
	expect(heads).toEqual(['Class', 'Count', 'Shallow↓']);
	expect(textOf(root)).not.toContain('Accumulators');
});

test('a Java histogram is served by the same page', async () => {
	serve({ '/snapshots/5': jvm, '/services/4/snapshots': { items: [] } });
	const root = show(page(view, 5));
	await says(root, 'class histogram: live objects by class');
	expect(textOf(root)).toContain('java.lang.String');
	expect(textOf(root)).not.toContain('What it consists of');
	expect(textOf(root)).toContain('two of the same process show what grows.');
});

test('two Java histograms are compared by class, and say nothing of holders', async () => {
	const growth: HeapGrowth = {
		verdict: 'class-growth', before: 3, before_at_ms: jvm.taken_at_ms - 3_600_000, before_total_bytes: 60 << 20,
		grown_bytes: 4 << 20, holder: null, explained_bytes: 0, words: 'The live objects grew by 4.0 MiB.',
		changes: [{ name: 'com.example.ledger.Entry', location: null, added: 98_000, removed: 0, added_bytes: 3_920_000, removed_bytes: 0 }],
	};
	serve({ '/snapshots/5': { ...jvm, growth }, '/services/4/snapshots': { items: [] } });
	const root = show(page(view, 5));
	await says(root, 'compared class by class');
	expect(textOf(root)).toContain('+98,000');
	expect(textOf(root)).not.toContain('What holds it');
});

test('the first snapshot of a process says how there would be a verdict', async () => {
	serve({ ...answers, '/snapshots/2': { ...golden, growth: null } });
	const root = show(page());
	await says(root, 'Take another one of this process after it has grown');
	expect(root.querySelector('.growth-part a')?.getAttribute('href')).toBe('/services/1/snapshots?take=3');
	const quiet = show(page(), { ...ada, role: 'viewer' });
	await says(quiet, 'Take another one of this process');
	expect(quiet.querySelector('.growth-part a')).toBeNull();
});

test('the raw file: asked for, pulled part by part, downloaded, deleted', async () => {
	const kept = { ...complete, raw: { ...complete.raw, state: 'kept', parts_here: 0 } };
	const pulling = { ...kept, raw: { ...kept.raw, state: 'pulling', parts_here: 1 } };
	const answer: Record<string, unknown> = { ...answers, '/snapshots/2': kept, '/snapshots/2/raw': () => {
		answer['/snapshots/2'] = pulling;
		return pulling;
	} };
	const sent = serve(answer);
	const root = show(page());
	await says(root, 'kept on web-1');
	button(root, 'Fetch it to the server').click();
	await says(root, '1 of 3 parts are here');
	expect(sent.find((s) => s.path === '/snapshots/2/raw')?.method).toBe('POST');
	serve({ ...answers, '/snapshots/2': complete });
	const ready = show(page());
	await says(ready, 'Its SHA-256 equals the host\'s:abab');
	expect(ready.querySelector('a[download]')?.getAttribute('href')).toBe('/api/v1/snapshots/2/raw');
	const dropped = { ...complete, raw: { ...complete.raw, state: 'dropped' } };
	const dropping = serve({ ...answers, '/snapshots/2': dropped, '/snapshots/2/raw': dropped });
	button(ready, 'Delete it').click();
	await says(ready, 'Delete the raw file?');
	button(ready.querySelector('dialog') as Element, 'Delete').click();
	await says(ready, 'The raw file is deleted');
	expect(dropping.find((s) => s.path === '/snapshots/2/raw')?.method).toBe('DELETE');
});

test('a raw file that was lost says why and can be fetched again', async () => {
	const lost = { ...complete, raw: { ...complete.raw, state: 'lost', parts_here: 0, text: 'part 3: is not what was stored' } };
	const sent = serve({ ...answers, '/snapshots/2': lost, '/snapshots/2/raw': lost });
	const root = show(page());
	await says(root, 'It could not be brought here, or not be kept. Part 3: is not what was stored.');
	expect(textOf(root)).not.toContain('The host no longer has it');
	button(root, 'Fetch it again').click();
	await says(root, 'The server fetches the file');
	expect(sent.find((s) => s.path === '/snapshots/2/raw')?.method).toBe('POST');
});

test('who is no administrator cannot touch the raw file', async () => {
	serve({ ...answers, '/snapshots/2': complete });
	const root = show(page(), { ...ada, role: 'operator' });
	await says(root, '1.43 MiB, whole');
	expect(root.querySelector('a[download]')).toBeNull();
	expect(textOf(root)).not.toContain('Delete it');
});

test('others to compare with are one click away', async () => {
	serve(answers);
	const root = show(page());
	await says(root, 'the same process, before');
	const links = [...root.querySelectorAll('.compare-with a')].map((a) => a.getAttribute('href'));
	expect(links).toEqual(['/snapshots/1...2', '/snapshots/4...2']);
});

test('loading is quiet, what is missing is said', async () => {
	serve({ '/snapshots/2': never });
	expect(show(page()).querySelector('[role=status]')).not.toBeNull();
	serve({ '/snapshots/2': () => problem(404, 'no snapshot has the id 2') });
	await says(show(page()), 'There is no such thing here');
});

test('of a long path the middle is folded, until somebody wants it', () => {
	const path = Array.from({ length: 20 }, (_, i) => ({ edge: `e${i}`, holder: { name: 'N', location: null } })) as HeapHolder['path'];
	const short = folded(path, false);
	expect(short).toHaveLength(9);
	expect(short[6]).toEqual({ left: 12 });
	expect(folded(path, true)).toEqual(path);
	expect(folded(path.slice(0, 10), false)).toHaveLength(10);
});

test('equal sizes are sorted the same way each time', () => {
	const same = ['b', 'a'].map((name): HeapClass => ({ name, location: null, count: 1, shallow_bytes: 2, retained_bytes: null, distance: null }));
	expect(classRows(same, '', 'name').map((c) => c.name)).toEqual(['a', 'b']);
	expect(classRows([{ ...(same[0] as HeapClass) }, { ...(same[1] as HeapClass), distance: 3 }], '', 'distance').map((c) => c.name))
		.toEqual(['a', 'b']);
});

test('the parts of the heap add up to the whole', () => {
	const parts = shares(whole.total_bytes, whole.statistics);
	expect(parts.reduce((sum, p) => sum + p.bytes, 0)).toBe(whole.total_bytes);
	expect(parts[0]?.name).toBe('Objects');
	const none = { native_bytes: 0, typed_array_bytes: 0, code_bytes: 0, js_array_bytes: 0, string_bytes: 0, system_bytes: 0 };
	expect(shares(100, none)).toEqual([]);
});
