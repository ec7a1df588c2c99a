import { expect, test, vi } from 'vitest';
import comparisonHeap from '../../../schema/api/comparison.json';
import golden from '../../../schema/api/compare.json';
import little from '../../../schema/api/compare_little.json';
import start from '../../../schema/api/compare_start.json';
import diff from '../../../schema/api/fingerprint_diff.json';
import metrics from '../../../schema/api/metrics.json';
import service from '../../../schema/api/service.json';
import instances from '../../../schema/api/service_instances.json';
import services from '../../../schema/api/services.json';
import snapshots from '../../../schema/api/snapshots.json';
import type { CompareAnswer, CompareSelection } from '../api/compare';
import { type CompareView, href } from '../app/address';
import { go, place } from '../app/router';
import { button, never, problem, says, serve, show, textOf } from '../testing/page';
import { ComparePage } from './compare';
import { ends, rangeOf, runs, stepsOf } from './plot';
import { between, csv, labelOf, rateWords, sentence } from './words';

const usual = golden as CompareAnswer;
const young = start as CompareAnswer;
const few = little as CompareAnswer;
const empty = { items: [] };

const answers = {
	'/compare': usual, '/metrics': metrics, '/services': services, '/services/1': service, '/services/1/instances': instances,
	'/services/3': { ...service, id: 3, name: 'mailer' }, '/services/3/instances': empty, '/services/1/fingerprints': empty, '/services/3/fingerprints': empty,
	'/services/1/snapshots': empty, '/services/3/snapshots': empty, '/fingerprints/diff': diff,
};
const view: CompareView = {
	selections: [{ service: 1, version: 1 }, { service: 1, version: 2 }], metric: 'rss_anon_kb', align: 'time', show: '',
	range: null, zoom: { from: 1795338000000, to: 1795341600000 },
};

function plain(text: string): string {
	return text.replaceAll('\u00a0', ' ');
}

test('the answer comes first, then the figures', async () => {
	const sent = serve(answers);
	const page = show(<ComparePage view={view} />);
	await says(page, 'checkout 1.1.0 grows 59.8 MiB/h faster (56.3 – 63.3 MiB/h) than checkout 1.0.0: 1 host against 1.');
	expect(textOf(page)).toContain('Fewer than four hosts on a side');
	expect(textOf(page)).toContain('Compare them by age');
	const asked = sent.find((s) => s.path.startsWith('/compare'))?.path;
	expect(asked).toContain('/compare?a=service:1,version:1&b=service:1,version:2&metric=rss_anon_kb&align=time&from=');
	expect(asked).toContain('&points=120');
	expect(page.querySelector('.compare-table thead')?.textContent).toContain('checkout 1.1.0');
	expect(page.querySelectorAll('.band-stage')).toHaveLength(1);
	expect(page.querySelectorAll('polyline.median').length).toBeGreaterThan(1);
});

test('the gap that nothing was read in is no line', () => {
	expect(runs([1, null, 2, 3, null])).toEqual([[0, 1], [2, 4]]);
	expect(runs([])).toEqual([]);
	const [low, high] = rangeOf(usual.selections, 'KiB');
	expect(low).toBeLessThanOrEqual(57_000);
	expect(high).toBeGreaterThan(85_000);
	// Ages end where the oldest that was seen ended.
	expect(stepsOf(young)).toBeLessThan(young.selections[0]?.median.length as number);
	expect(stepsOf(usual)).toBe(20);
});

test('letters at the ends of lines do not cover each other', () => {
	const [a] = usual.selections as [CompareSelection];
	const lines = [0, 1, 2].map((colour) => ({ of: a, colour }));
	const found = ends(lines, [0, 100_000], 20);
	expect(found.map((e) => e.colour)).toEqual([0, 1, 2]);
	expect(found[1]?.bottom).toBeCloseTo((found[0]?.bottom ?? 0) + 7);
	expect(found[2]?.bottom).toBeCloseTo((found[0]?.bottom ?? 0) + 14);
	expect(ends([{ of: { ...a, median: [null] }, colour: 0 }], [0, 1], 20)).toEqual([]);
});

