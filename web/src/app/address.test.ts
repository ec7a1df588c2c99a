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
});

test.each(['/nowhere', '/services/', '/services/0', '/services/1x', '/services/-1', '/alerts/9/x',
	'/services/99999999999999999999'])('%s is no page', (path) => {
	expect(at(path).page).toBe('lost');
});

test('what a view is written as is read back', () => {
	const fleet = { q: 'a&b=c é', verdict: 'leak' } as const;
	expect(at(href.fleet(fleet))).toEqual({ page: 'fleet', view: fleet });
	const service = { range: '6h', zoom: { from: 1_000_000, to: 2_000_000 }, metric: 'fds',
		second: 'threads', hide: [3, 4] } as const;
	expect(at(href.service(7, { ...service, hide: [3, 4] }))).toEqual({ page: 'service', id: 7, view: service });
	const alerts = { state: 'resolved', q: 'checkout' } as const;
	expect(at(href.alerts(alerts))).toEqual({ page: 'alerts', view: alerts });
});

test('defaults are left out of the address', () => {
	expect(href.service(7, { range: null, metric: 'rss_anon_kb', second: 'cpu_ratio', hide: [], zoom: null }))
		.toBe('/services/7');
	expect(href.alerts({ state: 'open', q: '' })).toBe('/alerts');
	expect(href.fleet({ q: '', verdict: '' })).toBe('/');
});

test('nonsense in an address falls back to the default', () => {
	expect(at('/?verdict=nope')).toEqual({ page: 'fleet', view: { q: '', verdict: '' } });
	expect(at('/services/7?range=3y&metric=<b>&from=5&to=1&hide=x,-1,2')).toEqual({
		page: 'service', id: 7,
		view: { range: null, zoom: null, metric: 'rss_anon_kb', second: 'cpu_ratio', hide: [2] },
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
