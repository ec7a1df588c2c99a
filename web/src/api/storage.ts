// The answer of GET /storage[?hours=1..168]: how storing goes, and how much room it takes.
import type { components } from './schema';

type Schemas = components['schemas'];

export type Storage = Schemas['Storage'];
