// The answers of /api/v1, as schema/openapi.yaml describes them and the golden files
// under schema/api show them. Times are Unix milliseconds, memory is KiB (suffix _kb),
// rates are KiB per hour, null means "not known".

import type { AlertLife, AlertState, Inbox, SimilarAlert } from './cases';
import type { GrowthWords, QueueState } from './fleet';
import type { SnapshotRow } from './heap';

export * from './cases';
export * from './heap';
export * from './insight';
export * from './storage';

export type Verdict =
	| 'learning'
	| 'unusable'
	| 'steady'
	| 'cyclic'
	| 'load'
	| 'warmup'
	| 'fragmentation'
	| 'step'
	| 'watch'
	| 'backlog'
	| 'native'
	| 'leak';
/** watch is shown, confirmed alerts. */
export type Level = 'watch' | 'confirmed';
/** What grows; "version": known only by contrast with another version. */
export type Kind = 'leak' | 'native' | 'backlog' | 'version';
export type Sensitivity = 'calm' | 'normal' | 'eager';
/** fixed and not-a-leak by people, gone by the detector. */
export type Resolution = 'fixed' | 'not-a-leak' | 'gone';
export type Role = 'admin' | 'member' | 'viewer';

/** Keyset paging: absent `next` means the last page; pass it back as ?after=. */
export interface Page<T> {
	items: T[];
	next?: string;
}

/** RFC 9457, application/problem+json. */
export interface Problem {
	type: string;
	title: string;
	status: number;
	detail: string;
	instance: string;
	errors?: { pointer: string; detail: string }[];
}

/** GET /session (null when nobody is logged in); POST /session {name, password};
 *  DELETE /session; POST /session/password {current, new}. */
export interface Session {
	user: string;
	role: Role;
	/** The password was made by the server and shown once: ask for another. */
	password_is_one_time: boolean;
}

/** GET /fleet */
export interface Fleet {
	at_ms: number;
	hosts: number;
	services: number;
	instances: number;
	/** No data came of these lately; what was said of them stands. */
	instances_silent: number;
	agents: { total: number; reporting: number; silent: number };
	/** `open` holds new, escalating and regressed ones. */
	alerts: { open: number; acknowledged: number } & Partial<Record<Inbox, number>>;
	/** Active ones. */
	findings: Record<Level, number>;
	/** Services by their worst version's verdict. */
	verdicts: Record<Verdict, number>;
}

export interface Rate {
	kb_h: number;
	low_kb_h: number;
	high_kb_h: number;
}

/** With its 95 % interval; `low_ms` null: the interval is not known, only `high_ms` null:
 *  perhaps never. */
export interface Moment {
	at_ms: number;
	low_ms: number | null;
	high_ms: number | null;
}

export interface Reason {
	for: boolean;
	text: string;
}

export interface Sparkline {
	from_ms: number;
	step_ms: number;
	values: (number | null)[];
}

/** A version (fingerprint) of a service as judged last. */
export interface VersionRow {
	id: number;
	version: string;
	/** With what tells it from others of that name: "2.0.0 · deps 3f2a91". */
	label: string;
	runtime: string;
	first_seen_ms: number;
	instances: number;
	hosts: number;
	instances_leaking: number;
	hosts_leaking: number;
	verdict: Verdict;
	level: Level | null;
	kind: Kind | null;
	/** No data comes of any instance judged; all this is as of then. */
	silent_since_ms: number | null;
	rate: Rate | null;
	onset_at_ms: number | null;
	exhaust_at_ms: number | null;
	wait_s: number | null;
	summary: string;
	reasons: Reason[];
}

/** GET /services?q=&verdict=&limit=&after= → Page<ServiceRow>, worst first. */
export interface ServiceRow {
	id: number;
	name: string;
	verdict: Verdict;
	level: Level | null;
	kind: Kind | null;
	summary: string;
	rate: Rate | null;
	memory_kb: number;
	hosts: number;
	instances: number;
	open_alerts: number;
	versions: { id: number; version: string; label: string; instances: number; verdict: Verdict; level: Level | null }[];
	sparkline: Sparkline | null;
	growth: GrowthWords | null;
	queue: QueueState | null;
}

