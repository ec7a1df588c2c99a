// The answers of /api/v1 about heap snapshots; as types.ts, but sizes are bytes (suffix
// _bytes).

/** Where something is written, e.g. "lib/server.js:522:16"; null where the heap does not say. */
export interface HeapName {
	name: string;
	location: string | null;
}

/** One row of the class table. */
export interface HeapClass extends HeapName {
	count: number;
	shallow_bytes: number;
	/** null in shallow summaries and class histograms of a JVM. */
	retained_bytes: number | null;
	distance: number | null;
}

/** An object that holds many of one class. */
export interface HeapHolder extends HeapName {
	/** From the object towards the root: `edge` in `holder`. */
	path: { edge: string; holder: HeapName }[];
	path_is_cut: boolean;
	child: HeapName;
	child_count: number;
	child_bytes: number;
	retained_bytes: number;
}

export interface HeapChange extends HeapName {
	added: number;
	removed: number;
	added_bytes: number;
	removed_bytes: number;
}

/** Against the snapshot before, of the same process. */
export interface HeapGrowth {
	verdict: 'accumulation' | 'class-growth' | 'no-leak';
	before_at_ms: number;
	/** The snapshot it was compared with, if it is stored. */
	before: number | null;
	before_total_bytes: number;
	grown_bytes: number;
	/** Of `accumulation`: where it grows; child_* are the new children. */
	holder: HeapHolder | null;
	explained_bytes: number;
	changes: HeapChange[];
	words: string;
}

export interface SnapshotPlace {
	service: { id: number; name: string };
	host: { id: number; name: string };
	version: { id: number; version: string };
	instance: number;
	ordinal: number;
	pid: number;
	/** Number of the process life: snapshots of one can be compared object by object. */
	generation: number;
}

export interface RawFile {
	state: 'kept' | 'pulling' | 'complete' | 'lost' | 'dropped';
	bytes: number;
	sha256: string;
	parts: number;
	parts_here: number;
	text: string;
}

/** GET /services/{id}/snapshots?limit=&after= → Page<SnapshotRow>, newest first. */
export interface SnapshotRow extends SnapshotPlace {
	id: number;
	capture: number | null;
	/** "console", "policy: first" …, null when somebody on the host took it. */
	cause: string | null;
	taken_at_ms: number;
	kind: 'v8' | 'v8-shallow' | 'jvm';
	route: string;
	runtime: string;
	total_bytes: number;
	node_count: number;
	uptime_ms: number | null;
	requests: number | null;
	pause_ms: number | null;
	/** The growth verdict in words, null when it was not compared. */
	growth: { verdict: HeapGrowth['verdict']; words: string } | null;
	raw: RawFile | null;
}

/** GET /snapshots/{id} */
export interface Snapshot extends Omit<SnapshotRow, 'growth'> {
	rules: string;
	/** '' when the numbers are exact. */
	why_shallow: string;
	analysis_ms: number | null;
	peak_rss_bytes: number | null;
	heap_used_bytes: number | null;
	external_bytes: number | null;
	heap_limit_bytes: number | null;
	stream_bytes: number;
	edge_count: number;
	class_count: number;
	statistics: {
		native_bytes: number;
		typed_array_bytes: number;
		code_bytes: number;
		js_array_bytes: number;
		string_bytes: number;
		system_bytes: number;
	};
	/** Largest retained size first. */
	classes: HeapClass[];
	accumulators: HeapHolder[];
	fanout: HeapHolder[];
	growth: HeapGrowth | null;
}

/** GET /snapshots/{id}/compare?with=ID&limit=N → Comparison. {id} is "after". Classes are
 *  matched by name and location, so any two snapshots compare: of one process, of two hosts,
 *  of two versions. */
