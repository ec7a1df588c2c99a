import { expect, test } from 'vitest';
import { type Place, href, makeZoom, parse, usualRange } from './address';

function at(address: string): Place {
	const url = new URL(address, 'http://console');
	return parse(url.pathname, url.search);
}

test('every page has its address', () => {
	expect(at('/').page).toBe('fleet');
	expect(at('/services/12')).toMatchObject({ page: 'service', id: 12 });
	expect(at('/alerts').page).toBe('alerts');
	expect(at('/alerts/3')).toMatchObject({ page: 'alert', id: 3 });
	expect(at('/agents').page).toBe('agents');
	expect(at('/storage')).toEqual({ page: 'storage', view: { hours: 1 } });
	expect(at(href.storage({ hours: 24 }))).toEqual({ page: 'storage', view: { hours: 24 } });
	expect(at('/storage?hours=23')).toEqual({ page: 'storage', view: { hours: 1 } });
	expect(at('/services/12/snapshots')).toMatchObject({ page: 'snapshots', id: 12 });
	expect(at('/services/12/detection')).toMatchObject({ page: 'detection', id: 12, view: { replay: null } });
	expect(at(href.detection(12, { replay: 3 }))).toMatchObject({ page: 'detection', id: 12, view: { replay: 3 } });
	expect(at(href.alerts({ state: 'watched' }))).toMatchObject({ page: 'alerts', view: { state: 'watched' } });
	expect(at('/snapshots/4')).toMatchObject({ page: 'snapshot', id: 4 });
	expect(at('/snapshots/4...7')).toMatchObject({ page: 'comparison', before: 4, id: 7 });
});

test.each(['/nowhere', '/services/', '/services/0', '/services/1x', '/services/-1', '/alerts/9/x',
	'/alerts/9/snapshots', '/alerts/9/detection', '/services/1/detections', '/snapshots', '/snapshots/4..7', '/snapshots/4...', '/snapshots/0...7',
	'/services/99999999999999999999'])('%s is no page', (path) => {
	expect(at(path).page).toBe('lost');
});

test('what a view is written as is read back', () => {
	const fleet = { q: 'a&b=c é', verdict: 'leak', by: 'host', label: '' } as const;
	expect(at(href.fleet(fleet))).toEqual({ page: 'fleet', view: fleet });
	const service = { range: '6h', zoom: { from: 1_000_000, to: 2_000_000 }, metric: 'fds',
		second: 'threads', hide: [3, 4], as: 'bands', of: 5, align: true, ages: { from: 60_000, to: 180_000 }, growth: true,
		unmarked: ['oom'] } as const;
	expect(at(href.service(7, { ...service, hide: [3, 4], unmarked: ['oom'] }))).toEqual({ page: 'service', id: 7, view: service });
	const alerts = { state: 'resolved', q: 'checkout' } as const;
	expect(at(href.alerts(alerts))).toEqual({ page: 'alerts', view: alerts });
});

test('what a view of snapshots is written as is read back', () => {
	const list = { pick: [3, 4], take: 'choose', capture: null } as const;
	expect(at(href.snapshots(7, { ...list, pick: [3, 4] }))).toEqual({ page: 'snapshots', id: 7, view: list });
	expect(at(href.snapshots(7, { take: 12 }))).toMatchObject({ view: { take: 12 } });
	expect(at(href.snapshots(7, { capture: 12 }))).toMatchObject({ view: { capture: 12, take: null } });
	const classes = { q: 'a&b', sort: 'count' } as const;
	expect(at(href.snapshot(7, classes))).toEqual({ page: 'snapshot', id: 7, view: classes });
	const compared = { q: 'x', sort: 'hour', show: 'grown', engine: true } as const;
	expect(at(href.comparison(3, 7, compared))).toEqual({ page: 'comparison', before: 3, id: 7, view: compared });
	expect(href.comparison(3, 7, { q: '', sort: '', show: '', engine: false })).toBe('/snapshots/3...7');
	expect(at('/services/7/snapshots?pick=x,-1,5,6,7&take=<b>&capture=0'))
		.toMatchObject({ view: { pick: [5, 6], take: null, capture: null } });
});

test('defaults are left out of the address', () => {
	expect(href.service(7, { range: null, metric: 'rss_anon_kb', second: 'cpu_ratio', hide: [], zoom: null }))
		.toBe('/services/7');
	expect(href.alerts({ state: 'open', q: '' })).toBe('/alerts');
	expect(href.fleet({ q: '', verdict: '' })).toBe('/');
});

test('nonsense in an address falls back to the default', () => {
	expect(at('/?verdict=nope')).toEqual({ page: 'fleet', view: { q: '', verdict: '', by: 'service', label: '' } });
	expect(at('/services/7?range=3y&metric=<b>&from=5&to=1&hide=x,-1,2&as=pie&of=x&ages=9-&unmarked=x')).toEqual({
		page: 'service', id: 7,
		view: { range: null, zoom: null, metric: 'rss_anon_kb', second: 'cpu_ratio', hide: [2], as: '', of: null, align: false, ages: null,
			growth: false, unmarked: [] },
	});
});