/** GET /services/{id} */
export interface Service {
	id: number;
	name: string;
	first_seen_ms: number;
	verdict: Verdict;
	level: Level | null;
	kind: Kind | null;
	summary: string;
	memory_kb: number;
	hosts: number;
	instances: number;
	versions: VersionRow[];
	alerts: {
		id: number;
		state: AlertState;
		resolution: Resolution | null;
		level: Level;
		kind: Kind;
		version: string;
		summary: string;
	}[];
}

/** GET /services/{id}/instances?limit=&after= → Page<Instance>; GET /instances/{id}.
 *  An instance is a slot: one seat of the service on a host, with its newest process. */
export interface Instance {
	id: number;
	service: { id: number; name: string };
	host: { id: number; name: string };
	ordinal: number;
	version: { id: number; version: string };
	running: boolean;
	pid: number;
	command: string;
	rule: string;
	started_at_ms: number;
	last_sample_at_ms: number;
	/** Processes that lived in this seat before the newest one. */
	restarts: number;
	memory_kb: number | null;
	limit_kb: number | null;
	verdict: Verdict;
	level: Level | null;
	kind: Kind | null;
	/** No data comes; all this is as of then. */
	silent_since_ms: number | null;
	rate: Rate | null;
	value_kb: number | null;
	exhaust_at_ms: number | null;
	onset_at_ms: number | null;
	exhaust: Moment | null;
	onset: Moment | null;
	wait_s: number | null;
	summary: string;
	reasons: Reason[];
}

/** GET /series?service=ID | instance=ID[,ID…]  &metric=NAME  &from=MS&to=MS&points=N (≤ 1000)
 *  &agg=max|min|last|mean&source=raw&delta=true&align=start&age_from=MS&age_to=MS
 *  metric: a process metric of GET /metrics, "cpu_ratio" (cores used, from cpu_ms), or "heap_ratio"
 *  (the part of its limit that the heap uses).
 *  Gauges: the maximum of each step, or `agg`; counters: increase per second. The process lives of
 *  an instance are joined into one line per version; null where nothing was read. */
export interface SeriesAnswer {
	metric: string;
	unit: string;
	from_ms: number;
	to_ms: number;
	/** values[i] covers [from_ms + i * step_ms, + step_ms). */
	step_ms: number;
	aggregate?: 'max' | 'min' | 'last' | 'mean' | 'rate';
	/** With ?align=start: a line for each process, from_ms and to_ms are ages. */
	align?: 'start';
	lives?: { all: number; shown: number };
	/** The coarsest of what was read: the usual interval of readings, or an hour. */
	resolution_ms?: number;
	sources?: ('hot' | 'late' | 'segments' | 'chunks' | 'rollups')[];
	/** Marks of kind oom are not looked for before. */
	kills_from_ms?: number;
	series: SeriesLine[];
	marks: Mark[];
	/** Spans for which an agent reported lost batches. */
	gaps: { host: string; from_ms: number; to_ms: number; reason: string }[];
}

/** GET /services/{id}/bands?metric=NAME&from=MS&to=MS&points=N: how a metric is spread over the
 *  instances of each version; of each its greatest reading in the step. */
export interface BandsAnswer {
	metric: string;
	unit: string;
	from_ms: number;
	to_ms: number;
	/** At least five minutes. */
	step_ms: number;
	/** Each list has an element a step, null where nothing is known. */
	versions: {
		version: { id: number; version: string };
		n: (number | null)[];
		median: (number | null)[];
		p10: (number | null)[];
		p90: (number | null)[];
		min: (number | null)[];
		max: (number | null)[];
	}[];
	marks: Mark[];
}

/** GET /services/{id}/memory?instance=ID[,ID…]&from=MS&to=MS&points=N: the mean of its instances; the
 *  kinds add up to `rss`. */
export interface MemoryAnswer {
	unit: string;
	from_ms: number;
	to_ms: number;
	step_ms: number;
	instances: { all: number; read: number };
	rss: (number | null)[];
	n: number[];
	kinds: { kind: MemoryKind; values: (number | null)[] }[];
	marks: Mark[];
	gaps: SeriesAnswer['gaps'];
}

export type MemoryKind = 'heap_used' | 'heap_free' | 'array_buffers' | 'external' | 'native' | 'file' | 'shm';

export interface SeriesLine {
	instance: number;
	host: string;
	ordinal: number;
	version: { id: number; version: string };
	/** With ?align=start. */
	pid?: number;
	started_ms?: number;
	values: (number | null)[];
}

