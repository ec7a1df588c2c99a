// Finds what a module says: its calls of `t` and `rich`, by the names under which it imports
// them from words/words.
import { dirname, resolve } from 'node:path';
import type { CallExpression, Expression, Node, ObjectExpression, Program } from 'estree';

export interface Said {
	/** The literal in the source, which a number takes the place of. */
	start: number;
	end: number;
	text: string;
	kind: 't' | 'rich';
	/** Keys of the values when they are written out; null: they are made elsewhere. */
	values: string[] | null;
}

export interface Wrong {
	start: number;
	why: string;
}

type Placed = { start: number; end: number };

/** `words`: the path of the module that exports `t` and `rich`, without its extension. */
export function calls(program: Program, file: string, words: string): { said: Said[]; wrong: Wrong[] } {
	const said: Said[] = [];
	const wrong: Wrong[] = [];
	const local = imported(program, file, words);
	if (local.size === 0) return { said, wrong };
	walk(program, (node) => {
		if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return;
		const kind = local.get(node.callee.name);
		if (kind) call(node, kind, said, wrong);
	});
	return { said, wrong };
}

function imported(program: Program, file: string, words: string): Map<string, 't' | 'rich'> {
	const local = new Map<string, 't' | 'rich'>();
	for (const node of program.body) {
		if (node.type !== 'ImportDeclaration' || typeof node.source.value !== 'string') continue;
		if (resolve(dirname(file), node.source.value).replace(/\.ts$/, '') !== words) continue;
		for (const s of node.specifiers) {
			if (s.type !== 'ImportSpecifier' || s.imported.type !== 'Identifier') continue;
			const { name } = s.imported;
			if (name === 't' || name === 'rich') local.set(s.local.name, name);
		}
	}
	return local;
}

function call(node: CallExpression, kind: 't' | 'rich', said: Said[], wrong: Wrong[]): void {
	const [message, given] = node.arguments;
	const values = !given ? [] : given.type === 'ObjectExpression' ? keysOf(given) : null;
	const literals = message && message.type !== 'SpreadElement' ? literalsOf(message) : null;
	if (!literals) {
		wrong.push({ start: (node as Node & Placed).start, why: `${kind}() takes a message that is written out` });
		return;
	}
	for (const [literal, text] of literals) said.push({ start: literal.start, end: literal.end, text, kind, values });
}

/** 'message', or one of several: open ? 'Close' : 'Open'. */
function literalsOf(node: Expression): [Placed, string][] | null {
	if (node.type === 'Literal' && typeof node.value === 'string') return [[node as Node as Node & Placed, node.value]];
	if (node.type === 'TemplateLiteral' && node.expressions.length === 0)
		return [[node as Node as Node & Placed, node.quasis[0]?.value.cooked ?? '']];
	if (node.type !== 'ConditionalExpression') return null;
	const yes = literalsOf(node.consequent);
	const no = literalsOf(node.alternate);
	return yes && no && [...yes, ...no];
}

function keysOf(object: ObjectExpression): string[] | null {
	const keys: string[] = [];
	for (const property of object.properties) {
		if (property.type !== 'Property' || property.computed) return null;
		if (property.key.type === 'Identifier') keys.push(property.key.name);
		else if (property.key.type === 'Literal') keys.push(String(property.key.value));
	}
	return keys;
}

export function walk(node: Node, visit: (node: Node) => void): void {
	visit(node);
	for (const value of Object.values(node)) {
		if (Array.isArray(value)) value.forEach((v) => isNode(v) && walk(v, visit));
		else if (isNode(value)) walk(value, visit);
	}
}

function isNode(value: unknown): value is Node {
	return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}