test('a young service is shown closer', () => {
	expect(usualRange(60_000)).toBe('15m');
	expect(usualRange(86_400_000)).toBe('1h');
});

test('a zoom is in order, at least a minute long, and not absurd', () => {
	expect(makeZoom(200_000, 100_000)).toBeNull();
	expect(makeZoom(Number.NaN, 5)).toBeNull();
	expect(makeZoom(0, 1e15)).toBeNull();
	expect(makeZoom(100_000, 110_000)).toEqual({ from: 75_000, to: 135_000 });
	expect(makeZoom(100_000, 400_000)).toEqual({ from: 100_000, to: 400_000 });
});

test('pages of what runs where are read back', () => {
	expect(at('/services/12/fingerprints?pick=3,4')).toEqual({ page: 'fingerprints', id: 12, view: { pick: [3, 4] } });
	expect(at(href.difference(3, 4, { q: 'pm2', show: 'changed' }))).toEqual(
		{ page: 'difference', before: 3, id: 4, view: { q: 'pm2', show: 'changed' } });
	expect(at(href.fingerprint(4, { q: '@pm2/io' }))).toEqual({ page: 'fingerprint', id: 4, view: { q: '@pm2/io' } });
	expect(at(href.packages({ name: '@pm2/io', version: '4.2.1' }))).toEqual(
		{ page: 'packages', view: { name: '@pm2/io', version: '4.2.1' } });
	const runtime = { instance: 7, range: '6h', zoom: { from: 1_000_000, to: 2_000_000 }, q: 'a.js', kind: 'timers', hours: 168 } as const;
	expect(at(href.runtime(12, runtime))).toEqual({ page: 'runtime', id: 12, view: runtime });
	expect(href.runtime(12, { hours: 24, kind: '', q: '' })).toBe('/services/12/runtime');
	expect(at(href.queues({ q: 'mail' }))).toEqual({ page: 'queues', view: { q: 'mail' } });
	expect(at(href.queue(5, { range: '7d' }))).toEqual({ page: 'queue', id: 5, view: { range: '7d', zoom: null } });
});

test.each(['/queues/0', '/queues/5/x', '/fingerprints', '/fingerprints/3/packages', '/packages/1', '/services/1/queues'])('%s is no page either', (path) => {
	expect(at(path).page).toBe('lost');
});

test('what is compared with what is read back', () => {
	const a = { service: 7, version: 12, host: null, instance: null, offset: 0 };
	const b = { service: 8, version: null, host: 3, instance: 9, offset: 604_800_000 };
	const view = { selections: [a, b], metric: 'rss_kb', align: 'start', show: 'apart', range: null, zoom: { from: 1_000_000, to: 2_000_000 } } as const;
	const address = href.compare({ ...view, selections: [a, b] });
	expect(address).toContain('/compare?a=service:7,version:12&b=service:8,host:3,instance:9,offset:604800000&');
	expect(at(address)).toEqual({ page: 'compare', view });
	expect(at('/compare')).toMatchObject({ view: { selections: [], metric: 'rss_anon_kb', align: 'time', show: '' } });
	expect(at('/compare?a=version:3&b=service:7,host:<b>,version:-1&c=&d=service:0')).toMatchObject(
		{ view: { selections: [{ service: 7, version: null, host: null }] } });
	expect(href.compare({ selections: [{ service: 7 }, { service: 7, offset: 86_400_000 }] }))
		.toBe('/compare?a=service:7&b=service:7,offset:86400000');
});

test('settings and experiments are read back', () => {
	const view = { tab: 'notifications', q: 'a b', target: 7, state: 'failed', action: 'user', span: '7d' } as const;
	expect(at(href.settings(view))).toEqual({ page: 'settings', view });
	expect(href.settings({ tab: 'users', q: '' })).toBe('/settings');
	expect(at('/settings?tab=nope&target=x')).toEqual({ page: 'settings', view: { tab: 'users', q: '', target: null, state: '', action: '', span: '' } });
	expect(at(href.configuration({ state: 'drift' }))).toEqual({ page: 'configuration', view: { state: 'drift' } });
	expect(at(href.group(3, { tab: 'agents', state: 'old' }))).toEqual({ page: 'group', id: 3, view: { tab: 'agents', state: 'old' } });
	expect(at('/configuration/3?tab=nope')).toEqual({ page: 'group', id: 3, view: { tab: '', state: '' } });
	expect(at(href.experiments({ pick: [3, 4] }))).toEqual({ page: 'experiments', view: { pick: [3, 4] } });
	expect(at('/experiments/3').page).toBe('lost');
});
