// Messages as the console carries them. A message is written as ICU text, here it becomes
// parts that need no parser at run time:
//
//     'Nothing is open'                          "Nothing is open"
//     'Ask {name}'                               ["Ask ", ["name"]]
//     '{n, plural, one {# host} other {…}}'      [["n", {"one": [[], " host"], "other": …}]]
//     'see <a>all</a>'                           ["see ", ["a", "all"]]      (of `rich` only)
import { type Token, parse } from '@messageformat/parser';

export type Part = string | [] | [string] | [string, Message | Record<string, Message>];
export type Message = string | Part[];

/** Which forms of number a language has. */
const CARDINALS = { en: ['one', 'other'], zh: ['other'] } as const;
export type Language = keyof typeof CARDINALS;

export function compile(text: string, language: Language, tags: boolean): Message {
	const cardinal = [...CARDINALS[language]];
	return plain(marked(parse(text, { cardinal, strict: true, strictPluralKeys: true }), cardinal, tags));
}

interface Open {
	tag: string;
	parts: Part[];
}

/** Tags may hold arguments, so they are put around parts and not around text. */
function marked(tokens: Token[], forms: readonly string[], tags: boolean): Part[] {
	const open: Open[] = [{ tag: '', parts: [] }];
	const add = (part: Part) => void open.at(-1)?.parts.push(part);
	for (const token of tokens) {
		if (token.type === 'content') (tags ? addText(token.value, open, add) : add(token.value));
		else if (token.type === 'argument') add([token.arg]);
		else if (token.type === 'octothorpe') add([]);
		else if (token.type === 'plural') add([token.arg, plural(token, forms, tags)]);
		else throw new Error(`{${token.arg}, ${token.type}} is not a kind of argument that the console knows`);
	}
	if (open.length > 1) throw new Error(`<${open.at(-1)?.tag}> is not closed`);
	return open[0]?.parts ?? [];
}

function plural(token: Extract<Token, { cases: unknown }>, forms: readonly string[], tags: boolean) {
	if (token.pluralOffset) throw new Error('offsets of plurals are not known');
	const cases = Object.fromEntries(token.cases.map((c) => [c.key, plain(marked(c.tokens, forms, tags))]));
	if (!('other' in cases)) throw new Error(`{${token.arg}, plural} has no form "other"`);
	return cases;
}

const TAG = /<(\/?)([a-z]\w*)>/g;

function addText(text: string, open: Open[], add: (part: Part) => void): void {
	let from = 0;
	for (const match of text.matchAll(TAG)) {
		if (match.index > from) add(text.slice(from, match.index));
		from = match.index + match[0].length;
		const name = match[2] as string;
		if (!match[1]) {
			open.push({ tag: name, parts: [] });
			continue;
		}
		const inside = open.pop();
		if (inside?.tag !== name) throw new Error(`</${name}> closes nothing`);
		add([name, plain(inside.parts)]);
	}
	if (from < text.length) add(text.slice(from));
}

function plain(parts: Part[]): Message {
	if (parts.length === 0) return '';
	return parts.length === 1 && typeof parts[0] === 'string' ? parts[0] : parts;
}

/** The names a message is filled with: "{n}", "{n, plural}", "<a>". Sorted, each once. */
export function names(message: Message): string[] {
	const found = new Set<string>();
	collect(message, found);
	return [...found].sort();
}

function collect(message: Message, found: Set<string>): void {
	if (typeof message === 'string') return;
	for (const part of message) {
		if (typeof part === 'string' || part[0] === undefined) continue;
		const inside = part[1];
		if (inside === undefined) found.add(`{${part[0]}}`);
		else if (typeof inside === 'string' || Array.isArray(inside)) {
			found.add(`<${part[0]}>`);
			collect(inside, found);
		} else {
			found.add(`{${part[0]}, plural}`);
			for (const form of Object.values(inside)) collect(form, found);
		}
	}
}

/** The keys that a call has to give: a name without its brackets. */
export function keys(message: Message): string[] {
	return [...new Set(names(message).map((n) => n.replace(/^[{<](\w+).*$/, '$1')))];
}
