// What the pages about fingerprints say. Pure.
import type { FingerprintDiff, FingerprintRow, Package } from '../api/types';
import type { DifferenceView } from '../app/address';
import { t } from '../words/words';

/** "2.0.0 · deps 3f2a91": the version, and what tells it from others of that name. */
export function labelOf(f: Pick<FingerprintRow, 'label' | 'version'>): string {
	return f.label || f.version || t('unknown version');
}

export function runtimeOf(f: Pick<FingerprintRow, 'runtime' | 'runtime_version'>): string {
	return [f.runtime, f.runtime_version].filter(Boolean).join(' ');
}

/** "412 from package-lock.json". */
export function packagesSaid(f: Pick<FingerprintRow, 'packages' | 'source' | 'is_cut' | 'is_known'>): string {
	if (!f.is_known) return t('contents not read');
	if (f.packages === 0) return f.source ? t('none in {source}', { source: f.source }) : t('no packages known');
	const packages = t(f.is_cut ? '{n, plural, one {# package} other {# packages}} and more' : '{n, plural, one {# package} other {# packages}}',
		{ n: f.packages });
	return f.source ? t('{packages} from {source}', { packages, source: f.source }) : packages;
}

const FIELDS: Record<string, string> = {
	app: t('Application'), app_version: t('Application version'), git_head: t('Git commit'), build_id: t('Build id'), image: t('Container image'),
	runtime: t('Runtime'), runtime_version: t('Runtime version'), source: t('Packages from'), version: t('Version'), environment: t('Environment'),
};

export function fieldWords(name: string): string {
	return FIELDS[name] ?? (name.startsWith('environment ') ? t('Environment: {name}', { name: name.slice(12) }) : name.replaceAll('_', ' '));
}

/** "@pm2/io@4.2.1" in its parts: the name may begin with the sign that parts them. */
export function splitPackage(text: string): Package {
	const trimmed = text.trim();
	const at = trimmed.lastIndexOf('@');
	return at > 0 ? { name: trimmed.slice(0, at), version: trimmed.slice(at + 1) } : { name: trimmed, version: '' };
}

export function joinPackage({ name, version }: Package): string {
	return version === '' ? name : `${name}@${version}`;
}

export interface DiffRow {
	kind: 'changed' | 'added' | 'removed';
	name: string;
	from: readonly string[];
	to: readonly string[];
}

/** Changed ones first, then added, then removed. */
export function diffRows(d: FingerprintDiff): DiffRow[] {
	return [
		...d.changed.map((c) => ({ kind: 'changed' as const, name: c.name, from: c.from, to: c.to })),
		...d.added.map((a) => ({ kind: 'added' as const, name: a.name, from: [], to: a.versions })),
		...d.removed.map((r) => ({ kind: 'removed' as const, name: r.name, from: r.versions, to: [] })),
	];
}

export function filtered(rows: readonly DiffRow[], view: DifferenceView): readonly DiffRow[] {
	const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
	if (words.length === 0 && view.show === '') return rows;
	return rows.filter((r) => (view.show === '' || r.kind === view.show)
		&& words.every((w) => r.name.toLowerCase().includes(w) || r.from.some((v) => v.includes(w)) || r.to.some((v) => v.includes(w))));
}

/** "3 packages changed, 12 added, none removed". */
export function diffSentence(d: FingerprintDiff): string {
	const { changed, added, removed } = d;
	if (changed.length + added.length + removed.length === 0)
		return t(d.fields.length === 0 ? 'They are the same.' : 'All packages are the same.');
	return t('{changed, plural, one {# package} other {# packages}} changed, {added, plural, =0 {none} other {#}} added, {removed, plural, =0 {none} other {#}} removed.',
		{ changed: changed.length, added: added.length, removed: removed.length });
}

/** The difference as lines of text, to be pasted elsewhere. */
export function diffText(d: FingerprintDiff, rows: readonly DiffRow[]): string {
	const lines = rows.map((r) => ({
		changed: `~ ${r.name} ${r.from.join(', ')} -> ${r.to.join(', ')}`,
		added: `+ ${r.name} ${r.to.join(', ')}`,
		removed: `- ${r.name} ${r.from.join(', ')}`,
	})[r.kind]);
	const fields = d.fields.map((f) => `${fieldWords(f.name)}: ${f.from || t('(none)')} -> ${f.to || t('(none)')}`);
	return [`${d.from.service.name}: ${labelOf(d.from)} -> ${labelOf(d.to)}`, ...fields, ...lines].join('\n');
}

/** The older first. */
export function inOrder(a: FingerprintRow, b: FingerprintRow): [number, number] {
	return a.first_seen_at_ms < b.first_seen_at_ms || (a.first_seen_at_ms === b.first_seen_at_ms && a.id < b.id)
		? [a.id, b.id] : [b.id, a.id];
}
