// What the centre tells agents: groups, revisions, and what each agent runs.
import type { components } from './schema';

type Schemas = components['schemas'];

/** GET /config/settings → Page: the closed list. */
export type ConfigSetting = Schemas['ConfigSetting'];
export type ConfigState = Schemas['ConfigState'];
export type ConfigStage = NonNullable<Schemas['ConfigStage']>;
export type ConfigSettings = Schemas['ConfigSettings'];

/** GET /config/groups/{id}/revisions → Page, newest first; POST {settings, note?}. */
export type ConfigRevision = Schemas['ConfigRevision'];

/** GET /config/groups → Page, in the order of the rules; POST ConfigGroupWish; GET, PUT (If-Match) and
 *  DELETE /config/groups/{id}; POST /config/groups/{id}/rollout {revision}, /pause, /promote and
 *  /rollback {note?} → ConfigGroup. Operator. */
export type ConfigGroup = Schemas['ConfigGroup'];
export type ConfigGroupWish = Schemas['ConfigGroupWish'];

/** GET /config/preview?host=&labels=KEY=GLOB,…&position=&group= */
export type ConfigPreview = Schemas['ConfigPreview'];

/** GET /config/agents?group=&state=a,b&limit=&after= → Page. */
export type ConfigAgent = Schemas['ConfigAgent'];

/** GET /config/versions */
export type ConfigVersions = Schemas['ConfigVersions'];
