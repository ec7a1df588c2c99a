import { beforeEach, expect, test, vi } from 'vitest';
import fingerprint from '../../../schema/api/fingerprint.json';
import diff from '../../../schema/api/fingerprint_diff.json';
import fingerprints from '../../../schema/api/fingerprints.json';
import packages from '../../../schema/api/packages.json';
import service from '../../../schema/api/service_contents.json';
import type { FingerprintDiff, FingerprintRow, PackageUse } from '../api/types';
import { startKeyboard } from '../app/keyboard';
import { go, startRouter } from '../app/router';
import { button, press, problem, says, serve, show, textOf } from '../testing/page';
import { DifferencePage } from './difference';
import { FingerprintsPage, picked } from './list';
import { FingerprintPage } from './one';
import { PackagesPage, summary } from './packages';
import { diffRows, diffSentence, diffText, fieldWords, filtered, inOrder, joinPackage, splitPackage } from './words';

startKeyboard();
startRouter();
beforeEach(() => {
	vi.stubGlobal('scrollTo', () => {});
	go('/services/21/fingerprints', { replace: true });
});

const golden = diff as FingerprintDiff;
const rows = fingerprints.items as FingerprintRow[];
const answers = { '/services/21': service, '/services/21/fingerprints': fingerprints, '/fingerprints/diff': diff,
	'/fingerprints/26': fingerprint, '/packages': packages };

test('versions of one name are told apart, each with its verdict, packages and hosts', async () => {
	serve(answers);
	const root = show(<FingerprintsPage id={21} view={{ pick: [] }} />);
	await says(root, '2.0.0 · deps 3f2a91');
	const [first, second, third] = [...root.querySelectorAll('tbody tr')].map(textOf);
	expect(first).toMatch(/deps 3f2a91.*leaks.*node 20\.11\.1.*6 packages from node_modules.*against 2\.0\.0 · deps 9c01b7/);
	expect(second).toMatch(/deps 9c01b7.*steady.*5 packages from package-lock\.json/);
	expect(third).toContain('contents not read');
});

test('what could not be read is said', async () => {
	serve(answers);
	const root = show(<FingerprintsPage id={21} view={{ pick: [] }} />);
	await says(root, 'package-lock.json: permission denied');
});

test('two ticked rows are compared, the older before', async () => {
	serve(answers);
	let root = show(<FingerprintsPage id={21} view={{ pick: [26] }} />);
	await says(root, 'Tick one more to compare');
	root = show(<FingerprintsPage id={21} view={{ pick: [26, 25] }} />);
	await says(root, 'Compare');
	expect(root.querySelector('.actions a.primary')?.getAttribute('href')).toBe('/fingerprints/25...26');
	expect(picked([25, 26], 27)).toEqual([26, 27]);
	expect(inOrder(rows[0] as FingerprintRow, rows[1] as FingerprintRow)).toEqual([25, 26]);
});

test('the keyboard ticks rows', async () => {
	serve(answers);
	const root = show(<FingerprintsPage id={21} view={{ pick: [] }} />);
	await says(root, 'deps 3f2a91');
	press('j');
	press('x');
	expect(location.search).toBe('?pick=26');
});

test('without a fingerprint the next step is told', async () => {
	serve({ ...answers, '/services/21/fingerprints': { items: [] } });
	await says(show(<FingerprintsPage id={21} view={{ pick: [] }} />), 'tidemark-agent fingerprint orders');
});

test('the difference begins with what has changed', async () => {
	serve(answers);
	const root = show(<DifferencePage before={25} after={26} view={{ q: '', show: '' }} />);
	await says(root, '3 packages changed, 1 added, 1 removed.');
	const said = [...root.querySelectorAll('[aria-label=Packages] tbody tr')].map(textOf);
	expect(said[0]).toMatch(/@pm2\/io.*changed.*4\.1\.2.*4\.2\.1/);
	expect(said.at(-2)).toMatch(/require-in-the-middle.*added.*5\.0\.3/);
	expect(said.at(-1)).toMatch(/shimmer.*removed.*1\.2\.1/);
	expect(textOf(root.querySelector('[aria-label="What else differs"]') as Element)).toMatch(/Environment: NODE_ENV.*production.*staging/);
	expect(root.querySelector('a[href="/packages?name=%40pm2%2Fio&version=4.2.1"]')).not.toBeNull();
});

