// The view lives in the address. Pure functions between addresses and what they mean;
// what is left at its default is left out, so that addresses stay short.
import type { CensusKind, Inbox, Mark, Silence, Verdict } from '../api/types';
import type { ConfigState } from '../api/config';
import type { Message } from '../api/settings';
import { query } from '../api/client';
import { DAY, HOUR, MINUTE, duration } from '../format/time';
import { t } from '../words/words';

export type Place =
	| { page: 'fleet'; view: FleetView }
	| { page: 'hosts'; view: HostsView }
	| { page: 'host'; id: number; view: SpanView }
	| { page: 'service'; id: number; view: ServiceView }
	| { page: 'detection'; id: number; view: DetectionView }
	| { page: 'snapshots'; id: number; view: SnapshotsView }
	| { page: 'snapshot'; id: number; view: ClassesView }
	| { page: 'comparison'; before: number; id: number; view: ComparisonView }
	| { page: 'alerts'; view: AlertsView }
	| { page: 'alert'; id: number; view: ZoomView }
	| { page: 'silences'; view: SilencesView }
	| { page: 'agents'; view: AgentsView }
	| { page: 'configuration'; view: ConfigurationView }
	| { page: 'group'; id: number; view: GroupView }
	| { page: 'storage'; view: StorageView }
	| { page: 'fingerprints'; id: number; view: FingerprintsView }
	| { page: 'fingerprint'; id: number; view: FilterView }
	| { page: 'difference'; before: number; id: number; view: DifferenceView }
	| { page: 'packages'; view: PackagesView }
	| { page: 'runtime'; id: number; view: RuntimeView }
	| { page: 'queues'; view: FilterView }
	| { page: 'queue'; id: number; view: SpanView }
	| { page: 'compare'; view: CompareView }
	| { page: 'experiments'; view: ExperimentsView }
	| { page: 'settings'; view: SettingsView }
	| { page: 'lost' };

/** The worst first. */
export const VERDICTS: readonly Verdict[] =
	['leak', 'native', 'backlog', 'watch', 'step', 'fragmentation', 'warmup', 'load', 'cyclic', 'learning', 'unusable', 'steady'];
export const ALERT_TABS: readonly AlertTab[] =
	['open', 'new', 'escalating', 'regressed', 'acknowledged', 'archived', 'resolved', 'watched'];
export const SILENCE_STATES: readonly Silence['state'][] = ['active', 'pending', 'expired'];

export const RANGES = {
	'15m': { ms: 15 * MINUTE, name: duration(15 * MINUTE) },
	'1h': { ms: HOUR, name: duration(HOUR) },
	'6h': { ms: 6 * HOUR, name: duration(6 * HOUR) },
	'24h': { ms: DAY, name: t('{n} h', { n: 24 }) },
	'7d': { ms: 7 * DAY, name: duration(7 * DAY) },
} as const;
export type RangeName = keyof typeof RANGES;

/** A span chosen by hand or with the brush. */
export interface Zoom {
	from: number;
	to: number;
}

