// Takes out of uPlot what the console does not draw with. Stepped and smooth lines, bars and
// the joining of tables are reached by assignments alone; the legend, the mode of facets and
// logarithmic scales by conditions that are never true here. Without those the build drops
// what hangs on them.
import type { Expression, Node, Program } from 'estree';
import MagicString from 'magic-string';
import type { Plugin } from 'vite';
import { walk } from './calls';

const UNUSED = ['paths.stepped', 'paths.bars', 'paths.spline', 'uPlot.join', 'uPlot.addGap', 'uPlot.clipGaps', 'uPlot.orient'];
const NEVER = ['legend.show', 'legend.live'];
const LOGARITHMIC = [3, 4];

/** "legend.show" */
function nameOf(node: Node | Expression): string {
	return node.type === 'MemberExpression' && !node.computed && node.object.type === 'Identifier' && node.property.type === 'Identifier'
		? `${node.object.name}.${node.property.name}` : '';
}

/** What stands in the place of a node; undefined: the node itself. */
function instead(node: Node): string | undefined {
	if (node.type === 'ExpressionStatement' && node.expression.type === 'AssignmentExpression')
		return UNUSED.includes(nameOf(node.expression.left as Node)) ? '' : undefined;
	if (NEVER.includes(nameOf(node))) return 'false';
	if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.id.name === 'mode') return 'mode = 1';
	if (node.type === 'BinaryExpression' && node.operator === '==' && node.left.type === 'MemberExpression'
		&& node.left.property.type === 'Identifier' && node.left.property.name === 'distr'
		&& node.right.type === 'Literal' && LOGARITHMIC.includes(Number(node.right.value))) return 'false';
	return undefined;
}

export function slim(): Plugin {
	return {
		name: 'tidemark-slim',
		apply: 'build',
		transform(code, id) {
			if (!id.split('?')[0]?.endsWith('/uPlot.esm.js')) return undefined;
			const out = new MagicString(code);
			let count = 0;
			walk(this.parse(code) as unknown as Program, (node) => {
				const text = instead(node);
				if (text === undefined) return;
				count++;
				const { start, end } = node as unknown as { start: number; end: number };
				if (text === '') out.remove(start, end);
				else out.update(start, end, text);
			});
			// Pinned: another version has to be looked at.
			if (count !== 30) this.error(`uPlot is not as it was: ${count} places were found`);
			return { code: out.toString(), map: out.generateMap({ hires: true }) };
		},
	};
}
