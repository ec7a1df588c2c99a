// Marks that would lie on one another become one. Pure.
import type { Deploy, Mark } from '../api/types';
import { t } from '../words/words';

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
	if (c.kind === 'oom') return c.count > 1 ? `OOM ×${c.count}` : 'OOM';
	if (c.kind === 'restart' || c.kind === 'snapshot') return '';
	return [...new Set(c.marks.map((m) => shortened(m.text || (m.kind === 'deploy' ? '' : KIND_WORDS[m.kind]))))].filter(Boolean).join(', ');
}

function shortened(text: string): string {
	return text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text;
}

/** The kinds of marks, in the order of their legend. */
export const KIND_WORDS: Record<Mark['kind'], string> = {
	deploy: t('deploys'), config: t('configuration'), load: t('load'), restart: t('restarts'), oom: t('OOM kills'),
	snapshot: t('snapshots'), experiment: t('experiments'),
};

const KINDS = { deploy: t('deployed'), config: t('configuration changed'), load: t('load changed') } as const;

/** People or their pipeline said so, of the service as a whole. */
function isSaid(m: Mark): boolean {
	return m.instance === 0 && m.kind in KINDS;
}

/** "1.1.0 deployed: hotfix for orders, says ci". */
export function deploySaid(d: Pick<Deploy, 'kind' | 'version' | 'note' | 'actor'>): string {
	const what = `${d.version ? `${d.version} ` : ''}${KINDS[d.kind] ?? d.kind}${d.note && `: ${d.note}`}`;
	return d.actor ? t('{what}, says {actor}', { what, actor: d.actor }) : what;
}

function all(marks: readonly Mark[], kind: Mark['kind']): number {
	return marks.reduce((n, m) => n + (m.kind === kind ? m.count ?? 1 : 0), 0);
}

/** "2 restarts": the marks near one moment in words. */
export function describe(marks: readonly Mark[]): string[] {
	const said = new Set(marks.filter(isSaid).map((m) => `${KINDS[m.kind as Deploy['kind']]}${m.text && `: ${m.text}`}`));
	const deploys = [...new Set(marks.filter((m) => m.kind === 'deploy' && !isSaid(m)).map((m) => m.text))];
	const restarts = all(marks, 'restart');
	const ooms = all(marks, 'oom');
	return [
		...said,
		...deploys.map((version) => version === '' ? t('new version') : t('{version} deployed', { version })),
		...(restarts > 0 ? [t('{n, plural, one {# restart} other {# restarts}}', { n: restarts })] : []),
		...(ooms > 0 ? [`${t('killed for lack of memory')}${ooms > 1 ? ` ×${ooms}` : ''}`] : []),
		...marks.filter((m) => m.kind === 'snapshot').map((m) => t('heap snapshot, {size}', { size: m.text })),
		...marks.filter((m) => m.kind === 'experiment').map((m) => t('experiment: {name}', { name: m.text })),
	];
}
