import { expect, test } from 'vitest';
import golden from '../../../schema/api/storage.json';
import type { Storage } from '../api/types';
import { button, never, problem, says, serve, show, textOf } from '../testing/page';
import { StoragePage } from './storage';
import { dayWords, states, title } from './words';

const storage = golden as Storage;
const view = { hours: 1 } as const;
const words = (s: Storage, name: string) => states(s).find((x) => x.name === name)?.words.replaceAll('\u00a0', ' ');

test('it says that storing keeps up, what that means, and what takes room', async () => {
	const sent = serve({ '/storage': storage });
	const root = show(<StoragePage view={view} />);
	await says(root, 'Storing keeps up');
	expect(textOf(root.querySelector('.storage-states') as Element))
		.toMatch(/Storing30.8 readings a second; a transaction takes 5 ms, the longest 21 ms.*web-1, is 30 s behind; 1 MiB in 120 batches wait/);
	expect(root.querySelectorAll('.storage-stages')).toHaveLength(2); // stages, and two servers
	expect(textOf(root.querySelector('[aria-label="Where readings are"] tbody tr') as Element)).toMatch(/^Hotas they came.*1,447,200173 MiB$/);
	await says(root, '12 days in chunks: 546 MiB a day, 16.0 GiB when all 30 days are there. A value takes 0.62 bytes.');
	await says(root, 'In the spools of agents');
	expect(sent[0]?.path).toBe('/storage');
});

test('another span is asked for, and is in the address', async () => {
	const sent = serve({ '/storage': storage });
	const root = show(<StoragePage view={{ hours: 24 }} />);
	await says(root, 'Lately');
	expect(sent[0]?.path).toBe('/storage?hours=24');
	expect(button(root, '24 h').getAttribute('aria-pressed')).toBe('true');
	button(root, '7 d').click();
	expect(location.search).toBe('?hours=168');
});

test('the worst is the heading', () => {
	const with_ = (change: Partial<Storage>) => title({ ...storage, ...change });
	const late = { ...storage.stream, compaction_lag_ms: 12 * 60_000 };
	const behind = { ...storage.agents, behind: 1 };
	expect(with_({ agents: behind })).toBe('1 agent is behind');
	expect(with_({ agents: behind, stream: late })).toBe('Compaction is 12 min behind');
	const disk = { free_bytes: 2e9, total_bytes: 1e11, state: 'low' } as const;
	expect(with_({ stream: late, disk })).toBe('The disk is nearly full');
	expect(with_({ disk, databases: [...storage.databases, { name: 'north', up: false, bytes: 0 }] })).toBe('1 database does not answer');
	expect(with_({ disk, trouble: 'the disk is full' })).toBe('Nothing can be stored just now');
	expect(with_({ stream: { ...storage.stream, newest_ms: null } })).toBe('Nothing was stored yet');
	expect(with_({ agents: { ...storage.agents, reporting: 0, slowest: null } })).toBe('No agent reports');
});

test('trouble is told with what it means, by shape and word', async () => {
	const full: Storage = { ...storage, trouble: 'the database\'s disk is full (3 MiB left)',
		disk: { free_bytes: 3 * 2 ** 20, total_bytes: 1e11, state: 'full' } };
	serve({ '/storage': full });
	const root = show(<StoragePage view={view} />);
	await says(root, 'Nothing can be stored just now');
	const [storing] = root.querySelectorAll('.storage-states > div');
	expect(textOf(storing as Element)).toMatch(/▲ Storing: needs attention.*disk is full \(3 MiB left\).*Nothing is acknowledged; agents keep/);
});

test('compaction is on time, behind, or has nothing to do', () => {
	const at = (stream: Partial<Storage['stream']>) => words({ ...storage, stream: { ...storage.stream, ...stream } }, 'Compaction');
	expect(at({ compaction_lag_ms: 0 })).toBe('on time');
	expect(at({ compaction_lag_ms: 180_000 })).toBe('3 min behind');
	expect(at({ compacted_ms: null, compaction_lag_ms: 0 })).toBe('nothing to do yet');
});

test('of a database of somebody\'s own the disk is not known', () => {
	expect(words({ ...storage, disk: null }, 'Disk')).toMatch(/your own database/);
});

test('of several databases it says which one is away', () => {
	const others = (up: boolean) => ({ ...storage, databases: [...storage.databases, { name: 'north', up, bytes: 7 }] });
	expect(words(storage, 'Databases')).toBeUndefined();
	expect(words(others(true), 'Databases')).toBe('all 2 answer');
	expect(words(others(false), 'Databases')).toBe('north does not answer');
});

test('before the first day is over there is no word of days', () => {
	expect(dayWords({ ...storage, chunks: { days: 0, bytes_per_value: null } })).toBeNull();
});

test('loading is quiet, a failure is told', async () => {
	serve({ '/storage': never });
	expect(show(<StoragePage view={view} />).querySelector('[role=status]')).not.toBeNull();
	serve({ '/storage': problem(503, 'the database cannot answer now: its disk is full') });
	await says(show(<StoragePage view={view} />), 'its disk is full');
});
