import { act } from 'preact/test-utils';
import { expect, test, vi } from 'vitest';
import series from '../../../schema/api/host_series.json';
import host from '../../../schema/api/host.json';
import instances from '../../../schema/api/host_instances.json';
import hosts from '../../../schema/api/hosts.json';
import services from '../../../schema/api/services.json';
import type { HostMap } from '../api/fleet';
import { ada, button, problem, says, serve, show, textOf } from '../testing/page';
import { looks, sections } from './colours';
import { HostPage } from './host';
import { HostMapPage } from './map';
import { readLabels } from './typed';

const map = hosts as HostMap;
const plain = { q: '', colour: 'state', group: '', service: null } as const;
const everyone = [0, 1];

function wide(count: number): HostMap {
	const all = <T,>(of: (i: number) => T) => Array.from({ length: count }, (_, i) => of(i));
	return { ...map, hosts: { id: all((i) => i + 1), name: all((i) => `node-${i}`), verdict: all(() => 2), agent: all(() => 0), version: all(() => 0),
		instances: all(() => 20), open_alerts: all(() => 0), memory_permille: all((i) => i) }, labels: [] };
}

test('each colour has a legend that counts every host once, with a word and a shape or mark', () => {
	for (const colour of ['state', 'version', 'agent', 'memory'] as const) {
		const { legend, of } = looks(map, colour, everyone);
		expect(of).toHaveLength(2);
		expect(legend.reduce((sum, l) => sum + l.count, 0)).toBe(2);
		expect(new Set(legend.map((l) => l.class + l.mark)).size).toBe(legend.length);
		for (const l of legend) expect(l.words).not.toBe('');
	}
});

test('a host that does not report has no state, whatever was said of it last', () => {
	const { legend, of } = looks(map, 'state', everyone);
	expect(of.map((i) => legend[i]?.words)).toEqual(['leaks', 'no data']);
});

test('the most frequent versions have letters, the others are others', () => {
	const many = { ...wide(20), versions: Array.from({ length: 9 }, (_, i) => ({ id: i, version: `1.${i}` })) };
	many.hosts.version = many.hosts.id.map((i) => (i < 10 ? 8 : i % 9));
	const { legend, of } = looks(many, 'version', many.hosts.id.map((_, i) => i));
	expect(legend[0]).toMatchObject({ mark: 'A', words: '1.8' });
	expect(legend[of[0] ?? 0]?.mark).toBe('A');
	expect(legend.find((l) => l.mark === '+')?.count).toBeGreaterThan(0);
});

test('hosts stand by the value of a label, those without it last', () => {
	expect(sections(map, 'zone', everyone)).toEqual([{ name: 'eu-1', hosts: [0] }, { name: '', hosts: [1] }]);
	expect(sections(map, '', everyone)).toEqual([{ name: '', hosts: everyone }]);
});

test('the map: names, a legend, groups, and one square in the order of Tab', async () => {
	serve({ '/hosts': hosts });
	const root = show(<HostMapPage view={{ ...plain, group: 'env' }} />);
	await says(root, '2 hosts');
	await says(root, 'production');
	const cells = [...root.querySelectorAll<HTMLAnchorElement>('.host-map a')];
	expect(cells.map((c) => c.getAttribute('aria-label'))).toEqual(['web-1: leaks, 6 instances, 1 alert', 'web-2: no data, 0 instances']);
	await vi.waitFor(() => expect(cells.map((c) => c.getAttribute('tabindex'))).toEqual(['0', '-1']));
	expect(cells[0]?.getAttribute('href')).toBe('/hosts/1');
	expect(textOf(root.querySelector('.legend-list') as Element)).toContain('no data 1');
});

test('arrows walk among the squares, up and down to the nearest', async () => {
	serve({ '/hosts': wide(12) });
	// Five in a row.
	vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function (this: Element) {
		const i = [...document.querySelectorAll('.host-map a')].indexOf(this);
		return { top: Math.floor(i / 5) * 20, left: (i % 5) * 20, height: 18 } as DOMRect;
	});
	const root = show(<HostMapPage view={plain} />);
	await says(root, '12 hosts');
	const cells = [...root.querySelectorAll<HTMLElement>('.host-map a')];
	const press = (key: string) => {
		document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
		return cells.indexOf(document.activeElement as HTMLElement);
	};
	cells[0]?.focus();
	expect(press('ArrowRight')).toBe(1);
	expect(press('ArrowDown')).toBe(6);
	expect(press('ArrowDown')).toBe(11);
	expect(press('ArrowDown')).toBe(11);
	expect(press('ArrowUp')).toBe(6);
	expect(press('End')).toBe(11);
	expect(press('Home')).toBe(0);
	expect(root.querySelectorAll('.host-map a[tabindex="0"]')).toHaveLength(1);
	vi.restoreAllMocks();
});

