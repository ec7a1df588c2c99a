// Finds text that a page shows without saying it in words: children of elements, labels and
// titles, and what is handed to toast() and useTitle(). What stands in <code> is no language.
import type { CallExpression, Node, ObjectExpression, Program, Property } from 'estree';
import { walk } from './calls';

export interface Unsaid {
	start: number;
	text: string;
}

const SHOWN = new Set(['aria-label', 'title', 'placeholder', 'label', 'help', 'alt']);
const TOLD = new Set(['toast', 'useTitle', 'setError']);
const VERBATIM = new Set(['code', 'kbd', 'pre', 'script']);
/** Names and units: the same in every language. */
const NAMES = new Set(['Tidemark', 'MiB', 'KiB', 'GiB', 'ms', 'pid', 'ID', 'JVM', 'CPU', 'UTC', 'CSV', 'JSON', 'PNG', 'OK', 'EN']);

export function unsaid(program: Program): Unsaid[] {
	const found: Unsaid[] = [];
	walk(program, (node) => {
		if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return;
		if (/^jsxs?$/.test(node.callee.name)) element(node, found);
		else if (TOLD.has(node.callee.name) && node.arguments[0]) shown(node.arguments[0], found);
	});
	return found;
}

function element(call: CallExpression, found: Unsaid[]): void {
	const [tag, props] = call.arguments;
	if (props?.type !== 'ObjectExpression') return;
	const verbatim = tag?.type === 'Literal' && VERBATIM.has(String(tag.value));
	for (const [key, value] of given(props))
		if (SHOWN.has(key) || (key === 'children' && !verbatim)) shown(value, found);
}

function given(props: ObjectExpression): [string, Property['value']][] {
	return props.properties.flatMap((p) => {
		if (p.type !== 'Property' || p.computed) return [];
		return [[p.key.type === 'Identifier' ? p.key.name : String((p.key as { value?: unknown }).value), p.value]];
	});
}

function shown(node: Node | null, found: Unsaid[]): void {
	switch (node?.type) {
		case 'Literal':
			if (typeof node.value === 'string') text(node, node.value, found);
			break;
		case 'TemplateLiteral':
			node.quasis.forEach((q) => text(node, q.value.cooked ?? '', found));
			break;
		case 'ArrayExpression':
			node.elements.forEach((e) => shown(e, found));
			break;
		case 'ConditionalExpression':
			shown(node.consequent, found);
			shown(node.alternate, found);
			break;
		case 'LogicalExpression':
			if (node.operator !== '&&') shown(node.left, found);
			shown(node.right, found);
			break;
		case 'BinaryExpression':
			if (node.operator !== '+') break;
			shown(node.left, found);
			shown(node.right, found);
			break;
		default:
	}
}

function text(node: Node, value: string, found: Unsaid[]): void {
	const words = value.match(/[A-Za-z]{2,}/g) ?? [];
	if (words.every((word) => NAMES.has(word))) return;
	found.push({ start: (node as Node & { start: number }).start, text: value.trim() });
}