export interface Comparison {
	before: SnapshotRow;
	after: SnapshotRow;
	/** Largest difference of retained (or shallow) bytes first; -1/null where absent. */
	rows: ComparisonRow[];
	/** Totals of everything, also of what `limit` cut off. */
	total_rows: number;
	same_process: boolean;
	/** Only the largest classes of this side were kept: one without it there is not new or gone. */
	before_is_cut: boolean;
	after_is_cut: boolean;
	/** The growth verdict of `after`, when `before` is what it was compared with. */
	growth: HeapGrowth | null;
	/** null of two processes, the later one first, and where requests are not known. */
	arithmetic: HeapArithmetic | null;
}

/** Which of the classes that grew go with the requests served in between. */
export interface HeapArithmetic {
	requests: number;
	meaning: HeapMeaning;
	text: string;
	/** Explained classes, the most bytes first; 20 at most. */
	matches: HeapMatch[];
	grown_classes: number;
	unexplained_classes: number;
}

export type HeapMeaning = 'unexplained' | 'kept' | 'backlog' | 'in-use' | 'undecided';

export interface HeapMatch extends HeapName {
	count_delta: number;
	shallow_delta_bytes: number;
	meaning: Exclude<HeapMeaning, 'unexplained'>;
	counter: 'requests';
	/** So many objects for so many units of the counter. */
	objects: number;
	units: number;
	error: number;
	text: string;
}

export interface ComparisonRow extends HeapName {
	before: { count: number; shallow_bytes: number; retained_bytes: number | null } | null;
	after: { count: number; shallow_bytes: number; retained_bytes: number | null } | null;
	/** null when the side that has no such class is cut: then nobody knows. */
	count_delta: number | null;
	shallow_delta_bytes: number | null;
	retained_delta_bytes: number | null;
	/** Difference per request and per hour: of the two rates (count / requests, count / uptime)
	 *  for two processes whose counts differ, of the growth in between for one; null when not
	 *  known. */
	count_per_request: number | null;
	count_per_hour: number | null;
}

/** The cost card. */
export interface CostCard {
	gate: 'allowed' | 'asks' | 'refused';
	route: string;
	runtime: string;
	heap_is_measured: boolean;
	heap_bytes: number;
	pause_ms: number;
	need_bytes: number;
	free_bytes: number;
	helper_bytes: number;
	/** Why it asks or refuses, one each. */
	reasons: string[];
}

/** POST /instances/{id}/captures {route?} → 201 Capture, state "quoting": asks the agent for a
 *  cost card. GET /captures/{id}. POST /captures/{id}/confirm {overrule?, keep_raw?} (quoted
 *  only; overrule needs admin when the gate "asks", keep_raw needs admin). POST
 *  /captures/{id}/cancel. 409 when another capture of the service or host is under way.
 *  GET /services/{id}/captures → Page<Capture>, newest first. */
export interface Capture extends SnapshotPlace {
	id: number;
	cause: string;
	asked_by: string | null;
	asked_at_ms: number;
	confirmed_by: string | null;
	state:
		| 'quoting'
		| 'quoted'
		| 'ordered'
		| 'running'
		| 'done'
		| 'denied'
		| 'failed'
		| 'expired'
		| 'cancelled';
	changed_at_ms: number;
	deadline_at_ms: number;
	route: string;
	overrules: boolean;
	keep_raw: boolean;
	progress_permille: number;
	text: string;
	card: CostCard | null;
	/** When done. */
	snapshot: number | null;
}

/** POST /snapshots/{id}/raw → Snapshot: the server begins to pull the kept file (admin).
 *  GET /snapshots/{id}/raw: the file, with Range, when complete (admin; audited).
 *  DELETE /snapshots/{id}/raw → Snapshot: dropped here and on the host (admin). */

/** GET, PUT /services/{id}/snapshot-policy (PUT: admin, without changed_*). */
export interface SnapshotPolicy {
	enabled: boolean;
	grown_bytes: number;
	with_control: boolean;
	changed_by: string | null;
	changed_at_ms: number | null;
}

/** GET /audit?service=ID&limit=&after= → Page<AuditRow>, newest first (admin). */
export interface AuditRow {
	id: number;
	at_ms: number;
	actor: string;
	action: string;
	service: { id: number; name: string } | null;
	host: { id: number; name: string } | null;
	subject: string;
	detail: string;
}
