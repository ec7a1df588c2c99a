// Takes out of uPlot what the console does not draw: stepped and smooth lines, bars, and the
// joining of tables. They are reached by assignments alone; without those the build drops them.
import type { Program } from 'estree';
import MagicString from 'magic-string';
import type { Plugin } from 'vite';
import { walk } from './calls';

const UNUSED = new Set(['paths.stepped', 'paths.bars', 'paths.spline', 'uPlot.join', 'uPlot.addGap', 'uPlot.clipGaps', 'uPlot.orient']);

export function slim(): Plugin {
	return {
		name: 'tidemark-slim',
		apply: 'build',
		transform(code, id) {
			if (!id.split('?')[0]?.endsWith('/uPlot.esm.js')) return undefined;
			const out = new MagicString(code);
			const left = new Set(UNUSED);
			walk(this.parse(code) as unknown as Program, (node) => {
				if (node.type !== 'ExpressionStatement' || node.expression.type !== 'AssignmentExpression') return;
				const { left: to } = node.expression;
				if (to.type !== 'MemberExpression' || to.object.type !== 'Identifier' || to.property.type !== 'Identifier') return;
				const name = `${to.object.name}.${to.property.name}`;
				if (!left.delete(name)) return;
				const { start, end } = node as unknown as { start: number; end: number };
				out.remove(start, end);
			});
			if (left.size > 0) this.error(`uPlot is not as it was: ${[...left].join(', ')} is not set there`);
			return { code: out.toString(), map: out.generateMap({ hires: true }) };
		},
	};
}
