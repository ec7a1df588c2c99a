// The answers of /api/v1, as schema/openapi.yaml describes them and the golden files
// under schema/api show them. Times are Unix milliseconds, memory is KiB (suffix _kb),
// rates are KiB per hour, null means "not known".
import type { components } from './schema';

type Schemas = components['schemas'];

export * from './cases';
export * from './heap';
export * from './insight';
export * from './storage';

export type Verdict = Schemas['Verdict'];
/** watch is shown, confirmed alerts. */
export type Level = Schemas['Level'];
/** What grows; "version": known only by contrast with another version. */
export type Kind = Schemas['Kind'];
export type Sensitivity = Schemas['Sensitivity'];
/** fixed and not-a-leak by people, gone by the detector. */
export type Resolution = Schemas['Resolution'];
export type Role = Schemas['Role'];

/** Keyset paging: absent `next` means the last page; pass it back as ?after=. */
export interface Page<T> {
	items: T[];
	next?: string;
}

/** RFC 9457, application/problem+json. */
export type Problem = Schemas['Problem'];

/** GET /session (null when nobody is logged in); POST /session {name, password};
 *  DELETE /session; POST /session/password {current, new}. */
export type Session = Schemas['Session'];

/** GET /fleet */
export type Fleet = Schemas['Fleet'];

export type Rate = Schemas['Rate'];

/** With its 95 % interval; `low_ms` null: the interval is not known, only `high_ms` null:
 *  perhaps never. */
export type Moment = Schemas['Moment'];

export type Reason = Schemas['Reason'];

export type Sparkline = Schemas['Sparkline'];

/** A version (fingerprint) of a service as judged last. */
export type VersionRow = Schemas['VersionRow'];

/** GET /services?q=&verdict=&limit=&after= → Page<ServiceRow>, worst first. */
export type ServiceRow = Schemas['ServiceRow'];

/** GET /services/{id} */
export type Service = Schemas['Service'];

/** GET /services/{id}/instances?limit=&after= → Page<Instance>; GET /instances/{id}.
 *  An instance is a slot: one seat of the service on a host, with its newest process. */
export type Instance = Schemas['Instance'];

/** GET /series?service=ID | instance=ID[,ID…]  &metric=NAME  &from=MS&to=MS&points=N (≤ 1000)
 *  &agg=max|min|last|mean&source=raw&delta=true&align=start&age_from=MS&age_to=MS
 *  metric: a process metric of GET /metrics, "cpu_ratio" (cores used, from cpu_ms), or "heap_ratio"
 *  (the part of its limit that the heap uses).
 *  Gauges: the maximum of each step, or `agg`; counters: increase per second. The process lives of
 *  an instance are joined into one line per version; null where nothing was read. */
export type SeriesAnswer = Schemas['SeriesAnswer'];

/** GET /services/{id}/bands?metric=NAME&from=MS&to=MS&points=N: how a metric is spread over the
 *  instances of each version; of each its greatest reading in the step. */
export type BandsAnswer = Schemas['BandsAnswer'];

/** GET /services/{id}/memory?instance=ID[,ID…]&from=MS&to=MS&points=N: the mean of its instances; the
 *  kinds add up to `rss`. */
export type MemoryAnswer = Schemas['MemoryAnswer'];

export type MemoryKind = 'heap_used' | 'heap_free' | 'array_buffers' | 'external' | 'native' | 'file' | 'shm';

export type SeriesLine = Schemas['SeriesLine'];

/** deploy: first process of a new version in a slot; restart: new process, same version. With
 *  instance 0: what POST /deploys told of the service. */
export type Mark = Schemas['Mark'];

/** GET /hosts/{id}/series?metric=NAME&from=&to=&points= → SeriesAnswer, one line, instance 0,
 *  version {id: 0, version: ""}. metric: a host metric, or "cpu_ratio" (busy share of all cores). */

/** GET /findings?service=ID&active=true&level=watch,confirmed&kind=leak,native →
 *  Page<Finding>. One for each cause. */
export type Finding = Schemas['Finding'];

/** GET /alerts?state=open,acknowledged&service=ID&limit=&after= → Page<AlertRow>, newest
 *  first. Without `state`: open and acknowledged. Steps of people and what can be searched
 *  for: cases.ts. */
export type AlertRow = Schemas['AlertRow'];

/** GET /alerts/{id}; POST /alerts/{id}/acknowledge {note?}, /alerts/{id}/resolve {note?},
 *  /alerts/{id}/dismiss {reason}, /alerts/{id}/reopen {note?}, /alerts/{id}/notes {text} →
 *  Alert.
 *  If-Match: "revision" or the ETag of GET is honoured (412 when it has moved on). */
export type Alert = Schemas['Alert'];

export type AlertInstance = Schemas['AlertInstance'];

export type AlertEvent = Schemas['AlertEvent'];

/** GET /agents?limit=&after= → Page<Agent>; POST /agents/{id}/revoke → Agent */
export type Agent = Schemas['Agent'];

/** GET /tokens → Page<Token>; POST /tokens {kind, name?, ttl_s?, max_uses?} → Token with
 *  `secret`; POST /tokens/{id}/revoke → Token. For kind "join", `secret` is the whole token
 *  and `command` the line to run on the new host. */
export type Token = Schemas['Token'];

/** GET /metrics → Page<Metric>, from metric.def (/metrics without /api/v1 is the server's own). */
export type Metric = Schemas['Metric'];

/** GET /about, without login. */
export type About = Schemas['About'];

/** GET /events: server-sent events. `change` carries this; `resync` says that something may
 *  have been missed. */
export type Change = Schemas['Change'];

/** GET, PUT /services/{id}/sensitivity {sensitivity} (PUT: operator). */
export type SensitivitySetting = Schemas['SensitivitySetting'];

/** GET /services/{id}/feedback?limit=&after= → Page<Feedback>, newest first, without what was
 *  withdrawn; DELETE /feedback/{id} → Feedback (operator). */
export type Feedback = Schemas['Feedback'];

/** POST /services/{id}/replays {sensitivity, from_ms, to_ms?} → 202 Replay (operator; 409 while
 *  another is open). GET /services/{id}/replays → Page<ReplayRow>, newest first. */
export type ReplayRow = Schemas['ReplayRow'];

/** GET /replays/{id} */
export type Replay = Schemas['Replay'];

export type Alarm = Schemas['Alarm'];
