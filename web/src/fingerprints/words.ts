// What the pages about fingerprints say. Pure.
import type { FingerprintDiff, FingerprintRow, Package } from '../api/types';
import type { DifferenceView } from '../app/address';
import { plural } from '../format/number';

/** "2.0.0 · deps 3f2a91": the version, and what tells it from others of that name. */
export function labelOf(f: Pick<FingerprintRow, 'label' | 'version'>): string {
	return f.label || f.version || 'unknown version';
}

export function runtimeOf(f: Pick<FingerprintRow, 'runtime' | 'runtime_version'>): string {
	return [f.runtime, f.runtime_version].filter(Boolean).join(' ');
}

/** "412 from package-lock.json". */
export function packagesSaid(f: Pick<FingerprintRow, 'packages' | 'source' | 'is_cut' | 'is_known'>): string {
	if (!f.is_known) return 'contents not read';
	if (f.packages === 0) return f.source ? `none in ${f.source}` : 'no packages known';
	return `${plural(f.packages, 'package')}${f.is_cut ? ' and more' : ''}${f.source ? ` from ${f.source}` : ''}`;
}

const FIELDS: Record<string, string> = {
	app: 'Application', app_version: 'Application version', git_head: 'Git commit', build_id: 'Build id', image: 'Container image',
	runtime: 'Runtime', runtime_version: 'Runtime version', source: 'Packages from', version: 'Version', environment: 'Environment',
};

export function fieldWords(name: string): string {
	return FIELDS[name] ?? (name.startsWith('environment ') ? `Environment: ${name.slice(12)}` : name.replaceAll('_', ' '));
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
		return d.fields.length === 0 ? 'They are the same.' : 'All packages are the same.';
	const others = ([[added, 'added'], [removed, 'removed']] as const).map(([list, word]) => `${list.length || 'none'} ${word}`);
	return `${plural(changed.length, 'package')} changed, ${others.join(', ')}.`;
}

/** The difference as lines of text, to be pasted elsewhere. */
export function diffText(d: FingerprintDiff, rows: readonly DiffRow[]): string {
	const lines = rows.map((r) => ({
		changed: `~ ${r.name} ${r.from.join(', ')} -> ${r.to.join(', ')}`,
		added: `+ ${r.name} ${r.to.join(', ')}`,
		removed: `- ${r.name} ${r.from.join(', ')}`,
	})[r.kind]);
	const fields = d.fields.map((f) => `${fieldWords(f.name)}: ${f.from || '(none)'} -> ${f.to || '(none)'}`);
	return [`${d.from.service.name}: ${labelOf(d.from)} -> ${labelOf(d.to)}`, ...fields, ...lines].join('\n');
}

/** The older first. */
export function inOrder(a: FingerprintRow, b: FingerprintRow): [number, number] {
	return a.first_seen_at_ms < b.first_seen_at_ms || (a.first_seen_at_ms === b.first_seen_at_ms && a.id < b.id)
		? [a.id, b.id] : [b.id, a.id];
}
