// The answers of /api/v1 about what runs where, what processes hold and complain of, and the
// queues they work on: schema/insight.h. Times and units as in types.ts.
import type { components } from './schema';

type Schemas = components['schemas'];

/** GET /services/{id}/fingerprints → Page<FingerprintRow>, the newest first. The id is that
 *  of the version in Service.versions. "" is what is not known. */
export type FingerprintRow = Schemas['FingerprintRow'];

export type Package = Schemas['Package'];

/** GET /fingerprints/{id}?filter=TEXT&limit=&after= */
export type Fingerprint = Schemas['Fingerprint'];

/** GET /fingerprints/diff?from=ID&to=ID */
export type FingerprintDiff = Schemas['FingerprintDiff'];

/** GET /packages?name=&version=&limit=&after= → Page<PackageUse> */
export type PackageUse = Schemas['PackageUse'];

export type DeployKind = Schemas['DeployKind'];

/** GET /services/{id}/deploys → Page<Deploy>, newest first; POST /deploys {service, version?,
 *  at_ms?, kind?, note?} → Deploy (operator). */
export type Deploy = Schemas['Deploy'];

/** GET /instances/{id}/insides */
export type Insides = Schemas['Insides'];

export type CensusKind = Schemas['CensusKind'];

/** GET /services/{id}/census?hours= → Page<CensusItem>, the largest growth first. */
export type CensusItem = Schemas['CensusItem'];

export type WarningKind = 'max_listeners' | 'heap_out_of_memory' | 'oom_kill' | 'uncaught_exception' | 'pattern';

/** GET /services/{id}/warnings → Page<Warning>, the newest first. */
export type Warning = Schemas['Warning'];

/** GET /queues, /services/{id}/queues → Page<Queue>; GET /queues/{id} */
export type Queue = Schemas['Queue'];

/** GET /queues/{id}/series?from=&to=&points= */
export type QueueSeries = Schemas['QueueSeries'];

/** GET /sources → Page<Source> */
export type Source = Schemas['Source'];
