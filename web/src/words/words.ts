// What the console says, in the reader's language.
//
// Messages stand in English where they are said: t('{n, plural, one {# host} other {# hosts}}',
// { n }). They are ICU messages with arguments, plurals and, for `rich`, tags. The build
// (web/build/words.ts) puts a number in their place and writes one catalogue for each
// language; a message that zh/*.json does not translate fails the build. In unit tests the
// English stands for itself.
//
// The language is settled before any module that says something is run, so that a constant
// may hold words. Choosing another reads the page again.
import { Fragment, h } from 'preact';
import type { ComponentChildren, VNode } from 'preact';
import catalogues from 'virtual:catalogues';
import { remember, remembered } from './memory';
import { learn } from './said';

export type Values = Record<string, string | number>;
export type RichValues = Record<string, ComponentChildren | ((inside: ComponentChildren) => ComponentChildren)>;

/** As web/build/message.ts makes them: text, [] for the number of a plural, [name],
 *  [tag, what is inside], [name, forms of the plural]. */
type Message = string | Part[];
type Part = string | [] | [string] | [string, Message | Record<string, Message>];

export const LANGUAGES = { en: 'English', zh: '简体中文' } as const;
export type Language = keyof typeof LANGUAGES;

function preferred(): Language {
	const wished = [remembered('language'), ...navigator.languages].map((name) => name?.split('-')[0]);
	return wished.find((name): name is Language => name !== undefined && name in LANGUAGES) ?? 'en';
}

export const language: Language = preferred();
/** For Intl: English dates have their day first and hours run to 24, as everywhere in here. */
export const locale = language === 'zh' ? 'zh-CN' : 'en-GB';

let catalogue: Message[] = [];
const rules = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);

export async function loadWords(): Promise<void> {
	document.documentElement.lang = locale;
	const read = async <T>(name: string, take: (answer: T) => void) => {
		const url = catalogues[name];
		if (url) take(await (await fetch(url)).json() as T);
	};
	await Promise.all([
		read<Message[]>(language, (messages) => { catalogue = messages; }),
		read<[string, string][]>(`server_${language}`, learn),
	]);
}

export function speak(other: Language): void {
	remember('language', other);
	location.reload();
}

/** The build replaces `message`, which must be written out at the call, in single quotes. */
export function t(message: string, values: Values = {}): string {
	return filled(message, values).join('');
}

/** As `t`, with elements: rich('Everything starts from the <a>fleet</a>', { a: (x) => <a>{x}</a> }). */
export function rich(message: string, values: RichValues = {}): VNode {
	return h(Fragment, null, ...filled(message, values));
}

function filled(message: unknown, values: RichValues): ComponentChildren[] {
	return spelt(typeof message === 'number' ? catalogue[message] as Message : message as Message, values);
}

/** `n`: the number of the plural that the message is a form of. */
function spelt(message: Message, values: RichValues, n?: number): ComponentChildren[] {
	if (typeof message === 'string') return [message];
	return message.flatMap((part) => {
		if (typeof part === 'string') return part;
		const [name, inside] = part;
		if (name === undefined) return numbers.format(n as number);
		const value = values[name];
		if (typeof value === 'function') return value(h(Fragment, null, ...spelt(inside as Message, values, n)));
		if (inside === undefined) return value;
		const forms = inside as Record<string, Message>;
		const of = Number(value);
		return spelt(forms[`=${of}`] ?? forms[rules.select(of)] ?? forms['other'] as Message, values, of);
	});
}
