// Marks that would lie on one another become one. Pure.
import type { Mark } from '../api/types';
import { plural } from '../format/number';

export interface Cluster {
	kind: Mark['kind'];
	x: number;
	count: number;
	/** What is written beside it; "" for none. */
	label: string;
	marks: Mark[];
}

/** `toX` gives pixels. Kinds stay apart: a restart never hides a deploy. */
export function cluster(marks: readonly Mark[], toX: (ms: number) => number, closest: number): Cluster[] {
	const out: Cluster[] = [];
	const newest = new Map<Mark['kind'], Cluster>();
	for (const mark of [...marks].sort((a, b) => a.at_ms - b.at_ms)) {
		const x = toX(mark.at_ms);
		const last = newest.get(mark.kind);
		if (last && x - last.x < closest) {
			last.marks.push(mark);
			continue;
		}
		const made: Cluster = { kind: mark.kind, x, count: 1, label: '', marks: [mark] };
		newest.set(mark.kind, made);
		out.push(made);
	}
	for (const c of out) {
		c.count = c.marks.length;
		c.label = labelOf(c);
	}
	return out;
}

function labelOf(c: Cluster): string {
	if (c.kind === 'deploy') return [...new Set(c.marks.map((m) => m.text))].filter(Boolean).join(', ');
	if (c.kind === 'oom') return c.count > 1 ? `OOM ×${c.count}` : 'OOM';
	return '';
}

/** "2 restarts": the marks near one moment in words. */
export function describe(marks: readonly Mark[]): string[] {
	const deploys = [...new Set(marks.filter((m) => m.kind === 'deploy').map((m) => m.text))];
	const restarts = marks.filter((m) => m.kind === 'restart').length;
	const ooms = marks.filter((m) => m.kind === 'oom').length;
	return [
		...deploys.map((version) => version === '' ? 'new version' : `${version} deployed`),
		...(restarts > 0 ? [plural(restarts, 'restart')] : []),
		...(ooms > 0 ? [`killed for lack of memory${ooms > 1 ? ` ×${ooms}` : ''}`] : []),
	];
}
