import { beforeEach, expect, test, vi } from 'vitest';
import instances from '../../../schema/api/service_instances.json';
import aged from '../../../schema/api/series_age.json';
import bands from '../../../schema/api/bands.json';
import findings from '../../../schema/api/findings.json';
import silent from '../../../schema/api/instance_silent.json';
import memory from '../../../schema/api/memory.json';
import metrics from '../../../schema/api/metrics.json';
import series from '../../../schema/api/series.json';
import service from '../../../schema/api/service.json';
import { parse } from '../app/address';
import { place } from '../app/router';
import { button, never, problem, says, serve, show, textOf } from '../testing/page';
import { choices } from './metrics';
import { ServicePage } from './service';
import { leaksOn } from './versions';

const answers = {
	'/services/1': service, '/services/1/instances': instances, '/metrics': metrics, '/series': series,
	'/findings': findings };

function view(address = '/services/1') {
	const url = new URL(address, 'http://console');
	const at = parse(url.pathname, url.search);
	if (at.page !== 'service') throw new Error(address);
	return at.view;
}

beforeEach(() => history.replaceState(null, '', '/services/1'));

test('the verdict, the contrast between versions and the instances are in words', async () => {
	serve(answers);
	const root = show(<ServicePage id={1} view={view()} />);
	await says(root, 'checkout 1.1.0 leaks: 2 of 2 instances grow by 60 MiB per hour');
	await says(root, '2 of 2 instances');
	await says(root, '0 of 2 instances');
	await says(root, 'Version 1.0.0 of the same service is flat under the same load');
	await says(root, 'Only one host runs this version');
	expect(root.querySelector('.alert-links a')?.getAttribute('href')).toBe('/alerts/1');
	const rows = '[aria-label="Instances"] tbody tr';
	await vi.waitFor(() => expect(root.querySelectorAll(rows)).toHaveLength(instances.items.length));
	expect(textOf(root.querySelector(rows) as Element)).toContain('leaks');
});

test('what was found stands on top: the cause, how sure, since when, and the alert', async () => {
	const [first] = findings.items;
	const watched = { ...first, id: 7, kind: 'native', level: 'watch', cause: 'node 20.11.1' };
	const sent = serve({ ...answers, '/findings': { items: [watched, first] } });
	const root = show(<ServicePage id={1} view={view()} />);
	await says(root, 'Leaks with version 1.1.0: 2 of 2 instances on 1 host; without: 0 of 2.');
	const items = [...root.querySelectorAll('.findings li')];
	expect(items.map((i) => i.className)).toEqual(['l-confirmed', 'l-watch']);
	expect(textOf(items[1] as Element)).toContain('May grow outside the heap with node 20.11.1');
	expect(items[0]?.querySelector('a')?.getAttribute('href')).toBe('/alerts/1');
	expect(items[1]?.querySelector('a')).toBeNull();
	expect(sent.map((s) => s.path)).toContain('/findings?service=1&active=true');
});

test('an instance of which no data comes is not said to have ended', async () => {
	serve({ ...answers, '/services/1/instances': { items: [silent] } });
	const root = show(<ServicePage id={1} view={view()} />);
	await says(root, 'no data, last');
	const row = root.querySelector('[aria-label="Instances"] tbody tr') as Element;
	expect(textOf(row)).not.toContain('ended');
	expect(row.className).toBe('');
});

test('both charts ask for the span and metric of the address', async () => {
	const sent = serve(answers);
	const address = '/services/1?metric=fds&from=1795338000000&to=1795341600000';
	const root = show(<ServicePage id={1} view={view(address)} />);
	await says(root, 'Figures');
	const asked = sent.map((s) => s.path).filter((p) => p.startsWith('/series'));
	expect(asked).toContain('/series?service=1&metric=fds&from=1795338000000&to=1795341600000&points=360');
	expect(asked).toContain('/series?service=1&metric=cpu_ratio&from=1795338000000&to=1795341600000&points=360');
});

test('a chart is also a slider that speaks, and a table of figures', async () => {
	serve(answers);
	const root = show(<ServicePage id={1} view={view()} />);
	await says(root, 'Figures');
	const slider = root.querySelector('[role=slider]') as HTMLElement;
	expect(slider.tabIndex).toBe(0);
	expect(slider.getAttribute('aria-valuetext')).toContain('web-1 #');
	expect(slider.getAttribute('aria-valuetext')).toContain('MiB');
	expect(root.querySelectorAll('.figure-table tbody tr')).toHaveLength(0);
	(root.querySelector('.figure-table summary') as HTMLElement).click();
	await says(root, 'Highest');
	expect(root.querySelectorAll('.figure-table tbody tr').length).toBeGreaterThanOrEqual(series.series.length);
});

test('a version can be taken off the charts, in the address', async () => {
	serve(answers);
	const root = show(<ServicePage id={1} view={view()} />);
	await vi.waitFor(() => expect(root.querySelector('.legend button')).not.toBeNull());
	(root.querySelector('.legend button') as HTMLButtonElement).click();
	expect(location.search).toBe('?hide=2');
	expect(place.value).toMatchObject({ page: 'service', view: { hide: [2] } });
});

