import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { gather } from '../../build/catalogue';
import { type CText, isSaid, textsUnder } from '../testing/csource';
import { learn, said } from './said';

const ROOT = join(__dirname, '../../..');

let table: [string, string][] = [];

beforeAll(async () => {
	table = (await gather(join(ROOT, 'web'))).server;
});
beforeEach(() => learn(table));
afterEach(() => learn([]));

test('a sentence is translated with what stands in it', () => {
	expect(said('checkout, version 1.1.0 leaks: 2 of 2 instances on 1 of 3 hosts by 58.2 MiB/h (56.1 to 60.4) each; the first reaches its limit in 3 h 20 min'))
		.toBe('checkout, version 1.1.0 泄漏：2 个实例中的 2 个（3 台主机中的 1 台），每个 58.2 MiB/小时（56.1 至 60.4）；最早的在 3 小时 20 分钟后达到上限');
	expect(said('Leaks 58.2 MiB/h (56.1 to 60.4) since 12 Oct 09:20 UTC; reaches its limit of 512 MiB in 3 h (2 h to never)'))
		.toBe('自 10月12日 09:20 UTC 起泄漏 58.2 MiB/小时（56.1 至 60.4）；3 小时（2 小时 至 永不）后达到上限 512 MiB');
});

test('what nobody foresaw stays as it is', () => {
	expect(said('Nobody foresaw this sentence')).toBe('Nobody foresaw this sentence');
	learn([]);
	expect(said('Its load is not known')).toBe('Its load is not known');
});

/** As the server would fill it. */
function filled(format: string): string {
	return format.replace(/%%|%[-+ .0-9]*(?:ll|z|h|j)*([a-z])/g, (whole, kind: string) => (whole === '%%' ? '%' : kind === 's' ? 'X' : '3'));
}

/** Formats of which the parts are sentences of their own: with real parts. */
const COMPOSED: Record<string, string> = {
	'Grows by %s more than %s of the older version at the same %s; %zu of %s outgrow them all':
		'Grows by 3 MiB/h (2.0 to 4.0) more than 3 instances of the older version at the same age; 2 of 2 new instances outgrow them all',
	'Growth that goes on explains the readings %s than any curve that levels off (score %.0f, from 20 on it is clear)':
		'Growth that goes on explains the readings far better than any curve that levels off (score 30, from 20 on it is clear)',
	'A backlog builds up since %s and grows by %s in memory%s':
		'A backlog builds up since 09:20 UTC and grows by 3 MiB/h (2.0 to 4.0) in memory; reaches its limit of 512 MiB in 3 h (2 h to never)',
	'Grows by %s since %s, not yet surely %s%s': 'Grows by 3 MiB/h (2.0 to 4.0) since 1 Dec 09:20 UTC, not yet surely a leak',
	'%s: about %s more': 'Not enough data yet: about 40 min more',
	'%s on %s': '12 instances on 1 host',
	'%s %s: %zu of %s by %s each%s': 'checkout 1.1.0 grows, not yet surely a leak: 1 of 2 instances on 1 host by 3 MiB/h (2.0 to 4.0) each',
	'%s%s%s %s: %s by %s each%s': 'checkout leaks: 3 instances together, none of them alone by 3 MiB/h (2.0 to 4.0) each; the first reaches its limit in 3 days',
	'%s more %s objects': '9,900 more Function objects: one for each of 9,900 requests',
	'%s: no count goes with them': '9,900 more Function objects: no count goes with them',
	'%s, as well as %s %s': '9,900 more Function objects: one for each of 9,900 requests, as well as 9,900 items completed',
	'%d %s ran %s or later for %d h in sum without the growth': '3 hosts ran 1.2.0 or later for 31 h in sum without the growth',
	'%s; correlation %.2f':
		'The depth of mail went from 20 to 400 while memory changed by +52 %; correlation 0.91',
	'%s while memory changed by %s':
		'The depth of mail went from 20 to 400 while memory changed by +52 %',
	'%s of leaking instances while they grew%s':
		'CPU time of leaking instances while they grew, and of clean ones',
	'Memory changed by %s, %s by %s':
		'Memory changed by +52 %, requests by +2 %',
	'%s.  Clean ones have %.3g%s an instance, leaking ones %.3g, and their memory changed by %s':
		'Memory changed by +52 %, requests by +2 %; correlation 0.10.  Clean ones have 3.1 requests/s an instance, leaking ones 3, and their memory changed by +1 %',
	'%s at first, %s later%s: the oldest process is %s old':
		'3 MiB/h at first, 3 MiB/h later, so that it does not ease off: the oldest process is 9 h old',
	'Private memory grew by %s, the heap by %s%s':
		'Private memory grew by 31 MiB, the heap by 30 MiB: what grows is in the heap',
	'%s of leaking instances; they live up to %s':
		'2 restarts of leaking instances; they live up to 9 h',
	'%s, clean ones up to %s%s':
		'2 restarts of leaking instances; they live up to 9 h, clean ones up to 1 h: perhaps too short to show it',
	'%s.  A restart gives the memory back and ends nothing':
		'2 restarts of leaking instances; they live up to 9 h.  A restart gives the memory back and ends nothing',
	'%s; none is known without':
		'2 of 2 hosts with 1.1.0 leak; none is known without',
	'%s, %zu of %zu without':
		'2 of 2 hosts with 1.1.0 leak, 0 of 3 without',
	'%s (by chance 1 in %.0f)':
		'2 of 2 hosts with 1.1.0 leak, 0 of 3 without (by chance 1 in 400).  It began at 09:20 UTC, its first process at 09:10 UTC',
	'Leaking and clean %s by version, of %s':
		'Leaking and clean hosts by version, of 3 versions',
	'Leaking and clean %s by their version of %s':
		'Leaking and clean hosts by their version of @pm2/io',
	'; too few %s to be sure':
		'2 of 2 hosts with 1.1.0 leak, 0 of 1 without; too few hosts to be sure',
	'%s.  Always deployed with it: %s%s':
		'2 of 2 hosts with @pm2/io 4.2.1 leak, 0 of 3 without.  It came with that version alone, so that the code is as suspect.  Always deployed with it: pm2 5.1.0 and 3 more',
	'The agents of %s and %d %s': 'The agents of web-1 and 2 others stopped reporting: nothing came for 3 minutes',
	'split off':
		'checkout 1.1.0: 1 instance split off by 3 MiB/h (2.0 to 4.0) each',
	'beside those split off':
		'checkout 1.1.0: 2 instances beside those split off by 3 MiB/h (2.0 to 4.0) each',
	'%s said on %s that this is not a leak%s: %s': 'ada said on 12 Oct that this is not a leak, but it grows clearly faster than then: X',
};