test('its rows are filtered by kind and word, and copied as lines', async () => {
	const all = diffRows(golden);
	expect(filtered(all, { q: 'pm2', show: '' }).map((r) => r.name)).toEqual(['@pm2/io', 'pm2']);
	expect(filtered(all, { q: '', show: 'removed' }).map((r) => r.name)).toEqual(['shimmer']);
	expect(diffText(golden, all)).toContain('\n~ ms 2.1.3 -> 2.0.0, 2.1.3\n');
	const write = vi.fn(() => Promise.resolve());
	vi.stubGlobal('navigator', { clipboard: { writeText: write } });
	serve(answers);
	const root = show(<DifferencePage before={25} after={26} view={{ q: 'shim', show: '' }} />);
	await says(root, 'shimmer');
	button(root, 'Copy').click();
	await says(root, 'Copied');
	expect(write).toHaveBeenCalledWith(expect.stringMatching(/- shimmer 1\.2\.1$/));
	vi.unstubAllGlobals();
});

test('thousands of differences stay fast: a part is drawn', async () => {
	const changed = Array.from({ length: 5000 }, (_, i) => ({ name: `package-${i}`, from: ['1.0.0'], to: ['2.0.0'] }));
	serve({ ...answers, '/fingerprints/diff': { ...diff, changed } });
	const root = show(<DifferencePage before={25} after={26} view={{ q: '', show: '' }} />);
	await says(root, 'Show 250 more of 5,002');
	expect(root.querySelectorAll('[aria-label=Packages] tbody tr')).toHaveLength(50);
});

test('no difference is said, in packages and in all', () => {
	const none = { ...golden, changed: [], added: [], removed: [] };
	expect(diffSentence(none)).toBe('All packages are the same.');
	expect(diffSentence({ ...none, fields: [] })).toBe('They are the same.');
	expect(fieldWords('git_head')).toBe('Git commit');
	expect(fieldWords('environment APP_ENV')).toBe('Environment: APP_ENV');
});

test('one fingerprint shows its parts, and more packages when they are wanted', async () => {
	const sent = serve(answers);
	const root = show(<FingerprintPage id={26} view={{ q: '' }} />);
	await says(root, 'orders 2.0.0 · deps 3f2a91');
	await says(root, 'express');
	expect(textOf(root.querySelector('.column-side') as Element)).toMatch(/node 20\.11\.1.*4f2c9d1e8b7a.*NODE_ENV=staging/);
	expect(textOf(root)).toContain('permission denied');
	button(root, 'Show more').click();
	await vi.waitFor(() => expect(sent.some((s) => s.path.includes('after=MiBtczIuMS4z'))).toBe(true));
});

test('a package is asked for as npm writes it', () => {
	expect(splitPackage('@pm2/io@4.2.1')).toEqual({ name: '@pm2/io', version: '4.2.1' });
	expect(splitPackage(' @pm2/io ')).toEqual({ name: '@pm2/io', version: '' });
	expect(splitPackage('express@4')).toEqual({ name: 'express', version: '4' });
	expect(joinPackage({ name: '@pm2/io', version: '4.2.1' })).toBe('@pm2/io@4.2.1');
});

test('who runs a package: services, versions, hosts', async () => {
	serve(answers);
	const root = show(<PackagesPage view={{ name: '@pm2/io', version: '' }} />);
	await says(root, 'On 2 hosts in 1 service; 3 instances run it now.');
	expect(textOf(root.querySelectorAll('tbody tr')[1] as Element)).toMatch(/orders.*4\.2\.1.*deps 3f2a91.*web-2/);
	expect(summary([{ ...(packages.items[0] as PackageUse), running: 0 }])).toContain('no instance runs it now');
});

test('hosts that ran it before are told apart', async () => {
	serve({ '/packages': { items: [{ ...packages.items[0], hosts: ['web-1', 'web-3'], hosts_now: ['web-1'] }] } });
	await says(show(<PackagesPage view={{ name: '@pm2/io', version: '' }} />), 'web-1; earlier web-3');
});

test('a package that nobody runs, and no package at all', async () => {
	serve({ '/packages': { items: [] } });
	await says(show(<PackagesPage view={{ name: 'left-pad', version: '9.9.9' }} />), 'Nothing runs left-pad@9.9.9');
	const sent = serve({});
	await says(show(<PackagesPage view={{ name: '', version: '' }} />), 'Which package?');
	expect(sent).toEqual([]);
});

test('two fingerprints of which one is gone', async () => {
	serve({ '/fingerprints/diff': problem(404, 'no fingerprint has the id 9') });
	await says(show(<DifferencePage before={9} after={26} view={{ q: '', show: '' }} />), 'no fingerprint has the id 9');
});
