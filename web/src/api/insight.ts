// The answers of /api/v1 about what runs where, what processes hold and complain of, and the
// queues they work on: schema/insight.h. Times and units as in types.ts.

/** GET /services/{id}/fingerprints → Page<FingerprintRow>, the newest first. The id is that
 *  of the version in Service.versions. "" is what is not known. */
export interface FingerprintRow {
	id: number;
	service: { id: number; name: string };
	version: string;
	/** The version, and what tells it from others of that name: "2.0.0 · deps 3f2a91". */
	label: string;
	/** The contents have come; false: only that it ran is known. */
	is_known: boolean;
	runtime: string;
	runtime_version: string;
	hash: string;
	app: string;
	app_version: string;
	git_head: string;
	build_id: string;
	image: string;
	/** Where the packages stand: "package-lock.json", "node_modules", "mapped libraries". */
	source: string;
	packages: number;
	/** There are more packages than are listed. */
	is_cut: boolean;
	/** "NAME=value". */
	environment: string[];
	/** What could not be read, and why. */
	remarks: string[];
	hosts: number;
	/** Running now. */
	instances: number;
	first_seen_at_ms: number;
	last_seen_at_ms: number;
}

export interface Package {
	name: string;
	version: string;
}

/** GET /fingerprints/{id}?filter=TEXT&limit=&after= */
export interface Fingerprint extends FingerprintRow {
	package_list: Package[];
	next?: string;
}

/** GET /fingerprints/diff?from=ID&to=ID */
export interface FingerprintDiff {
	from: FingerprintRow;
	to: FingerprintRow;
	fields: { name: string; from: string; to: string }[];
	changed: { name: string; from: string[]; to: string[] }[];
	added: { name: string; versions: string[] }[];
	removed: { name: string; versions: string[] }[];
	/** More packages differ than are told, or one of the two lists is not whole. */
	is_cut: boolean;
}

/** GET /packages?name=&version=&limit=&after= → Page<PackageUse> */
export interface PackageUse {
	name: string;
	version: string;
	service_id: number;
	service: string;
	fingerprint_id: number;
	service_version: string;
	hosts: string[];
	/** Those that run it now. */
	hosts_now: string[];
	/** Instances that run it now. */
	running: number;
	first_seen_at_ms: number;
	last_seen_at_ms: number;
}

export type DeployKind = 'deploy' | 'config' | 'load';

/** GET /services/{id}/deploys → Page<Deploy>, newest first; POST /deploys {service, version?,
 *  at_ms?, kind?, note?} → Deploy (member). */
export interface Deploy {
	id: number;
	service: { id: number; name: string };
	at_ms: number;
	/** seen: the first process of a fingerprint. */
	origin: 'api' | 'seen';
	kind: DeployKind;
	version: string;
	note: string;
	/** "" when it was seen. */
	actor: string;
	fingerprint_id: number | null;
	created_at_ms: number;
}

/** GET /instances/{id}/insides */
export interface Insides {
	instance: number;
	pid: number;
	/** "preload", "inspector", "jvm"; "" when nothing was read. */
	route: string;
	/** Why nothing is read, or what else the agent found in its way; "" when all is well. */
	problem: string;
	at_ms: number | null;
	/** Used of the real limit. */
	heap_pct: number | null;
	/** In use after the last full collection, of the real limit. */
	heap_floor_pct: number | null;
	/** The newest values by the names of metric.def, from heap_used_kb on; null or absent: not
	 *  read. Counters since the process started. */
	values: Record<string, number | null>;
	/** When each of them was read. */
	read_at_ms: Record<string, number>;
	/** Counters per second, over the last minutes. */
	per_second: Record<string, number | null>;
	cost: { took_us: number | null; bytes: number | null; pause_us: number | null };
}

export type CensusKind = 'listeners' | 'timers' | 'closures' | 'resources' | 'classes';

/** GET /services/{id}/census?hours= → Page<CensusItem>, the largest growth first. */
export interface CensusItem {
	kind: CensusKind;
	name: string;
	/** "path:line:column", "" when not known. */
	location: string;
	/** Of the process that holds most of it: `host`, `instance`, `pid`. */
	first: number;
	newest: number;
	/** How many processes hold any, and how much together. */
	processes: number;
	total: number;
	host: { id: number; name: string };
	instance: number;
	pid: number;
	/** null: one reading is no growth. */
	per_hour: number | null;
	/** [Unix ms, count]. */
	series: [number, number][];
}

export type WarningKind = 'max_listeners' | 'heap_out_of_memory' | 'oom_kill' | 'uncaught_exception' | 'pattern';

/** GET /services/{id}/warnings → Page<Warning>, the newest first. */
export interface Warning {
	id: number;
	kind: WarningKind;
	/** "preload", "journal", "log NAME", "cgroup", "kernel". */
	source: string;
	fields: Record<string, string>;
	host: { id: number; name: string };
	/** null: of none that is followed. */
	instance: number | null;
	ordinal: number | null;
	pid: number | null;
	version: { id: number; version: string } | null;
	first_at_ms: number;
	last_at_ms: number;
	count: number;
}

/** GET /queues, /services/{id}/queues → Page<Queue>; GET /queues/{id} */
export interface Queue {
	id: number;
	host: { id: number; name: string };
	source: string;
	kind: string;
	name: string;
	/** Services that match. */
	producers: { id: number; name: string }[];
	workers: { id: number; name: string }[];
	depth: number | null;
	waiting: number | null;
	active: number | null;
	delayed: number | null;
	failed: number | null;
	/** Workers that are attached. */
	attached: number | null;
	/** Since ever. */
	entered: number | null;
	completed: number | null;
	failures: number | null;
	in_per_min: number | null;
	out_per_min: number | null;
	net_per_min: number | null;
	/** null: never at this rate. */
	drain_s: number | null;
	oldest_ms: number | null;
	/** Active far longer than their type's 99th percentile. */
	overdue: number | null;
	at_ms: number;
}

/** GET /queues/{id}/series?from=&to=&points= */
export interface QueueSeries {
	from_ms: number;
	to_ms: number;
	step_ms: number;
	in_per_min: (number | null)[];
	out_per_min: (number | null)[];
	depth: (number | null)[];
	oldest_ms: (number | null)[];
}

/** GET /sources → Page<Source> */
export interface Source {
	id: number;
	host: { id: number; name: string };
	name: string;
	kind: string;
	works: boolean;
	/** What is wrong. */
	text: string;
	took_us: number;
	at_ms: number;
	/** Since when it works, or does not. */
	changed_at_ms: number;
}
