// The fleet as its page, its map and the palette ask for it.
import type { components } from './schema';

type Schemas = components['schemas'];

/** What a ServiceRow says of its growth beside the rate; null: nothing grows. */
export type GrowthWords = Schemas['GrowthWords'];

/** The worst of the queues that a service fills or works on; `state` null: not known. */
export type QueueState = Schemas['QueueState'];

/** GET /groups?by=host|version|label&label=KEY&q=&verdict=&limit=&after= → Page<GroupRow>,
 *  worst first. Figures are of what runs; the rate is the sum of what grows. */
export type GroupRow = Schemas['GroupRow'];

/** GET /hosts?service=ID: all hosts by name, in columns; at most 10,000. With a service: how
 *  that fares there (verdict, instances, alerts), and which version of it runs. */
export type HostMap = Schemas['HostMap'];

export type HostAgent = 'reporting' | 'silent' | 'never';

/** GET /hosts/{id}; PUT /hosts/{id}/labels {labels: {key: value}} with If-Match → HostPage
 *  (operator; 412 when the labels have changed). GET /hosts/{id}/instances → Page<Instance>. */
export type HostPage = Schemas['HostPage'];

/** GET /search?q=: at most 8 of each; those that begin with it first. */
export type SearchAnswer = Schemas['SearchAnswer'];
