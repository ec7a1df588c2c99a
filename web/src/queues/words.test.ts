import { expect, test } from 'vitest';
import answer from '../../../schema/api/queues.json';
import type { Queue } from '../api/types';
import { drainWords, flowSentence, grows, kindWords, signedPerMinute, title, tookWords, worstFirst } from './words';

const golden = answer.items as Queue[];
const mail = golden.find((q) => q.name === 'mail') as Queue;
const paid = golden.find((q) => q.name === 'orders.paid') as Queue;
const silent = golden.find((q) => q.name === 'images') as Queue;
const plain = (text: string | null) => text?.replaceAll('\u00a0', ' ');

test('what grows never drains, and it is said', () => {
	expect(grows(mail)).toBe(true);
	expect(drainWords(mail)).toBe('never at this rate');
	expect(flowSentence(mail)).toBe('120 a minute come in and 90 go out: every minute 30 more wait.');
});

test('what drains has a time, what is empty is empty, what is not read is not known', () => {
	expect(drainWords(paid)).toBe('40 min');
	expect(flowSentence(paid)).toContain('empty in 40 min');
	expect(drainWords({ ...paid, depth: 0 })).toBe('empty');
	expect(drainWords(silent)).toBeNull();
	expect(flowSentence({ ...silent, depth: null, entered: null, completed: null })).toContain('within ten minutes');
	expect(flowSentence({ ...silent, depth: null, entered: 5, completed: null })).toContain('tells neither');
	expect(flowSentence({ ...silent, depth: 3, entered: null, completed: null })).toContain('two readings');
	expect(drainWords({ depth: 5, net_per_min: 0, drain_s: null })).toBe('never at this rate');
	expect(drainWords({ depth: 5, net_per_min: -0.0001, drain_s: 9e9 })).toBe('more than a year');
});

test('a source that tells the depth only is not said to be young', () => {
	const depth = { ...paid, in_per_min: null, out_per_min: null };
	expect(flowSentence({ ...depth, net_per_min: 12 })).toBe(
		'What comes in and what goes out is not told by this source; its depth grows by 12 a minute.');
	expect(flowSentence({ ...depth, net_per_min: -3 })).toContain('falls by 3 a minute');
	expect(flowSentence({ ...depth, net_per_min: 0 })).toContain('does not grow');
});

test('noise is no growth', () => {
	expect(grows({ in_per_min: 1000, out_per_min: 990, net_per_min: 10 })).toBe(false);
	expect(grows({ in_per_min: 1000, out_per_min: 900, net_per_min: 100 })).toBe(true);
	expect(grows({ in_per_min: null, out_per_min: null, net_per_min: null })).toBe(false);
});

test('those that grow come first, and the title counts them', () => {
	expect(worstFirst(golden)[0]?.name).toBe('mail');
	expect(title(golden)).toBe('1 of 4 queues grows');
	expect(title([paid, silent])).toBe('All 2 queues keep up');
	expect(title([paid])).toBe('The queue keeps up');
	expect(title([])).toBe('Queues');
});

test('figures and kinds as people write them', () => {
	expect(signedPerMinute(207)).toBe('+207/min');
	expect(plain(signedPerMinute(-30))).toBe('−30/min');
	expect(plain(tookWords(1900))).toBe('1.90 ms');
	expect(kindWords('bullmq')).toBe('BullMQ');
	expect(kindWords('something')).toBe('something');
});