/** Parts of sentences are heard in one. */
function isHeard({ text }: CText): boolean {
	if (COMPOSED[text]) return isChinese(COMPOSED[text]);
	const words = filled(text).trim();
	return [words, `X${words}`, `2 of 2 hosts with X leak, 0 of 3 without${words}`, `9 h at first, 9 h later${words}: the oldest process is 9 h old`,
		`Requests of leaking instances while they grew${words}`, `Private memory grew by X, the heap by X${words}`,
		`X.  Clean ones have 3 ${words} an instance, leaking ones 3, and their memory changed by X`,
		`2 restarts of leaking instances; they live up to 9 h, clean ones up to 9 h${words}`, `X ${words}: 1 of 2 instances by 3 MiB/h each`, `X ${words}: 2 hosts`, `2 ${words}`, `2 ${words}s`,
		`X, as well as 2 ${words}`, `X said on X that this is not a leak${words}: X`, `1 class (X) ${words}`, `2 classes (X) ${words}`,
		`Growth that goes on explains the readings ${words} than any curve that levels off (score 3, from 20 on it is clear)`,
		`Grows by X since X, not yet surely ${words}`, `${words}: about 3 min more`].some(isChinese);
}

function isChinese(sentence: string): boolean {
	return said(sentence) !== sentence && !/[a-z]{4,} [a-z]+/.test(said(sentence));
}

/** Not for the console: names of database sessions, and texts that a program reads. */
const OTHERS = ['tidemark watch'];

test.each(['server/analyse', 'server/watch'])('each sentence of %s has a pattern', (folder) => {
	const sentences = textsUnder(join(ROOT, folder)).filter(isSaid).filter((s) => !OTHERS.includes(s.text));
	expect(sentences.length).toBeGreaterThan(15);
	expect(sentences.filter((s) => !isHeard(s)).map((s) => `${s.where}: ${s.text}`)).toEqual([]);
});

/** Members of answers that hold sentences of the server. */
const SENTENCES = new Set(['summary', 'text', 'reasons', 'why_shallow', 'words', 'last_refusal', 'problem', 'remarks', 'help']);
/** What people or processes wrote. */
const WRITTEN = /Looks like the listeners|shared buffers|^ab -c|^leaks <=>|autocannon|^node |^canary|<b>the cart|^[a-z ]*$|^pid \d+$|^[\d.]+ MiB$/;

function sentencesOf(answer: unknown, key = ''): string[] {
	if (typeof answer === 'string') return SENTENCES.has(key) && answer.includes(' ') ? [answer] : [];
	if (Array.isArray(answer)) return answer.flatMap((one) => sentencesOf(one, key));
	if (typeof answer !== 'object' || answer === null) return [];
	return Object.entries(answer).flatMap(([name, value]) => sentencesOf(value, name));
}

function filesUnder(folder: string): string[] {
	return readdirSync(folder).map((name) => join(folder, name))
		.flatMap((path) => (statSync(path).isDirectory() ? filesUnder(path) : path.endsWith('.json') ? [path] : []));
}

test('each sentence of the golden answers has a pattern', () => {
	const sentences = new Set(filesUnder(join(ROOT, 'schema/api')).flatMap((file) => sentencesOf(JSON.parse(readFileSync(file, 'utf8')))));
	expect(sentences.size).toBeGreaterThan(60);
	const left = [...sentences].filter((s) => said(s) === s && !WRITTEN.test(s));
	expect(left).toEqual([]);
});