/** deploy: first process of a new version in a slot; restart: new process, same version. With
 *  instance 0: what POST /deploys told of the service. */
export interface Mark {
	at_ms: number;
	kind: 'deploy' | 'restart' | 'oom' | 'config' | 'load' | 'snapshot' | 'experiment';
	instance: number;
	text: string;
	/** Of the snapshot or experiment. */
	id?: number;
	/** Of an experiment that has ended. */
	to_ms?: number;
	/** How many are one. */
	count?: number;
}

/** GET /hosts/{id}/series?metric=NAME&from=&to=&points= → SeriesAnswer, one line, instance 0,
 *  version {id: 0, version: ""}. metric: a host metric, or "cpu_ratio" (busy share of all cores). */

/** GET /findings?service=ID&active=true&level=watch,confirmed&kind=leak,native →
 *  Page<Finding>. One for each cause. */
export interface Finding {
	id: number;
	service: { id: number; name: string };
	/** The one that leaks most. */
	version: { id: number; version: string };
	/** All inside. */
	versions: { id: number; version: string }[];
	kind: Kind;
	level: Level;
	/** What those that leak have in common: "@pm2/io 4.2.1", "version 2.3.1". */
	cause: string | null;
	active: boolean;
	/** No data comes of any instance inside; all this is as of then. */
	silent_since_ms: number | null;
	first_at_ms: number;
	last_at_ms: number;
	rate: Rate | null;
	instances: number;
	instances_leaking: number;
	hosts: number;
	hosts_leaking: number;
	onset_at_ms: number | null;
	exhaust_at_ms: number | null;
	onset: Moment | null;
	exhaust: Moment | null;
	summary: string;
	reasons: Reason[];
}

/** GET /alerts?state=open,acknowledged&service=ID&limit=&after= → Page<AlertRow>, newest
 *  first. Without `state`: open and acknowledged. Steps of people and what can be searched
 *  for: cases.ts. */
export interface AlertRow extends AlertLife {
	id: number;
	state: AlertState;
	resolution: Resolution | null;
	opened_at_ms: number;
	/** Times it came back after it was resolved. */
	reopened: number;
	acknowledged_at_ms: number | null;
	acknowledged_by: string | null;
	resolved_at_ms: number | null;
	resolved_by: string | null;
	revision: number;
	finding: Finding;
}

/** GET /alerts/{id}; POST /alerts/{id}/acknowledge {note?}, /alerts/{id}/resolve {note?},
 *  /alerts/{id}/dismiss {reason}, /alerts/{id}/reopen {note?}, /alerts/{id}/notes {text} →
 *  Alert.
 *  If-Match: "revision" or the ETag of GET is honoured (412 when it has moved on). */
export interface Alert extends AlertRow {
	/** Slots inside, the fastest growing first. */
	instances: AlertInstance[];
	/** Other versions of the service, for contrast: "1.0.0: 0 of 2 leak". */
	others: VersionRow[];
	events: AlertEvent[];
	/** The newest five of this version of the service. */
	snapshots: SnapshotRow[];
	/** Earlier ones, five at most. */
	similar: SimilarAlert[];
}

export interface AlertInstance {
	id: number;
	host: { id: number; name: string };
	ordinal: number;
	version: { id: number; version: string };
	pid: number;
	running: boolean;
	first_at_ms: number;
	last_at_ms: number;
	rate: Rate | null;
	value_kb: number | null;
	limit_kb: number | null;
	exhaust_at_ms: number | null;
	exhaust: Moment | null;
	onset: Moment | null;
	level: Level | null;
	silent_since_ms: number | null;
	restarts: number;
	summary: string;
}

export interface AlertEvent {
	id: number;
	at_ms: number;
	/** null: the detector. */
	user: string | null;
	kind:
		| 'opened'
		| 'acknowledged'
		| 'note'
		| 'resolved'
		| 'dismissed'
		| 'withdrawn'
		| 'reopened'
		| 'quiet'
		| 'growing'
		| 'assigned'
		| 'archived'
		| 'unarchived'
		| 'expired'
		| 'escalated'
		| 'regressed'
		| 'verified'
		| 'merged'
		| 'unmerged'
		| 'split'
		| 'undone';
	text: string;
}

