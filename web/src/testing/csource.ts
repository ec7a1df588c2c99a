// For tests: the texts that stand in C sources, each with the function that is called with it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface CText {
	/** As a format: neighbours that the compiler joins are joined. */
	text: string;
	/** "arena_printf"; '' outside of a call. */
	call: string;
	where: string;
}

const TOKEN = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"((?:[^"\\\n]|\\.)*)"|'(?:[^'\\]|\\.)*'|#[ \t]*include[^\n]*|[A-Za-z_]\w*|\s+|./g;
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', '"': '"', '\\': '\\' };

export function textsOf(source: string, file: string): CText[] {
	const found: CText[] = [];
	const calls: string[] = [];
	let word = '';
	let joins = false;
	let line = 1;
	for (const [token, inside] of source.matchAll(TOKEN)) {
		const blank = /^\s/.test(token) || token.startsWith('/*') || token.startsWith('//');
		if (inside !== undefined) {
			const text = inside.replace(/\\(.)/g, (_, c: string) => ESCAPES[c] ?? c);
			const last = found.at(-1);
			if (joins && last) last.text += text;
			else found.push({ text, call: calls.findLast((c) => c !== '') ?? '', where: `${file}:${line}` });
			joins = true;
		} else if (!blank) {
			joins = /^PRI\w+$/.test(token);
			if (token === '(') calls.push(word);
			else if (token === ')') calls.pop();
			if (joins && found.length > 0) (found.at(-1) as CText).text += 'd';
			word = /^\w/.test(token) && !/^(if|for|while|return|sizeof|switch)$/.test(token) ? token : '';
		}
		line += token.split('\n').length - 1;
	}
	return found;
}

/** Of all files of a folder, in order of their names. */
export function textsUnder(folder: string): CText[] {
	return readdirSync(folder).filter((name) => name.endsWith('.c')).sort()
		.flatMap((name) => textsOf(readFileSync(join(folder, name), 'utf8'), `${folder.split('/').slice(-2).join('/')}/${name}`));
}

/** What somebody reads: words with a space between them, and neither a log nor an error. */
export function isSaid({ text, call }: CText): boolean {
	return /[a-z]{2,}/.test(text.replace(/%[-+ .0-9lzjh]*[a-z]/g, '')) && text.includes(' ')
		&& !/^(log|err|BUG|ERR|sql|pg|json|assert|metrics|timing|trace|store_audit)_?\w*$/.test(call);
}