test('ranges and metrics change the address', async () => {
	serve(answers);
	const root = show(<ServicePage id={1} view={view()} />);
	await says(root, 'Figures');
	button(root, '24 h').click();
	expect(location.search).toBe('?range=24h');
	const select = root.querySelector('select') as HTMLSelectElement;
	select.value = 'rss_kb';
	select.dispatchEvent(new Event('change', { bubbles: true }));
	expect(location.search).toContain('metric=rss_kb');
});

test('a chart that fails leaves the rest of the page standing', async () => {
	serve({ ...answers, '/series': () => problem(400, 'Too many instances for one chart.') });
	const root = show(<ServicePage id={1} view={view()} />);
	await says(root, 'Too many instances for one chart.');
	await says(root, 'Only one host runs this version');
});

test('a service that does not exist is said not to', async () => {
	serve({ '/services/9': () => problem(404, 'no service has the id 9') });
	const root = show(<ServicePage id={9} view={view()} />);
	await says(root, 'There is no such thing here');
	expect(textOf(root)).toContain('no service has the id 9');
});

test('loading keeps the page quiet', () => {
	serve({ '/services/1': never });
	const root = show(<ServicePage id={1} view={view()} />);
	expect(root.querySelector('[role=status]')).not.toBeNull();
});

test('the choice of metrics begins with what matters most', () => {
	const offered = choices(metrics.items as Parameters<typeof choices>[0]);
	expect(offered.slice(0, 3).map((c) => c.name)).toEqual(['rss_anon_kb', 'rss_kb', 'heap_used_kb']);
	expect(offered.some((c) => c.name === 'cpu_ms')).toBe(false);
	expect(offered.every((c) => c.help !== '')).toBe(true);
});

test('of many instances there are bands, and the outliers among the worst', async () => {
	const sent = serve({ ...answers, '/services/1': { ...service, instances: 200 }, '/services/1/bands': bands });
	const root = show(<ServicePage id={1} view={view()} />);
	await says(root, '10th to 90th percentile');
	await vi.waitFor(() => expect(sent.some((s) => s.path.startsWith('/series?instance='))).toBe(true));
	const asked = sent.map((s) => s.path);
	expect(asked.some((p) => p.startsWith('/services/1/bands?metric=rss_anon_kb'))).toBe(true);
	expect(asked).toContain('/services/1/instances?sort=worst&limit=24');
	expect(asked.some((p) => p.startsWith('/series?service='))).toBe(false);
});

test('by age and as growth, as the address says', async () => {
	const sent = serve({ ...answers, '/series': aged });
	const root = show(<ServicePage id={1} view={view('/services/1?align=start&growth=1&range=6h&ages=600000-1200000')} />);
	await says(root, 'Figures');
	const asked = sent.map((s) => s.path).find((p) => p.includes('metric=rss_anon_kb')) ?? '';
	expect(asked).toContain('align=start&age_from=600000&age_to=1200000');
	expect(asked).toContain('delta=true');
	expect(textOf(root)).toContain('10 min to 20 min after the start');
	expect(root.querySelector('[role=slider]')?.getAttribute('aria-valuetext')).toContain('after its start');
	button(root, 'Since process start').click();
	expect(location.search).toBe('?range=6h&growth=1');
});

test('memory kind by kind, of all or of one', async () => {
	const sent = serve({ ...answers, '/services/1/memory': memory });
	const root = show(<ServicePage id={1} view={view('/services/1?as=kinds')} />);
	await says(root, 'mean of 3 instances');
	expect([...root.querySelectorAll('.flow-key .key')].map(textOf).at(-1)).toContain('Heap used');
	const [, of] = [...root.querySelectorAll('.charts select option')] as HTMLOptionElement[];
	const select = of?.closest('select') as HTMLSelectElement;
	select.value = of?.value ?? '';
	select.dispatchEvent(new Event('change', { bubbles: true }));
	expect(location.search).toBe(`?as=kinds&of=${of?.value}`);
	expect(sent.some((s) => s.path.startsWith('/services/1/memory?from='))).toBe(true);
});

test('each instance by itself, the worst first, on one scale', async () => {
	serve(answers);
	const root = show(<ServicePage id={1} view={view('/services/1?as=hosts')} />);
	await vi.waitFor(() => expect(root.querySelectorAll('.multiple')).toHaveLength(instances.items.length));
	await says(root, 'All from 52.5 MiB to 89.6 MiB.');
	expect(root.querySelector('.multiple')?.getAttribute('href')).toContain('as=kinds&of=');
	expect(root.querySelectorAll('.multiple path').length).toBeGreaterThan(0);
});

test('marks of a kind can be taken off the charts', async () => {
	serve(answers);
	const root = show(<ServicePage id={1} view={view()} />);
	await vi.waitFor(() => expect(root.querySelector('.legend.marks button')).not.toBeNull());
	button(root, 'restarts').click();
	expect(location.search).toBe('?unmarked=restart');
});

test('one instance is not two', () => {
	expect(leaksOn({ instances: 1, instances_leaking: 0 })).toBe('leaks on 0 of 1 instance');
	expect(leaksOn({ instances: 2, instances_leaking: 2 })).toBe('leaks on 2 of 2 instances');
});
