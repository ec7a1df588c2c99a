// What was found, in one sentence: the cause, and how those with it differ from those without.
import type { Finding, Kind, VersionRow } from '../api/types';
import { count } from '../format/number';
import { said } from '../words/said';
import { t } from '../words/words';

export const KIND_WORDS: Record<Kind, string> = {
	leak: t('leaks'),
	native: t('grows outside the heap'),
	backlog: t('piles up work'),
	version: t('grows against other versions'),
};

const MAY_WORDS: Record<Kind, string> = {
	leak: t('may leak'),
	native: t('may grow outside the heap'),
	backlog: t('may pile up work'),
	version: t('may grow against other versions'),
};

/** "version 1.1.0", or what the versions inside have in common; null: they have no name. Pure. */
export function causeOf(f: Pick<Finding, 'cause' | 'versions' | 'version'>): string | null {
	if (f.cause) return said(f.cause);
	const names = f.versions.map((v) => v.version).filter(Boolean);
	if (names.length > 1) return t('versions {others} and {last}', { others: names.slice(0, -1).join(', '), last: names.at(-1) ?? '' });
	const only = names[0] ?? f.version.version;
	return only === '' ? null : t('version {version}', { version: only });
}

/** "Leaks with @pm2/io 4.2.1: 12 of 12 instances on 12 hosts; without: 0 of 9". Pure. */
export function causeSentence(f: Finding, others: readonly VersionRow[]): string {
	const inside = new Set(f.versions.map((v) => v.id));
	const rest = others.filter((o) => !inside.has(o.id) && o.instances > 0);
	const sum = (of: 'instances' | 'instances_leaking') => rest.reduce((n, o) => n + o[of], 0);
	const verb = (f.level === 'watch' ? MAY_WORDS : KIND_WORDS)[f.kind] ?? f.kind;
	const what = `${verb[0]?.toUpperCase()}${verb.slice(1)}`;
	const cause = causeOf(f);
	const sentence = t('{what}: {leaking} of {instances, plural, one {# instance} other {# instances}} on {hosts, plural, one {# host} other {# hosts}}', {
		what: cause ? t('{what} with {cause}', { what, cause }) : what,
		leaking: count(f.instances_leaking), instances: f.instances, hosts: f.hosts_leaking,
	});
	if (rest.length === 0) return sentence;
	return t('{sentence}; without: {leaking} of {instances}',
		{ sentence, leaking: count(sum('instances_leaking')), instances: count(sum('instances')) });
}

export function Cause({ finding, others }: { finding: Finding; others: readonly VersionRow[] }) {
	return <p class="cause">{t('{sentence}.', { sentence: causeSentence(finding, others) })}</p>;
}