/** GET /agents?limit=&after= → Page<Agent>; POST /agents/{id}/revoke → Agent */
export interface Agent {
	id: number;
	host: { id: number; name: string };
	version: string;
	enrolled_at_ms: number;
	revoked_at_ms: number | null;
	last_seen_at_ms: number | null;
	/** reporting: seen within three intervals (at least 30 s). */
	state: 'reporting' | 'silent' | 'never' | 'revoked';
	/** Age of the newest stored sample when it was stored. */
	lag_ms: number | null;
	clock_skew_ms: number | null;
	spool_bytes: number;
	spool_batches: number;
	stored_batches: number;
	repeated_batches: number;
	refused_batches: number;
	refused_values: number;
	last_refusal: string | null;
	lost_batches: number;
	kernel: string;
	cpus: number;
	interval_ms: number;
	/** Newest host readings. */
	mem_total_kb: number | null;
	mem_available_kb: number | null;
}

/** GET /tokens → Page<Token>; POST /tokens {kind, name?, ttl_s?, max_uses?} → Token with
 *  `secret`; POST /tokens/{id}/revoke → Token. For kind "join", `secret` is the whole token
 *  and `command` the line to run on the new host. */
export interface Token {
	id: string;
	kind: 'join' | 'api';
	name: string;
	created_at_ms: number;
	created_by: string | null;
	expires_at_ms: number;
	max_uses: number | null;
	uses: number;
	revoked_at_ms: number | null;
	secret?: string;
	command?: string;
}

/** GET /metrics → Page<Metric>, from metric.def (/metrics without /api/v1 is the server's own). */
export interface Metric {
	scope: 'process' | 'host' | 'queue';
	name: string;
	kind: 'gauge' | 'counter';
	unit: string;
	help: string;
}

/** GET /about, without login. */
export interface About {
	version: string;
	started_at_ms: number;
	/** Where agents connect, as the server is configured. */
	agent_endpoint: string;
	enrol_endpoint: string;
	raw_retention_days: number;
	rollup_retention_days: number;
}

/** GET /events: server-sent events. `change` carries this; `resync` says that something may
 *  have been missed. */
export interface Change {
	topics: ('verdicts' | 'alerts' | 'agents' | 'samples' | 'snapshots' | 'replays' | 'queues' | 'warnings')[];
}

/** GET, PUT /services/{id}/sensitivity {sensitivity} (PUT: member). */
export interface SensitivitySetting {
	sensitivity: Sensitivity;
	/** Nobody set it. */
	is_default: boolean;
	changed_by: string | null;
	changed_at_ms: number | null;
	/** For If-Match. */
	revision: number;
}

/** GET /services/{id}/feedback?limit=&after= → Page<Feedback>, newest first, without what was
 *  withdrawn; DELETE /feedback/{id} → Feedback (member). */
export interface Feedback {
	id: number;
	finding: number;
	alert: number | null;
	kind: Kind;
	version: { id: number; version: string };
	/** Of the finding when this was said. */
	rate_kb_h: number | null;
	reason: string;
	said_by: string;
	said_at_ms: number;
	withdrawn_at_ms: number | null;
	/** For If-Match: 1 while it stands, then 2. */
	revision: number;
}

/** POST /services/{id}/replays {sensitivity, from_ms, to_ms?} → 202 Replay (member; 409 while
 *  another is open). GET /services/{id}/replays → Page<ReplayRow>, newest first. */
export interface ReplayRow {
	id: number;
	service: number;
	sensitivity: Sensitivity;
	from_ms: number;
	to_ms: number;
	state: 'waiting' | 'running' | 'done' | 'failed';
	asked_by: string | null;
	asked_at_ms: number;
	ended_at_ms: number | null;
	/** How many were read again. */
	readings: number;
	alarm_count: number;
	/** Why it failed. */
	text: string;
}

/** GET /replays/{id} */
export interface Replay extends ReplayRow {
	/** What it would have raised. */
	alarms: Alarm[];
	/** What was raised in that time in fact. */
	raised: Alarm[];
}

export interface Alarm {
	host: string;
	ordinal: number;
	version: string;
	level: Level;
	kind: Kind;
	from_ms: number;
	/** null: it goes on. */
	to_ms: number | null;
	rate_kb_h: number | null;
}