test('the map of one service asks for that', async () => {
	const sent = serve({ '/hosts': hosts, '/services': services });
	const root = show(<HostMapPage view={{ ...plain, colour: 'version', service: 1 }} />);
	await says(root, 'Of the service');
	expect(sent.map((s) => s.path)).toContain('/hosts?service=1');
});

test('a filter that leaves none says so', async () => {
	serve({ '/hosts': hosts });
	const root = show(<HostMapPage view={{ ...plain, q: 'nope' }} />);
	await says(root, 'No host matches');
});

const answers = { '/hosts/1': host, '/hosts/1/instances': instances, '/hosts/1/series': series };
const span = { range: null, zoom: null };

test('a host: its labels, its agent, its alerts and what runs there', async () => {
	serve(answers);
	const root = show(<HostPage id={1} view={span} />);
	await says(root, 'web-1');
	await says(root, 'env=production');
	await says(root, 'checkout 1.1.0 leaks');
	await says(root, 'What runs here');
	await vi.waitFor(() => expect(root.querySelector('.host-instances .row-link')?.getAttribute('href')).toMatch(/^\/services\//));
	expect(textOf(root)).toContain('8.11 GiB of 15.6 GiB');
});

test('labels are set all at once, with the revision that was seen', async () => {
	const sent = serve({ ...answers, '/hosts/1/labels': { ...host, labels: { team: 'shop' }, labels_revision: 2 } });
	HTMLDialogElement.prototype.showModal = function () { this.open = true; };
	const root = show(<HostPage id={1} view={span} />);
	await says(root, 'env=production');
	await act(() => button(root, 'Edit labels').click());
	const area = root.querySelector('textarea') as HTMLTextAreaElement;
	expect(area.value).toBe('env=production\nzone=eu-1');
	await act(() => {
		area.value = 'team = shop';
		area.dispatchEvent(new Event('input', { bubbles: true }));
	});
	await act(() => button(root, 'Save').click());
	await says(root, 'team=shop');
	const put = sent.find((s) => s.method === 'PUT');
	expect(put).toMatchObject({ path: '/hosts/1/labels', body: { labels: { team: 'shop' } } });
	expect(put?.headers['if-match']).toBe('"1"');
	expect(root.querySelector('dialog')).toBeNull();
});

test('a change that somebody else made first is not overwritten, and what was typed stays', async () => {
	serve({ ...answers, '/hosts/1/labels': problem(412, 'the labels have changed') });
	HTMLDialogElement.prototype.showModal = function () { this.open = true; };
	const root = show(<HostPage id={1} view={span} />);
	await says(root, 'env=production');
	await act(() => button(root, 'Edit labels').click());
	await act(() => button(root, 'Save').click());
	await says(root, 'Somebody else has changed the labels');
	expect(root.querySelector('textarea')?.value).toContain('env=production');
});

test('a viewer may look at labels, not set them', async () => {
	serve(answers);
	const root = show(<HostPage id={1} view={span} />, { ...ada, role: 'viewer' });
	await says(root, 'env=production');
	expect(textOf(root)).not.toContain('Edit labels');
});

test.each([
	['env=prod\n\n zone = a=b ', { labels: { env: 'prod', zone: 'a=b' } }],
	['env', { wrong: '“env” has no =: write key=value.' }],
	['Env=prod', { wrong: '“Env” is no key: small letters, digits and . _ - / only.' }],
	['env=', { wrong: 'env has no value.' }],
	['a=1\na=2', { wrong: 'a stands there twice.' }],
	[`a=${'é'.repeat(61)}`, { wrong: 'The value of a is longer than 120 bytes.' }],
	[Array.from({ length: 17 }, (_, i) => `k${i}=v`).join('\n'), { wrong: 'A host has at most 16 labels.' }],
])('labels as typed: %s', (text, expected) => {
	expect(readLabels(text)).toEqual(expected);
});
