// Marks that would lie on one another become one. Pure.
import type { Deploy, Mark } from '../api/types';
import { plural } from '../format/number';

const LONGEST_LABEL = 24;

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
	if (c.kind === 'deploy' || c.kind === 'config' || c.kind === 'load')
		return [...new Set(c.marks.map((m) => shortened(m.text || (c.kind === 'deploy' ? '' : c.kind))))].filter(Boolean).join(', ');
	if (c.kind === 'oom') return c.count > 1 ? `OOM ×${c.count}` : 'OOM';
	return '';
}

function shortened(text: string): string {
	return text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text;
}

const KINDS = { deploy: 'deployed', config: 'configuration changed', load: 'load changed' } as const;

/** People or their pipeline said so, of the service as a whole. */
function isSaid(m: Mark): boolean {
	return m.instance === 0 && m.kind in KINDS;
}

/** "1.1.0 deployed: hotfix for orders, says ci". */
export function deploySaid(d: Pick<Deploy, 'kind' | 'version' | 'note' | 'actor'>): string {
	const what = `${d.version ? `${d.version} ` : ''}${KINDS[d.kind] ?? d.kind}`;
	return `${what}${d.note && `: ${d.note}`}${d.actor && `, says ${d.actor}`}`;
}

/** "2 restarts": the marks near one moment in words. */
export function describe(marks: readonly Mark[]): string[] {
	const said = new Set(marks.filter(isSaid).map((m) => `${KINDS[m.kind as Deploy['kind']]}${m.text && `: ${m.text}`}`));
	const deploys = [...new Set(marks.filter((m) => m.kind === 'deploy' && !isSaid(m)).map((m) => m.text))];
	const restarts = marks.filter((m) => m.kind === 'restart').length;
	const ooms = marks.filter((m) => m.kind === 'oom').length;
	return [
		...said,
		...deploys.map((version) => version === '' ? 'new version' : `${version} deployed`),
		...(restarts > 0 ? [plural(restarts, 'restart')] : []),
		...(ooms > 0 ? [`killed for lack of memory${ooms > 1 ? ` ×${ooms}` : ''}`] : []),
	];
}
