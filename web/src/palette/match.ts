// How well a name fits what was typed. Pure.

/** The less the better; null: not at all. The letters of each word must come in their order:
 *  0 the name begins with it, 1 a word of it does, 2 it is inside, 3 its letters are. */
export function fits(name: string, typed: string): number | null {
	const text = name.toLowerCase();
	let worst = 0;
	for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
		const fit = fitsWord(text, word);
		if (fit === null) return null;
		worst = Math.max(worst, fit);
	}
	return worst;
}

function fitsWord(text: string, word: string): number | null {
	const at = text.indexOf(word);
	if (at === 0) return 0;
	if (at > 0) {
		for (let i = at; i >= 0; i = text.indexOf(word, i + 1)) if (/[^a-z0-9]/.test(text[i - 1] ?? '')) return 1;
		return 2;
	}
	let from = 0;
	for (const letter of word) {
		from = text.indexOf(letter, from) + 1;
		if (from === 0) return null;
	}
	return 3;
}

/** Those that fit, the best first; equally good ones keep their order. */
export function ranked<T>(entries: readonly T[], typed: string, nameOf: (entry: T) => string): T[] {
	return entries.map((entry) => ({ entry, fit: fits(nameOf(entry), typed) }))
		.filter((e): e is { entry: T; fit: number } => e.fit !== null)
		.sort((a, b) => a.fit - b.fit)
		.map((e) => e.entry);
}