export const GROUPINGS = ['service', 'host', 'version', 'label'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface FleetView {
	q: string;
	verdict: Verdict | '';
	by: Grouping;
	/** The key, by label. */
	label: string;
}

export const HOST_COLOURS = ['state', 'version', 'agent', 'memory'] as const;

/** The map of hosts. */
export interface HostsView {
	q: string;
	colour: (typeof HOST_COLOURS)[number];
	/** Key of a label; '': all together. */
	group: string;
	/** As one service fares there; null: all of them. */
	service: number | null;
}

export interface ServiceView {
	/** null: as long as there is something to see, see `usualRange`. */
	range: RangeName | null;
	zoom: Zoom | null;
	metric: string;
	second: string;
	/** Ids of versions that are not drawn. */
	hide: number[];
	/** How the first chart shows them; '': by how many there are. */
	as: ChartMode;
	/** The kinds of memory of one instance; null: of all. */
	of: number | null;
	/** By the age of processes, and the ages that are looked at. */
	align: boolean;
	ages: Zoom | null;
	/** Lines begin at zero. */
	growth: boolean;
	/** Kinds of marks that are not drawn. */
	unmarked: Mark['kind'][];
}

export const CHART_MODES = ['', 'lines', 'bands', 'kinds', 'hosts'] as const;
export type ChartMode = (typeof CHART_MODES)[number];
const MARKS: readonly Mark['kind'][] = ['deploy', 'config', 'load', 'restart', 'oom', 'snapshot', 'experiment'];

/** What people tell the detector about a service. */
export interface DetectionView {
	/** The replay that is shown; null: the newest. */
	replay: number | null;
}

/** "open": the new, the escalating and the regressed together; "watched": findings that do
 *  not alert (yet). */
export type AlertTab = 'open' | Inbox | 'watched';

export interface AlertsView {
	state: AlertTab;
	q: string;
}

export interface SilencesView {
	/** '': those that mute now and those to come. */
	state: Silence['state'] | '';
}

/** Ticked rows: two of them can be compared. */
export interface ExperimentsView {
	pick: number[];
}

export const SETTINGS_TABS = ['users', 'tokens', 'notifications', 'retention', 'detection', 'audit', 'sessions'] as const;
export const SPANS = { '1d': DAY, '7d': 7 * DAY, '30d': 30 * DAY } as const;

export interface SettingsView {
	tab: (typeof SETTINGS_TABS)[number];
	q: string;
	/** Whose messages are shown, and which of them. */
	target: number | null;
	state: Message['state'] | '';
	/** Of the audit: how the action begins, and since when. */
	action: string;
	span: keyof typeof SPANS | '';
}

const MESSAGE_STATES: readonly Message['state'][] = ['waiting', 'sent', 'failed', 'folded', 'muted', 'dropped'];

/** Agents in that state; '': those that differ. */
export interface ConfigurationView {
	state: ConfigState | '';
}

/** '': how far a change has come. */
export const GROUP_TABS = ['', 'settings', 'agents', 'history'] as const;

export interface GroupView {
	tab: (typeof GROUP_TABS)[number];
	state: ConfigState | '';
}

const CONFIG_STATES: readonly ConfigState[] = ['own', 'same', 'waiting', 'overridden', 'refused', 'drift', 'silent', 'old'];

export interface ZoomView {
	zoom: Zoom | null;
}

export interface AgentsView {
	q: string;
}

/** How storing goes, over so many hours. */
export interface StorageView {
	hours: (typeof STORAGE_HOURS)[number];
}

/** The snapshots of a service. */
export interface SnapshotsView {
	/** Ticked rows: two of them can be compared. */
	pick: number[];
	/** The dialog that takes a snapshot: 'choose' an instance, or the instance that is chosen. */
	take: number | 'choose' | null;
	/** The dialog of a capture that was begun. */
	capture: number | null;
}

export const CLASS_SORTS = ['retained', 'shallow', 'count', 'distance', 'name'] as const;
export type ClassSort = (typeof CLASS_SORTS)[number];

/** One snapshot: its table of classes. */
export interface ClassesView {
	q: string;
	/** '': the largest first. */
	sort: ClassSort | '';
}

export const CHANGE_SORTS = ['retained', 'shallow', 'count', 'request', 'hour', 'name'] as const;
export type ChangeSort = (typeof CHANGE_SORTS)[number];

/** Two snapshots: what has changed. */
export interface ComparisonView {
	q: string;
	sort: ChangeSort | '';
	/** '': what differs. */
	show: 'grown' | 'all' | '';
	/** With what the engine keeps for itself. */
	engine: boolean;
}

/** A list of which a part is shown. */
export interface FilterView {
	q: string;
}

/** What the versions of a service consist of. */
export interface FingerprintsView {
	/** Ticked rows: two of them can be compared. */
	pick: number[];
}

/** Two fingerprints: what differs. */
export interface DifferenceView {
	q: string;
	/** '': all that differs. */
	show: 'changed' | 'added' | 'removed' | '';
}

/** Who runs a package. */
export interface PackagesView {
	name: string;
	version: string;
}

export interface SpanView {
	range: RangeName | null;
	zoom: Zoom | null;
}

/** The insides of one instance, and what the service's processes hold. */
export interface RuntimeView extends SpanView {
	/** null: the first that is read. */
	instance: number | null;
	q: string;
	kind: CensusKind | '';
	/** The census of so many hours. */
	hours: number;
}

/** What is set beside something else: a service, or a version, host or instance of it. */
export interface Selection {
	service: number;
	/** Id of a fingerprint. */
	version?: number | null;
	host?: number | null;
	instance?: number | null;
	/** So many milliseconds before the span that is shown, such as DAY or 7 * DAY. */
	offset?: number;
}

/** Two to four selections side by side; the others are compared with the first. */
export interface CompareView extends SpanView {
	selections: Selection[];
	metric: string;
	/** Over the moment, or over the age of processes. */
	align: 'time' | 'start';
	/** '': in one chart. */
	show: 'apart' | '';
}

export const SELECTIONS_MAX = 4;
export const CENSUS_KINDS: readonly CensusKind[] = ['listeners', 'timers', 'closures', 'resources', 'classes'];
export const STORAGE_HOURS = [1, 24, 168] as const;
export const CENSUS_HOURS = [6, 24, 168] as const;
const CENSUS_HOURS_USUAL = 24;

const SERVICE_DEFAULT: ServiceView =
	{ range: null, zoom: null, metric: 'rss_anon_kb', second: 'cpu_ratio', hide: [], as: '', of: null, align: false, ages: null, growth: false, unmarked: [] };
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

function spanView(p: URLSearchParams): SpanView {
	return {
		range: (Object.keys(RANGES) as RangeName[]).find((name) => name === p.get('range')) ?? null,
		zoom: zoomOf(p),
	};
}

function agesOf(value: string | null): Zoom | null {
	const [from, to] = (value ?? '').split('-');
	return from && to ? makeZoom(Number(from), Number(to)) : null;
}

function serviceView(p: URLSearchParams): ServiceView {
	return {
		...spanView(p),
		metric: metricName(p.get('metric'), SERVICE_DEFAULT.metric),
		second: metricName(p.get('second'), SERVICE_DEFAULT.second),
		hide: ids(p.get('hide')),
		as: oneOf(p.get('as'), CHART_MODES, ''),
		of: idOf(p.get('of')),
		align: p.get('align') === 'start',
		ages: agesOf(p.get('ages')),
		growth: p.get('growth') === '1',
		unmarked: MARKS.filter((kind) => p.get('unmarked')?.split(',').includes(kind)),
	};
}

function idOf(value: string | null): number | null {
	return value !== null && /^[1-9][0-9]{0,14}$/.test(value) ? Number(value) : null;
}

function ids(value: string | null): number[] {
	return (value ?? '').split(',').map(Number).filter((id) => Number.isInteger(id) && id > 0);
}

function snapshotsView(p: URLSearchParams): SnapshotsView {
	const take = p.get('take');
	return {
		pick: ids(p.get('pick')).slice(0, 2),
		take: take === 'choose' ? 'choose' : idOf(take),
		capture: idOf(p.get('capture')),
	};
}

function labelKey(value: string | null): string {
	return value !== null && /^[a-z0-9._/-]{1,63}$/.test(value) ? value : '';
}

function fleetView(p: URLSearchParams, q: string): FleetView {
	const label = labelKey(p.get('label'));
	const by = oneOf(p.get('by'), GROUPINGS, 'service');
	return { q, verdict: oneOf(p.get('verdict'), ['', ...VERDICTS], ''), by, label: by === 'label' ? label : '' };
}

function runtimeView(p: URLSearchParams, q: string): RuntimeView {
	return {
		...spanView(p), q, instance: idOf(p.get('instance')), kind: oneOf(p.get('kind'), ['', ...CENSUS_KINDS], ''),
		hours: CENSUS_HOURS.find((h) => String(h) === p.get('hours')) ?? CENSUS_HOURS_USUAL,
	};
}

/** As /compare of the server understands it: "service:7,version:12,offset:86400000". */
export function selectionText(s: Selection): string {
	return SELECTION_PARTS.filter((part) => s[part]).map((part) => `${part}:${s[part]}`).join(',');
}

const SELECTION_PARTS = ['service', 'version', 'host', 'instance', 'offset'] as const;

function selectionOf(text: string | null): Selection | null {
	const parts = (text ?? '').split(',');
	const part = (name: string) => idOf(parts.find((p) => p.startsWith(`${name}:`))?.slice(name.length + 1) ?? null);
	const service = part('service');
	if (service === null) return null;
	return { service, version: part('version'), host: part('host'), instance: part('instance'),
		offset: Math.min(part('offset') ?? 0, LONGEST_ZOOM) };
}

function compareView(p: URLSearchParams): CompareView {
	return {
		...spanView(p),
		selections: [...'abcd'].map((letter) => selectionOf(p.get(letter))).filter((s) => s !== null),
		metric: metricName(p.get('metric'), SERVICE_DEFAULT.metric),
		align: oneOf(p.get('align'), ['time', 'start'], 'time'), show: oneOf(p.get('show'), ['', 'apart'], ''),
	};
}

function settingsView(p: URLSearchParams, q: string): SettingsView {
	const action = p.get('action') ?? '';
	return { q, tab: oneOf(p.get('tab'), SETTINGS_TABS, 'users'), target: idOf(p.get('target')), state: oneOf(p.get('state'), ['', ...MESSAGE_STATES], ''),
		action: /^[a-z._-]{1,64}$/.test(action) ? action : '', span: oneOf(p.get('span'), ['', '1d', '7d', '30d'], '') };
}

function comparison(path: string, p: URLSearchParams, q: string): Place | undefined {
	const [, kind, before, after] = /^\/(snapshots|fingerprints)\/([1-9][0-9]{0,14})\.\.\.([1-9][0-9]{0,14})$/.exec(path) ?? [];
	if (!before || !after) return undefined;
	if (kind === 'fingerprints')
		return { page: 'difference', before: Number(before), id: Number(after),
			view: { q, show: oneOf(p.get('show'), ['', 'changed', 'added', 'removed'], '') } };
	const view: ComparisonView = { q, sort: oneOf(p.get('sort'), ['', ...CHANGE_SORTS], ''),
		show: oneOf(p.get('show'), ['', 'grown', 'all'], ''), engine: p.get('engine') === '1' };
	return { page: 'comparison', before: Number(before), id: Number(after), view };
}

/** The pages of a service beside its overview. */
function ofService(id: number, part: string, p: URLSearchParams, q: string): Place {
	switch (part) {
		case '/detection':
			return { page: 'detection', id, view: { replay: idOf(p.get('replay')) } };
		case '/snapshots':
			return { page: 'snapshots', id, view: snapshotsView(p) };
		case '/fingerprints':
			return { page: 'fingerprints', id, view: { pick: ids(p.get('pick')).slice(0, 2) } };
		case '/runtime':
			return { page: 'runtime', id, view: runtimeView(p, q) };
		default:
			return { page: 'lost' };
	}
}

export function parse(path: string, search: string): Place {
	const p = new URLSearchParams(search);
	const q = (p.get('q') ?? '').slice(0, 200);
	if (path === '/') return { page: 'fleet', view: fleetView(p, q) };
	if (path === '/hosts')
		return { page: 'hosts', view: { q, colour: oneOf(p.get('colour'), HOST_COLOURS, 'state'), group: labelKey(p.get('group')), service: idOf(p.get('service')) } };
	if (path === '/alerts')
		return { page: 'alerts', view: { q, state: oneOf(p.get('state'), ALERT_TABS, 'open') } };
	if (path === '/silences')
		return { page: 'silences', view: { state: oneOf(p.get('state'), ['', ...SILENCE_STATES], '') } };
	if (path === '/agents' || path === '/queues') return { page: path === '/agents' ? 'agents' : 'queues', view: { q } };
	if (path === '/configuration') return { page: 'configuration', view: { state: oneOf(p.get('state'), ['', ...CONFIG_STATES], '') } };
	if (path === '/compare') return { page: 'compare', view: compareView(p) };
	if (path === '/storage')
		return { page: 'storage', view: { hours: STORAGE_HOURS.find((h) => String(h) === p.get('hours')) ?? 1 } };
	if (path === '/experiments') return { page: 'experiments', view: { pick: ids(p.get('pick')).slice(0, 2) } };
	if (path === '/settings')
		return { page: 'settings', view: settingsView(p, q) };
	if (path === '/packages')
		return { page: 'packages', view: { name: (p.get('name') ?? '').slice(0, 214), version: (p.get('version') ?? '').slice(0, 200) } };
	const [, kind, id, part] = /^\/(services|alerts|snapshots|fingerprints|queues|hosts|configuration)\/([1-9][0-9]{0,14})(\/\w+)?$/.exec(path) ?? [];
	if (part) return kind === 'services' ? ofService(Number(id), part, p, q) : { page: 'lost' };
	if (kind === 'configuration')
		return { page: 'group', id: Number(id), view: { tab: oneOf(p.get('tab'), GROUP_TABS, ''), state: oneOf(p.get('state'), ['', ...CONFIG_STATES], '') } };
	if (kind === 'fingerprints') return { page: 'fingerprint', id: Number(id), view: { q } };
	if (kind === 'queues') return { page: 'queue', id: Number(id), view: spanView(p) };
	if (kind === 'hosts') return { page: 'host', id: Number(id), view: spanView(p) };
	if (kind === 'snapshots')
		return { page: 'snapshot', id: Number(id), view: { q, sort: oneOf(p.get('sort'), ['', ...CLASS_SORTS], '') } };
	if (kind === 'services') return { page: 'service', id: Number(id), view: serviceView(p) };
	if (kind === 'alerts') return { page: 'alert', id: Number(id), view: { zoom: zoomOf(p) } };
	return comparison(path, p, q) ?? { page: 'lost' };
}

function spanQuery(view: Partial<SpanView>) {
	return { range: view.range, from: view.zoom?.from, to: view.zoom?.to };
}

export const href = {
	fleet: ({ by, ...view }: Partial<FleetView> = {}) => `/${query({ by: by === 'service' ? undefined : by, ...view })}`,
	hosts: ({ colour, ...view }: Partial<HostsView> = {}) =>
		`/hosts${query({ colour: colour === 'state' ? undefined : colour, ...view })}`,
	host: (id: number, view: Partial<SpanView> = {}) => `/hosts/${id}${query(spanQuery(view))}`,
	service(id: number, view: Partial<ServiceView> = {}) {
		const changed = (name: 'metric' | 'second') =>
			view[name] === SERVICE_DEFAULT[name] ? undefined : view[name];
		return `/services/${id}${query({
			range: view.range, metric: changed('metric'), second: changed('second'),
			hide: view.hide?.join(','), from: view.zoom?.from, to: view.zoom?.to,
			as: view.as, of: view.of, align: view.align ? 'start' : undefined, ages: view.ages ? `${view.ages.from}-${view.ages.to}` : undefined,
			growth: view.growth ? 1 : undefined, unmarked: view.unmarked?.join(','),
		})}`;
	},
	detection: (id: number, view: Partial<DetectionView> = {}) => `/services/${id}/detection${query({ ...view })}`,
	snapshots: (id: number, view: Partial<SnapshotsView> = {}) =>
		`/services/${id}/snapshots${query({ pick: view.pick?.join(','), take: view.take, capture: view.capture })}`,
	snapshot: (id: number, view: Partial<ClassesView> = {}) => `/snapshots/${id}${query({ ...view })}`,
	comparison: (before: number, after: number, view: Partial<ComparisonView> = {}) =>
		`/snapshots/${before}...${after}${query({ ...view, engine: view.engine ? 1 : undefined })}`,
	alerts: (view: Partial<AlertsView> = {}) =>
		`/alerts${query({ state: view.state === 'open' ? undefined : view.state, q: view.q })}`,
	alert: (id: number, zoom: Zoom | null = null) =>
		`/alerts/${id}${query({ from: zoom?.from, to: zoom?.to })}`,
	silences: (view: Partial<SilencesView> = {}) => `/silences${query({ ...view })}`,
	experiments: (view: Partial<ExperimentsView> = {}) => `/experiments${query({ pick: view.pick?.join(',') })}`,
	settings: ({ tab, ...view }: Partial<SettingsView> = {}) => `/settings${query({ tab: tab === 'users' ? undefined : tab, ...view })}`,
	agents: (view: Partial<AgentsView> = {}) => `/agents${query({ ...view })}`,
	configuration: (view: Partial<ConfigurationView> = {}) => `/configuration${query({ ...view })}`,
	group: (id: number, view: Partial<GroupView> = {}) => `/configuration/${id}${query({ ...view })}`,
	storage: ({ hours = 1 }: Partial<StorageView> = {}) => `/storage${query({ hours: hours === 1 ? undefined : hours })}`,
	fingerprints: (id: number, view: Partial<FingerprintsView> = {}) =>
		`/services/${id}/fingerprints${query({ pick: view.pick?.join(',') })}`,
	fingerprint: (id: number, view: Partial<FilterView> = {}) => `/fingerprints/${id}${query({ ...view })}`,
	difference: (before: number, after: number, view: Partial<DifferenceView> = {}) =>
		`/fingerprints/${before}...${after}${query({ ...view })}`,
	packages: (view: Partial<PackagesView> = {}) => `/packages${query({ ...view })}`,
	runtime: (id: number, view: Partial<RuntimeView> = {}) => `/services/${id}/runtime${query({
		instance: view.instance, ...spanQuery(view), kind: view.kind,
		hours: view.hours === CENSUS_HOURS_USUAL ? undefined : view.hours, q: view.q,
	})}`,
	queues: (view: Partial<FilterView> = {}) => `/queues${query({ ...view })}`,
	queue: (id: number, view: Partial<SpanView> = {}) => `/queues/${id}${query(spanQuery(view))}`,
	/** The first selection is what the others are compared with. */
	compare({ selections = [], ...view }: Partial<CompareView>) {
		const [a, b, c, d] = selections.map(selectionText);
		return `/compare${query({ a, b, c, d, ...spanQuery(view), show: view.show,
			metric: view.metric === SERVICE_DEFAULT.metric ? undefined : view.metric,
			align: view.align === 'time' ? undefined : view.align })}`;
	},
};
