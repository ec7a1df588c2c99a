import { expect, test } from 'vitest';
import list from '../../../schema/api/snapshots.json';
import type { SnapshotRow } from '../api/types';
import { groups } from './pick';
import { inOrder, isSameProcess, suggestions } from './suggest';

const rows = list.items as SnapshotRow[];
const byId = (id: number) => rows.find((r) => r.id === id) as SnapshotRow;

test('the one before of the same process comes first, then another version', () => {
	expect(suggestions(byId(2), rows).map((s) => [s.why, s.row.id])).toEqual([['process', 1], ['version', 4]]);
});

test('another host is offered of the same version only', () => {
	const elsewhere = { ...byId(1), id: 9, instance: 8, generation: 20, host: { id: 2, name: 'web-2' } };
	const found = suggestions(byId(2), [elsewhere, ...rows]);
	expect(found.find((s) => s.why === 'host')?.row.id).toBe(9);
	const other = { ...elsewhere, version: { id: 77, version: '9' } };
	expect(suggestions(byId(2), [other]).map((s) => s.why)).toEqual(['version']);
});

test('a restarted process is another one', () => {
	expect(isSameProcess(byId(1), byId(2))).toBe(true);
	expect(isSameProcess(byId(1), { ...byId(2), generation: 8 })).toBe(false);
});

test('a Java histogram is not compared with a V8 heap', () => {
	expect(suggestions({ ...byId(2), kind: 'jvm' }, rows)).toEqual([]);
});

test('the older one is before', () => {
	expect(inOrder(byId(2), byId(1))).toEqual([1, 2]);
	expect(inOrder(byId(1), byId(2))).toEqual([1, 2]);
});

test('the picker groups by what is compared, without the other side', () => {
	const found = groups(rows, byId(2));
	expect(found.map((g) => [g.name, g.rows.map((r) => r.id)])).toEqual([
		['The same process', [1]], ['Other versions', [4, 3]]]);
});
