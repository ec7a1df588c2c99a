// What was found, in one sentence: the cause, and how those with it differ from those without.
import type { Finding, Kind, VersionRow } from '../api/types';
import { count, plural } from '../format/number';

export const KIND_WORDS: Record<Kind, string> = {
	leak: 'leaks',
	native: 'grows outside the heap',
	backlog: 'piles up work',
	version: 'grows against other versions',
};

const MAY_WORDS: Record<Kind, string> = {
	leak: 'may leak',
	native: 'may grow outside the heap',
	backlog: 'may pile up work',
	version: 'may grow against other versions',
};

/** "version 1.1.0", or what the versions inside have in common; null: they have no name. Pure. */
export function causeOf(f: Pick<Finding, 'cause' | 'versions' | 'version'>): string | null {
	if (f.cause) return f.cause;
	const names = f.versions.map((v) => v.version).filter(Boolean);
	if (names.length > 1) return `versions ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
	const only = names[0] ?? f.version.version;
	return only === '' ? null : `version ${only}`;
}

/** "Leaks with @pm2/io 4.2.1: 12 of 12 instances on 12 hosts; without: 0 of 9". Pure. */
export function causeSentence(f: Finding, others: readonly VersionRow[]): string {
	const inside = new Set(f.versions.map((v) => v.id));
	const rest = others.filter((o) => !inside.has(o.id) && o.instances > 0);
	const sum = (of: 'instances' | 'instances_leaking') => rest.reduce((n, o) => n + o[of], 0);
	const without = rest.length > 0 ? `; without: ${count(sum('instances_leaking'))} of ${count(sum('instances'))}` : '';
	const verb = (f.level === 'watch' ? MAY_WORDS : KIND_WORDS)[f.kind] ?? f.kind;
	const cause = causeOf(f);
	return `${verb[0]?.toUpperCase()}${verb.slice(1)}${cause ? ` with ${cause}` : ''}: ${count(f.instances_leaking)} of `
		+ `${plural(f.instances, 'instance')} on ${plural(f.hosts_leaking, 'host')}${without}`;
}

export function Cause({ finding, others }: { finding: Finding; others: readonly VersionRow[] }) {
	return <p class="cause">{causeSentence(finding, others)}.</p>;
}
