import { expect, test } from 'vitest';
import findings from '../../../schema/api/findings.json';
import service from '../../../schema/api/service.json';
import type { Finding, VersionRow } from '../api/types';
import { causeOf, causeSentence } from './finding';

const golden = findings.items[0] as Finding;
const versions = service.versions as VersionRow[];

test('the sentence names the cause and counts those with and without it', () => {
	expect(causeSentence(golden, versions))
		.toBe('Leaks with version 1.1.0: 2 of 2 instances on 1 host; without: 0 of 2');
	const pm2 = { ...golden, cause: '@pm2/io 4.2.1', instances: 12, instances_leaking: 12, hosts_leaking: 12 };
	expect(causeSentence(pm2, [])).toBe('Leaks with @pm2/io 4.2.1: 12 of 12 instances on 12 hosts');
});

test('an unknown version is no cause', () => {
	const nameless = { ...golden, cause: null, version: { id: 1, version: '' }, versions: [{ id: 1, version: '' }] };
	expect(causeSentence(nameless, [])).toBe('Leaks: 2 of 2 instances on 1 host');
});

test('versions inside are never counted as those without', () => {
	const both = { ...golden, versions: versions.map((v) => ({ id: v.id, version: v.version })) };
	expect(causeSentence(both, versions)).not.toContain('without');
});

test('what is only watched is not said to be so', () => {
	expect(causeSentence({ ...golden, level: 'watch' }, [])).toContain('May leak with');
	expect(causeSentence({ ...golden, level: 'watch', kind: 'native' }, [])).toContain('May grow outside the heap');
	expect(causeSentence({ ...golden, kind: 'backlog' }, [])).toContain('Piles up work with');
});

test('without a cause the versions are named', () => {
	const of = (...names: string[]) => ({ cause: null, version: { id: 1, version: names[0] as string },
		versions: names.map((version, id) => ({ id, version })) });
	expect(causeOf(of('1.1.0'))).toBe('version 1.1.0');
	expect(causeOf(of('1.1.0', '1.2.0', '1.3.0'))).toBe('versions 1.1.0, 1.2.0 and 1.3.0');
	expect(causeOf(of(''))).toBeNull();
});
