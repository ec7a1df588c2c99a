// What the console says, in the reader's language.
//
// Messages stand in English where they are said: t('{n, plural, one {# host} other {# hosts}}',
// { n }). They are ICU messages with arguments, plurals and, for `rich`, tags. The build puts a
// number in their place and writes one catalogue for each language, which is read before the
// first page is; a message that zh/*.json does not translate fails the build. In unit tests
// the English stands for itself.
import { Fragment, h } from 'preact';
import type { ComponentChildren, VNode } from 'preact';

export type Values = Record<string, string | number>;
export type RichValues = Record<string, ComponentChildren | ((inside: ComponentChildren) => ComponentChildren)>;

/** The build replaces `message`, which must be written out at the call, in single quotes. */
export function t(message: string, values: Values = {}): string {
	return fill(message, values);
}

/** As `t`, with elements: rich('Everything starts from the <a>fleet</a>', { a: (x) => <a>{x}</a> }). */
export function rich(message: string, values: RichValues = {}): VNode {
	const parts = message.split(/<(\w+)>(.*?)<\/\1>/g);
	const plain = Object.fromEntries(Object.entries(values).filter(([, v]) => typeof v !== 'function'));
	const out: ComponentChildren[] = [];
	for (let i = 0; i < parts.length; i += 3) {
		out.push(...around(parts[i] ?? '', plain as RichValues));
		const tag = parts[i + 1];
		const make = tag === undefined ? undefined : values[tag];
		if (typeof make === 'function') out.push(make(h(Fragment, null, ...around(parts[i + 2] ?? '', plain as RichValues))));
	}
	return h(Fragment, null, ...out);
}

function around(text: string, values: RichValues): ComponentChildren[] {
	const texts = Object.fromEntries(Object.entries(values).filter(([, v]) => typeof v === 'string' || typeof v === 'number'));
	return fill(text, texts as Values).split(/\{(\w+)\}/).map((part, i) => (i % 2 ? values[part] as ComponentChildren : part));
}

const PLURAL = /\{(\w+), plural,((?: ?(?:=\d+|\w+) \{[^{}]*\})+)\}/g;

function fill(message: string, values: Values): string {
	return message
		.replace(PLURAL, (_, name: string, forms: string) => form(Number(values[name]), forms))
		.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function form(n: number, forms: string): string {
	const all = new Map([...forms.matchAll(/(=\d+|\w+) \{([^{}]*)\}/g)].map((m) => [m[1] ?? '', m[2] ?? '']));
	const category = new Intl.PluralRules('en').select(n);
	return (all.get(`=${n}`) ?? all.get(category) ?? all.get('other') ?? '').replace('#', n.toLocaleString('en'));
}
