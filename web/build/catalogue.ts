// All that the console says, and its translations, held against each other. What does not
// fit is told with its file and line.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { basename, join, relative } from 'node:path';
import type { Program } from 'estree';
import { parseAstAsync, transformWithEsbuild } from 'vite';
import { type Said, calls } from './calls';
import { type Language, type Message, compile, keys, names } from './message';
import { unsaid } from './unsaid';

export interface Found {
	/** In the order of numbers. */
	messages: Map<string, { number: number; kind: Said['kind']; where: string }>;
	catalogues: Record<Language, Message[]>;
	/** Patterns for what the server says, those first that say most themselves. */
	server: [string, string][];
	/** What is wrong, each "file:line: why". */
	errors: string[];
	/** What a draft may lack, in the same form: translations, or who says them. */
	missing: string[];
}

function sourcesUnder(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return entry.name === 'testing' ? [] : sourcesUnder(path);
		return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) ? [path] : [];
	}).sort();
}

export function wordsModule(root: string): string {
	return join(root, 'src/words/words');
}

/** `root`: the folder web/. */
export async function gather(root: string): Promise<Found> {
	const found: Found = { messages: new Map(), catalogues: { en: [], zh: [] }, server: [], errors: [], missing: [] };
	for (const file of sourcesUnder(join(root, 'src'))) await gatherFrom(file, root, found);
	await translate(root, found);
	const table = new Map<string, Translation>();
	await readAll(join(root, 'src/words/zh/server'), root, table, found);
	found.server = [...table].map(([from, to]): [string, string] => [from, to.text]).sort(([a], [b]) => weight(b) - weight(a) || (a < b ? -1 : 1));
	for (const [from, to] of table) checkNames(from, to, found);
	return found;
}

function weight(pattern: string): number {
	return pattern.replace(/\{\w+\}/g, '').length;
}

function checkNames(from: string, to: Translation, found: Found): void {
	const of = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join(' ');
	if (of(from) !== of(to.text)) found.errors.push(`${to.where}: has ${of(to.text) || 'no names'}, its pattern has ${of(from) || 'none'}`);
}

async function gatherFrom(file: string, root: string, found: Found): Promise<void> {
	const source = readFileSync(file, 'utf8');
	const { code, map } = await transformWithEsbuild(source, file, { sourcemap: true, jsx: 'automatic', jsxImportSource: 'preact' });
	const program = await parseAstAsync(code) as unknown as Program;
	const { said, wrong } = calls(program, file, wordsModule(root));
	const place = placer(code, map, relative(root, file));
	for (const w of wrong) found.errors.push(`${place(w.start)}: ${w.why}`);
	for (const u of unsaid(program)) found.missing.push(`${place(u.start)}: "${u.text}" is shown, and not said by t()`);
	for (const s of said) add(s, place(s.start), found);
}

/** "src/fleet/fleet.tsx:12", from where it stands in what esbuild has made of it. */
function placer(code: string, map: object, file: string): (at: number) => string {
	const source = new SourceMap(map as ConstructorParameters<typeof SourceMap>[0]);
	return (at) => {
		const lines = code.slice(0, at).split('\n');
		const entry = source.findEntry(lines.length - 1, lines.at(-1)?.length ?? 0);
		return `${file}:${'originalLine' in entry ? entry.originalLine + 1 : '?'}`;
	};
}

function add(said: Said, where: string, found: Found): void {
	const known = found.messages.get(said.text);
	if (known && known.kind !== said.kind && !isPlain(said.text))
		found.errors.push(`${where}: ${said.kind}() and, at ${known.where}, ${known.kind}() say the same message`);
	const message = tried(() => compile(said.text, 'en', said.kind === 'rich'), where, found);
	if (message === undefined) return;
	if (said.values) checkValues(keys(message), said.values, where, found);
	if (known) return;
	found.messages.set(said.text, { number: found.messages.size, kind: said.kind, where });
	found.catalogues.en.push(message);
}

/** Tags are text to t(). */
function isPlain(text: string): boolean {
	return JSON.stringify(compile(text, 'en', true)) === JSON.stringify(compile(text, 'en', false));
}

function checkValues(wanted: string[], given: string[], where: string, found: Found): void {
	const lacking = wanted.find((name) => !given.includes(name));
	if (lacking !== undefined) found.errors.push(`${where}: no value is given for {${lacking}}`);
	const unused = given.find((name) => !wanted.includes(name));
	if (unused !== undefined) found.errors.push(`${where}: the message does not use ${unused}`);
}

function tried<T>(work: () => T, where: string, found: Found): T | undefined {
	try {
		return work();
	} catch (e) {
		found.errors.push(`${where}: ${(e as Error).message.split('\n')[0]}`);
		return undefined;
	}
}

interface Translation {
	text: string;
	where: string;
}

async function translate(root: string, found: Found): Promise<void> {
	const translations = new Map<string, Translation>();
	await readAll(join(root, 'src/words/zh'), root, translations, found);
	for (const [text, t] of translations)
		if (!found.messages.has(text)) found.missing.push(`${t.where}: nobody says "${text}"`);
	for (const [text, { number, kind, where }] of found.messages) {
		const english = found.catalogues.en[number] as Message;
		const t = translations.get(text);
		if (!t) found.missing.push(`${where}: no translation of "${text}"`);
		const chinese = t && tried(() => compile(t.text, 'zh', kind === 'rich'), t.where, found);
		if (t && chinese !== undefined && names(chinese).join() !== names(english).join())
			found.errors.push(`${t.where}: has ${names(chinese).join(' ') || 'no names'}, its message has ${names(english).join(' ') || 'none'}`);
		found.catalogues.zh.push(chinese ?? english);
	}
}

async function readAll(folder: string, root: string, into: Map<string, Translation>, found: Found): Promise<void> {
	if (!existsSync(folder)) return;
	for (const file of readdirSync(folder).filter((name) => name.endsWith('.json')).sort())
		await read(join(folder, file), relative(root, join(folder, file)), into, found);
}

/** JSON is read as the expression that it is, for the sake of lines. */
async function read(path: string, file: string, into: Map<string, Translation>, found: Found): Promise<void> {
	const json = readFileSync(path, 'utf8');
	const broken = (why: string) => void found.errors.push(`${file}:1: ${why}`);
	const object = await tableOf(json).catch((e: Error) => broken(e.message));
	if (!object) return;
	for (const [at, text, translated] of object) {
		const where = `${file}:${json.slice(0, at).split('\n').length}`;
		const known = into.get(text);
		if (known && known.text !== translated)
			found.errors.push(`${where}: "${text}" is translated otherwise at ${known.where}`);
		if (basename(known?.where ?? '').split(':')[0] === basename(file)) found.errors.push(`${where}: "${text}" stands here twice`);
		if (!known) into.set(text, { text: translated, where });
	}
}

async function tableOf(json: string): Promise<[number, string, string][]> {
	JSON.parse(json);
	const program = await parseAstAsync(`(${json})`) as unknown as Program;
	const [statement] = program.body;
	if (statement?.type !== 'ExpressionStatement' || statement.expression.type !== 'ObjectExpression')
		throw new Error('is not a table of messages');
	return statement.expression.properties.map((p) => {
		if (p.type !== 'Property' || p.key.type !== 'Literal' || p.value.type !== 'Literal' || typeof p.value.value !== 'string')
			throw new Error('a message and its translation are texts');
		return [(p as unknown as { start: number }).start, String(p.key.value), p.value.value];
	});
}
