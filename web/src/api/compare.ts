// GET /compare?a=SEL&b=SEL[&c=SEL&d=SEL]&metric=NAME&from=&to=&points=&align=time|start → CompareAnswer
// A selection is written as app/address.ts does: "service:7,version:12,offset:86400000".
import type { components } from './schema';

type Schemas = components['schemas'];

/** Units of the metric by the hour, with its 95 % interval. */
export type CompareRate = Schemas['CompareRate'];

export type CompareSelection = Schemas['CompareSelection'];

export type CompareRemark = 'few_hosts' | 'one_instance' | 'load_differs' | 'load_unknown' | 'age_differs';

/** Of a selection against the first. */
export type CompareDifference = Schemas['CompareDifference'];

export type CompareAnswer = Schemas['CompareAnswer'];
