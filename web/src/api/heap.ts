// The answers of /api/v1 about heap snapshots; as types.ts, but sizes are bytes (suffix
// _bytes).
import type { components } from './schema';

type Schemas = components['schemas'];

/** Where something is written, e.g. "lib/server.js:522:16"; null where the heap does not say. */
export type HeapName = Schemas['HeapName'];

/** One row of the class table. */
export type HeapClass = Schemas['HeapClass'];

/** An object that holds many of one class. */
export type HeapHolder = Schemas['HeapHolder'];

export type HeapChange = Schemas['HeapChange'];

/** Against the snapshot before, of the same process. */
export type HeapGrowth = Schemas['HeapGrowth'];

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

export type RawFile = Schemas['RawFile'];

/** GET /services/{id}/snapshots?limit=&after= → Page<SnapshotRow>, newest first. */
export type SnapshotRow = Schemas['SnapshotRow'];

/** GET /snapshots/{id} */
export type Snapshot = Schemas['Snapshot'];

/** GET /snapshots/{id}/compare?with=ID&limit=N → Comparison. {id} is "after". Classes are
 *  matched by name and location, so any two snapshots compare: of one process, of two hosts,
 *  of two versions. */
export type Comparison = Schemas['Comparison'];

/** Which of the classes that grew go with the requests served in between. */
export type HeapArithmetic = Schemas['HeapArithmetic'];

export type HeapMeaning = 'unexplained' | 'kept' | 'backlog' | 'in-use' | 'undecided';

export type HeapMatch = Schemas['HeapMatch'];

export type ComparisonRow = Schemas['ComparisonRow'];

/** The cost card. */
export type CostCard = Schemas['CostCard'];

/** POST /instances/{id}/captures {route?} → 201 Capture, state "quoting": asks the agent for a
 *  cost card. GET /captures/{id}. POST /captures/{id}/confirm {overrule?, keep_raw?} (quoted
 *  only; overrule needs admin when the gate "asks", keep_raw needs admin). POST
 *  /captures/{id}/cancel. 409 when another capture of the service or host is under way.
 *  GET /services/{id}/captures → Page<Capture>, newest first. */
export type Capture = Schemas['Capture'];

/** POST /snapshots/{id}/raw → Snapshot: the server begins to pull the kept file (admin).
 *  GET /snapshots/{id}/raw: the file, with Range, when complete (admin; audited).
 *  DELETE /snapshots/{id}/raw → Snapshot: dropped here and on the host (admin). */

/** GET, PUT /services/{id}/snapshot-policy (PUT: admin, without changed_*). */
export type SnapshotPolicy = Schemas['SnapshotPolicy'];

/** GET /audit?service=ID&limit=&after= → Page<AuditRow>, newest first (admin). */
export type AuditRow = Schemas['AuditRow'];
