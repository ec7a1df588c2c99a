import { expect, test } from 'vitest';
import card from '../../../schema/api/capture_quoted.json';
import snapshot from '../../../schema/api/snapshot.json';
import type { CostCard } from '../api/types';
import { causeWords, costSentences, isEngine, isForeign, noteSentences, pause, percent, propertyPath, sentence, shortPlace,
	signedBytes, signedCount, signedRate } from './words';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('differences have their sign, and nothing has none', () => {
	expect(plain(signedBytes(32_505_856))).toBe('+31 MiB');
	expect(plain(signedBytes(-5000))).toBe('−5 KiB');
	expect(plain(signedBytes(0))).toBe('0 B');
	expect(signedCount(9900)).toBe('+9,900');
	expect(signedCount(-3)).toBe('−3');
});

test('rates keep three digits, however small', () => {
	expect(signedRate(2.0449)).toBe('+2.04');
	expect(signedRate(-0.333333)).toBe('−0.333');
	expect(signedRate(31125.4)).toBe('+31,125');
	expect(signedRate(0.00000757)).toBe('+<0.0001');
	expect(signedRate(0)).toBe('0');
});

test('a pause is told to the tenth of a second', () => {
	expect(plain(pause(4130))).toBe('4.1 s');
	expect(plain(pause(380))).toBe('380 ms');
	expect(pause(54_000)).toBe('54 s');
});

test('nearly all is not all, and hardly any is not none', () => {
	expect(plain(percent(999, 1000))).toBe('>99 %');
	expect(plain(percent(1, 1000))).toBe('<1 %');
	expect(plain(percent(96, 100))).toBe('96 %');
	expect(percent(1, 0)).toBe('–');
});

test('what may follow is told beside the figures, and that all is read is not', () => {
	expect(noteSentences('exact; it stays resident; that takes 42 % of it')).toEqual(['It stays resident.', 'That takes 42 % of it.']);
	expect(noteSentences('shallow: it may use 1.0 GiB')).toEqual(['Shallow: it may use 1.0 GiB.']);
	expect(noteSentences('exact')).toEqual([]);
});

test('the cost card is told in sentences', () => {
	const said = costSentences(card.card as CostCard).map(plain);
	expect(said[0]).toBe('The process will answer nothing for about 4.5 s.');
	expect(said[1]).toBe('It needs 604 MiB more; 7.81 GiB are free.');
	expect(said[2]).toBe('Its live heap is 45 MiB.');
	expect(costSentences({ ...(card.card as CostCard), heap_is_measured: false })[2]).toContain('at most');
});

test('a path is read from the far end, as a program would write it', () => {
	const holder = snapshot.growth.holder;
	expect(propertyPath(holder)).toBe('Function.context.queue._events.error');
	expect(propertyPath({ path: [{ edge: '[3]', holder: { name: 'Array', location: null } }], path_is_cut: true }))
		.toBe('…Array[3]');
	expect(propertyPath({ path: [], path_is_cut: false })).toBe('');
});

test('closures and packages stand back behind the program itself', () => {
	const at = (edge: string, name: string, location: string | null = null) => ({ edge, holder: { name, location } });
	const path = [at('_events', 'MonitorQueue'), at('queue', 'system / Context'), at('[[context]]', 'handler', 'app.js:9:23')];
	expect(propertyPath({ path, path_is_cut: false })).toBe('queue._events');
	expect(path.map((s) => isForeign(s.holder))).toEqual([false, true, false]);
	expect(isForeign({ name: 'Layer', location: '/srv/app/node_modules/@koa/router/lib/layer.js:20:15' })).toBe(true);
	expect(isForeign({ name: 'Server', location: 'node:_http_server:522:16' })).toBe(true);
	expect(shortPlace('/srv/app/node_modules/@koa/router/lib/layer.js:20:15')).toBe('node_modules/@koa/router/lib/layer.js:20:15');
	expect(shortPlace('lib/queue.js:1:2')).toBe('lib/queue.js:1:2');
});

test('of a long path the end near the object is told', () => {
	const path = Array.from({ length: 20 }, (_, i) => ({ edge: `e${i}`, holder: { name: `N${i}`, location: null } }));
	expect(propertyPath({ path, path_is_cut: false })).toBe('…N7.e7.e6.e5.e4.e3.e2.e1.e0');
});

test('causes and sentences are in words', () => {
	expect(causeWords(null)).toBe('taken on the host');
	expect(causeWords('policy: first')).toBe('automatic: first');
	expect(sentence('the process ended')).toBe('The process ended.');
	expect(sentence('')).toBe('');
	expect(isEngine('(compiled code)')).toBe(true);
	expect(isEngine('(string)')).toBe(false);
});