test('side by side there is a chart for each, and the address says so', async () => {
	serve(answers);
	const page = show(<ComparePage view={{ ...view, show: 'apart' }} />);
	await says(page, 'grows 59.8');
	expect(page.querySelectorAll('.band-stage')).toHaveLength(2);
	go(href.compare(view));
	button(page, 'Age').click();
	expect(place.value).toMatchObject({ page: 'compare', view: { align: 'start' } });
});

test('the crosshair says each value, and the keyboard moves it', async () => {
	serve(answers);
	const page = show(<ComparePage view={view} />);
	await says(page, 'grows 59.8');
	const stage = page.querySelector('.band-stage') as HTMLElement;
	stage.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
	await vi.waitFor(() => expect(page.querySelector('.readout')).not.toBeNull());
	expect(plain(stage.getAttribute('aria-valuetext') ?? '')).toContain('checkout 1.1.0, 09:58: 84');
	stage.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true }));
	await vi.waitFor(() => expect(stage.getAttribute('aria-valuenow')).toBe('0'));
	stage.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
	await vi.waitFor(() => expect(page.querySelector('.readout')).toBeNull());
});

test('too little is said to be', async () => {
	serve({ ...answers, '/compare': few });
	const page = show(<ComparePage view={{ ...view, selections: [{ service: 1 }, { service: 3 }], metric: 'cpu_ratio' }} />);
	await says(page, 'Too little to tell: 21 min of node /srv/mailer/worker.js show no slope yet.');
	expect(textOf(page)).toContain('Too little to tell: postgresql on web-2 did not run within the span.');
	expect(textOf(page)).toContain('What one of them consists of is not known.');
});

test('what they consist of and hold stands below', async () => {
	const mine = { ...snapshots.items[0], version: { id: 2, version: '1.1.0' }, id: 2 };
	const other = { ...snapshots.items[0], version: { id: 1, version: '1.0.0' }, id: 1 };
	const sent = serve({ ...answers, '/services/1/snapshots': { items: [mine, other] }, '/snapshots/2/compare': comparisonHeap });
	const page = show(<ComparePage view={view} />);
	await says(page, '@pm2/io');
	await says(page, 'All that differs');
	expect(sent.some((s) => s.path === '/fingerprints/diff?from=1&to=2')).toBe(true);
	expect(sent.some((s) => s.path.startsWith('/snapshots/2/compare?with=1'))).toBe(true);
	expect(page.querySelector(`a[href="${href.comparison(1, 2)}"]`) ?? page.querySelector('.heap-table')).not.toBeNull();
});

test('contents that nobody read are not said to be the same', async () => {
	const unread = { ...diff, changed: [], added: [], removed: [], from: { ...diff.from, is_known: false } };
	serve({ ...answers, '/fingerprints/diff': unread });
	const page = show(<ComparePage view={view} />);
	await says(page, 'What one of them consists of is not known.');
	expect(textOf(page)).not.toContain('are the same');
});

test('versions that no longer run can be chosen', async () => {
	serve({ ...answers, '/services/1/fingerprints': { items: [{ id: 9, version: '0.9.0', label: '0.9.0 · deps 3f2a91' }] } });
	const page = show(<ComparePage view={{ ...view, selections: [{ service: 1, version: 9 }, { service: 1, version: 2 }] }} />);
	await says(page, '0.9.0 · deps 3f2a91');
	expect(textOf(page)).not.toContain('#9');
});

test('without a snapshot the way to one is shown', async () => {
	serve(answers);
	const page = show(<ComparePage view={view} />);
	await says(page, 'There is no heap snapshot of it. Take one');
	expect(page.querySelector(`a[href="${href.snapshots(1, { take: 'choose' })}"]`)).not.toBeNull();
});

test('with one selection the second is suggested', async () => {
	serve(answers);
	const page = show(<ComparePage view={{ ...view, selections: [{ service: 1, version: 1 }] }} />);
	await says(page, 'in 1.1.0');
	go('/');
	button(page, 'a week before').click();
	expect(place.value).toMatchObject({ view: { selections: [{ service: 1, version: 1, offset: 0 }, { service: 1, version: 1, offset: 604_800_000 }] } });
	button(page, 'in 1.1.0').click();
	expect(place.value).toMatchObject({ view: { selections: [{ version: 1 }, { version: 2 }] } });
});

