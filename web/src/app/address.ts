// The view lives in the address. Pure functions between addresses and what they mean;
// what is left at its default is left out, so that addresses stay short.
import type { AlertState, Verdict } from '../api/types';
import { query } from '../api/client';
import { DAY, HOUR, MINUTE } from '../format/time';

export type Place =
	| { page: 'fleet'; view: FleetView }
	| { page: 'service'; id: number; view: ServiceView }
	| { page: 'alerts'; view: AlertsView }
	| { page: 'alert'; id: number; view: ZoomView }
	| { page: 'agents'; view: AgentsView }
	| { page: 'lost' };

/** The worst first. */
export const VERDICTS: readonly Verdict[] =
	['leak', 'watch', 'step', 'warmup', 'learning', 'steady'];
export const ALERT_STATES: readonly AlertState[] = ['open', 'acknowledged', 'resolved'];

export const RANGES = {
	'15m': { ms: 15 * MINUTE, name: '15 min' },
	'1h': { ms: HOUR, name: '1 h' },
	'6h': { ms: 6 * HOUR, name: '6 h' },
	'24h': { ms: DAY, name: '24 h' },
	'7d': { ms: 7 * DAY, name: '7 d' },
} as const;
export type RangeName = keyof typeof RANGES;

/** A span chosen by hand or with the brush. */
export interface Zoom {
	from: number;
	to: number;
}

export interface FleetView {
	q: string;
	verdict: Verdict | '';
}

export interface ServiceView {
	/** null: as long as there is something to see, see `usualRange`. */
	range: RangeName | null;
	zoom: Zoom | null;
	metric: string;
	second: string;
	/** Ids of versions that are not drawn. */
	hide: number[];
}

export interface AlertsView {
	state: AlertState;
	q: string;
}

export interface ZoomView {
	zoom: Zoom | null;
}

export interface AgentsView {
	q: string;
}

const SERVICE_DEFAULT: ServiceView =
	{ range: null, zoom: null, metric: 'rss_anon_kb', second: 'cpu_ratio', hide: [] };
const SHORTEST_ZOOM = MINUTE;
const LONGEST_ZOOM = 400 * DAY;

function oneOf<T extends string>(value: string | null, allowed: readonly T[], other: T): T {
	return allowed.find((a) => a === value) ?? other;
}

function metricName(value: string | null, other: string): string {
	return value !== null && /^[a-z][a-z0-9_]{0,40}$/.test(value) ? value : other;
}

/** What is shown of a service that is `age` milliseconds old, when nobody has chosen. */
export function usualRange(age: number): RangeName {
	return age < RANGES['15m'].ms ? '15m' : '1h';
}

/** A span that is worth drawing: in order, and neither too short nor too long. */
export function makeZoom(from: number, to: number): Zoom | null {
	if (!Number.isFinite(from) || !Number.isFinite(to) || from < 0) return null;
	const length = to - from;
	if (length <= 0 || length > LONGEST_ZOOM) return null;
	const missing = Math.max(0, SHORTEST_ZOOM - length) / 2;
	return { from: Math.round(from - missing), to: Math.round(to + missing) };
}

function zoomOf(p: URLSearchParams): Zoom | null {
	const from = p.get('from');
	const to = p.get('to');
	return from && to ? makeZoom(Number(from), Number(to)) : null;
}

function serviceView(p: URLSearchParams): ServiceView {
	return {
		range: (Object.keys(RANGES) as RangeName[]).find((name) => name === p.get('range')) ?? null,
		zoom: zoomOf(p),
		metric: metricName(p.get('metric'), SERVICE_DEFAULT.metric),
		second: metricName(p.get('second'), SERVICE_DEFAULT.second),
		hide: (p.get('hide') ?? '').split(',').map(Number).filter((id) => Number.isInteger(id) && id > 0),
	};
}

export function parse(path: string, search: string): Place {
	const p = new URLSearchParams(search);
	const q = (p.get('q') ?? '').slice(0, 200);
	if (path === '/') return { page: 'fleet', view: { q, verdict: oneOf(p.get('verdict'), ['', ...VERDICTS], '') } };
	if (path === '/alerts')
		return { page: 'alerts', view: { q, state: oneOf(p.get('state'), ALERT_STATES, 'open') } };
	if (path === '/agents') return { page: 'agents', view: { q } };
	const [, kind, id] = /^\/(services|alerts)\/([1-9][0-9]{0,14})$/.exec(path) ?? [];
	if (kind === 'services') return { page: 'service', id: Number(id), view: serviceView(p) };
	if (kind === 'alerts') return { page: 'alert', id: Number(id), view: { zoom: zoomOf(p) } };
	return { page: 'lost' };
}

export const href = {
	fleet: (view: Partial<FleetView> = {}) => `/${query({ ...view })}`,
	service(id: number, view: Partial<ServiceView> = {}) {
		const changed = (name: 'metric' | 'second') =>
			view[name] === SERVICE_DEFAULT[name] ? undefined : view[name];
		return `/services/${id}${query({
			range: view.range, metric: changed('metric'), second: changed('second'),
			hide: view.hide?.join(','), from: view.zoom?.from, to: view.zoom?.to,
		})}`;
	},
	alerts: (view: Partial<AlertsView> = {}) =>
		`/alerts${query({ state: view.state === 'open' ? undefined : view.state, q: view.q })}`,
	alert: (id: number, zoom: Zoom | null = null) =>
		`/alerts/${id}${query({ from: zoom?.from, to: zoom?.to })}`,
	agents: (view: Partial<AgentsView> = {}) => `/agents${query({ ...view })}`,
};
