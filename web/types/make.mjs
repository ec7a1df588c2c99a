// Makes src/api/schema.ts, the types of the API's answers, from schema/openapi.yaml:
//
//     npm run types        (from the folder web/)
//
// The file is not kept: who checks types makes it first.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');

execFileSync(join(root, 'deploy/npm-packages'), [here], { stdio: 'inherit' });
execFileSync(join(here, 'node_modules/.bin/openapi-typescript'),
	[join(root, 'schema/openapi.yaml'), '--root-types', '--root-types-no-schema-prefix', '-o', join(here, '../src/api/schema.ts')],
	{ stdio: ['ignore', 'ignore', 'inherit'] });