test('selections are added, put first and taken away', async () => {
	serve(answers);
	const page = show(<ComparePage view={view} />);
	await says(page, 'Add a selection');
	go('/');
	button(page, 'Add a selection').click();
	expect(place.value).toMatchObject({ view: { selections: [{ version: 1 }, { version: 2 }, { version: 1, offset: 86_400_000 }] } });
	button(page, 'Put first').click();
	expect(place.value).toMatchObject({ view: { selections: [{ version: 2 }, { version: 1 }] } });
	button(page, 'Take away').click();
	expect(place.value).toMatchObject({ view: { selections: [{ version: 1 }] } });
});

test('nothing chosen, loading and refusal are states of their own', async () => {
	serve({ ...answers, '/compare': never });
	await says(show(<ComparePage view={{ ...view, selections: [] }} />), 'Choose what to compare');
	expect(show(<ComparePage view={view} />).querySelector('.skeleton')).not.toBeNull();
	serve({ ...answers, '/compare': problem(404, 'b: no version of the service has the id 99') });
	await says(show(<ComparePage view={view} />), 'b: no version of the service has the id 99');
});

test('names are text and are cut where there is no room', async () => {
	const name = `<img src=x onerror=alert(1)>${'ą́🙂'.repeat(3000)}\u202egnp`;
	const hostile = structuredClone(usual);
	for (const s of hostile.selections) s.service.name = name;
	serve({ ...answers, '/compare': hostile });
	const page = show(<ComparePage view={view} />);
	await says(page, 'grows 59.8');
	expect(page.querySelector('img')).toBeNull();
	expect(page.querySelector('.compare-table thead th')?.getAttribute('title')).toContain('onerror');
});

test('selections are named by what was chosen', () => {
	const s = usual.selections[0] as CompareSelection;
	expect(labelOf(s)).toBe('checkout 1.0.0');
	expect(labelOf({ ...s, version: null, host: { id: 1, name: 'web-1' }, offset_ms: 604_800_000 })).toBe('checkout on web-1 (a week before)');
	expect(labelOf({ ...s, version: { id: 1, version: '' }, instance: { id: 3, host: 'web-1', ordinal: 2 }, offset_ms: 86_400_000 }))
		.toBe('checkout unknown version on web-1 #2 (a day before)');
});

test('what does not differ says what would have been seen', () => {
	const [a, b] = young.selections as [CompareSelection, CompareSelection];
	const d = young.differences[0] as CompareAnswer['differences'][0];
	expect(plain(sentence(d, a, b, 'KiB'))).toMatch(/^No difference that 1 h, and 1 host against 1, could show: below [\d.]+ MiB\/h a leak would not be seen\.$/);
	// The first may be the one that grows.
	const slower = { ...d, verdict: 'slower' as const, growth: { value: -2048, low: -3072, high: -1024 } };
	expect(plain(sentence(slower, a, b, 'KiB'))).toContain('checkout 1.1.0 on web-1 #2 grows 2 MiB/h faster (1 – 3 MiB/h) than checkout 1.1.0 on web-1 #3');
});

test('figures side by side are by the hour', () => {
	expect(plain(rateWords({ value: 12, low: -3, high: 27 }, 'KiB').figure)).toBe('+12 KiB/h');
	expect(plain(between(-3, 2048, 'KiB'))).toBe('−3 KiB – 2 MiB');
	expect(plain(between(0.2, 0.5, 'cores'))).toBe('0.20 – 0.50 cores');
});

test('a spreadsheet gets the columns, and no formulas', () => {
	const rows = csv(usual).split('\r\n');
	expect(rows).toHaveLength(21);
	expect(rows[0]).toBe('at_ms,a checkout 1.0.0: n,a checkout 1.0.0: median,a checkout 1.0.0: p10,a checkout 1.0.0: p90,'
		+ 'b checkout 1.1.0: n,b checkout 1.1.0: median,b checkout 1.1.0: p10,b checkout 1.1.0: p90');
	expect(rows[1]).toBe('1795338000000,4,57504,57427.2,57580.8,2,58588,58562.4,58613.6');
	expect(rows[6]).toBe('1795338900000,0,,,,0,,,');
	const evil = structuredClone(usual);
	(evil.selections[0] as CompareSelection).service.name = 'a,"b"\n=1';
	expect(csv(evil).split('\r\n')[0]).toContain('"a a,""b""\n=1 1.0.0: n"');
});
