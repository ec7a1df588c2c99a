// What the server says, in the reader's language.
//
// The server speaks English: its sentences are stored, searched and sent to other systems.
// For other languages there are patterns, made from the formats in its sources
// (zh/server/*.json): "{name} leaks: {n} of {count}". {n…} is a number, {w…} one word, any
// other name a piece of text, which is looked up itself: a span of time, a rate, a noun. What
// no pattern fits stays as it is.

const NAME = /\{(\w+)\}/;
const KINDS: Record<string, string> = { n: '(-?[\\d.,]+)', w: '(\\S+)' };

interface Pattern {
	form: RegExp;
	names: string[];
	to: string[];
}

/** No sentence of the server is longer; to look through a name of 10,000 characters that is made
 *  to fit almost takes seconds. */
const LONGEST = 1000;
/** Sentences tell of figures, which change: what is kept is forgotten at times. */
const KEPT = 5000;

let patterns: Pattern[] = [];
const known = new Map<string, string>();

/** The table is sorted by the build: those that say most themselves come first. */
export function learn(table: Iterable<[string, string]>): void {
	known.clear();
	patterns = [...table].map(([from, to]) => {
		const parts = from.split(NAME);
		const source = parts.map((part, i) => (i % 2 ? KINDS[part.replace(/\d$/, '')] ?? '(.+?)' : part.replace(/[^\w ]/g, '\\$&')));
		return { form: new RegExp(`^${source.join('')}$`, 's'), names: parts.filter((_, i) => i % 2), to: to.split(NAME) };
	});
}

export function said(text: string): string {
	if (patterns.length === 0 || text.length > LONGEST) return text;
	let words = known.get(text);
	if (known.size > KEPT) known.clear();
	if (words === undefined) known.set(text, words = translated(text) ?? text);
	return words;
}

/** null: no pattern fits. A sentence may be said with its full stop, or without. */
function translated(text: string): string | null {
	for (const { form, names, to } of patterns) {
		const match = form.exec(text);
		if (match) return to.map((part, i) => (i % 2 ? said(match[names.indexOf(part) + 1] ?? '') : part)).join('');
	}
	const open = text.endsWith('.') ? translated(text.slice(0, -1)) : null;
	return open === null ? null : `${open}。`;
}
