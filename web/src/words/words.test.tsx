import { expect, test } from 'vitest';
import { rich, t } from './words';

test('a message stands for itself', () => {
	expect(t('Nothing is open')).toBe('Nothing is open');
	expect(t('Ask {name} about {what}', { name: '{what}', what: 'it' })).toBe('Ask {what} about it');
});

test('a plural takes its form by the number, which is grouped', () => {
	const hosts = (n: number) => t('{n, plural, =0 {no host} one {# host} other {# hosts}}', { n });
	expect([0, 1, 2, 12_345].map(hosts)).toEqual(['no host', '1 host', '2 hosts', '12,345 hosts']);
});

test('tags hold text, arguments and each other', () => {
	const shown = rich('See <a>all of <b>{name}</b></a>, {n, plural, one {once} other {# times}}.', {
		a: (x) => <a href="/all">{x}</a>, b: (x) => <b>{x}</b>, name: <i>it</i>, n: 3 });
	expect(text(shown)).toBe('See <a><b><i>');
	expect(t('NAME <b>')).toBe('NAME <b>');
});

/** The elements of what is shown, as they nest. */
function text(node: unknown): string {
	if (typeof node === 'string') return node.startsWith('See') ? 'See ' : '';
	if (Array.isArray(node)) return node.map(text).join('');
	const { type, props } = (node ?? {}) as { type?: unknown; props?: { children?: unknown } };
	return (typeof type === 'string' ? `<${type}>` : '') + text(props?.children ?? []);
}
