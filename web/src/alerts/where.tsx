// On which hosts it leaks, and on which of the same service it does not.
import { useState } from 'preact/hooks';
import { useResource } from '../api/resource';
import type { Alert, Instance, Page } from '../api/types';
import { count } from '../format/number';
import { t } from '../words/words';

export interface HostLine {
	id: number;
	name: string;
	leaking: number;
	all: number;
	versions: string[];
}

const FIRST = 8;

/** Hosts of the service, those with an instance inside first. Pure. */
export function hostsOf(rows: readonly Instance[], inside: ReadonlySet<number>): { leaking: HostLine[]; clean: HostLine[] } {
	const hosts = new Map<number, HostLine>();
	for (const i of rows) {
		const line = hosts.get(i.host.id) ?? { id: i.host.id, name: i.host.name, leaking: 0, all: 0, versions: [] };
		hosts.set(i.host.id, line);
		line.all++;
		if (inside.has(i.id)) line.leaking++;
		const version = i.version.version || t('unknown version');
		if (!line.versions.includes(version)) line.versions.push(version);
	}
	const all = [...hosts.values()].sort((a, b) => b.leaking - a.leaking || a.name.localeCompare(b.name));
	return { leaking: all.filter((h) => h.leaking > 0), clean: all.filter((h) => h.leaking === 0) };
}

export function Hosts({ alert }: { alert: Alert }) {
	const service = alert.finding.service.id;
	const rows = useResource<Page<Instance>>(`/services/${service}/instances?limit=1000`, ['verdicts']).data.value?.items;
	if (!rows) return null;
	const { leaking, clean } = hostsOf(rows, new Set(alert.instances.map((i) => i.id)));
	return (
		<div class="hosts-beside">
			<HostList title={t('Leaks on {n, plural, one {# host} other {# hosts}}', { n: leaking.length })} rows={leaking} leaks />
			<HostList title={t('Does not leak on {n, plural, one {# host} other {# hosts}}', { n: clean.length })} rows={clean} />
		</div>
	);
}

function HostList({ title, rows, leaks = false }: { title: string; rows: readonly HostLine[]; leaks?: boolean }) {
	const [all, show] = useState(false);
	const shown = all ? rows : rows.slice(0, FIRST);
	if (rows.length === 0) return null;
	return (
		<section>
			<h3 class={leaks ? 'v-leak' : 'v-steady'}>{title}</h3>
			<ul>
				{shown.map((h) => (
					<li key={h.id}>
						<span class="clip" title={h.name}>{h.name}</span>
						<span class="quiet clip" title={h.versions.join(', ').slice(0, 600)}>{h.versions.join(', ')}</span>
						<span class="num">{leaks ? t('{n} of {all}', { n: count(h.leaking), all: count(h.all) }) : count(h.all)}</span>
					</li>
				))}
			</ul>
			{rows.length > shown.length && (
				<button type="button" class="text-button" onClick={() => show(true)}>{t('Show {n} more', { n: rows.length - shown.length })}</button>
			)}
		</section>
	);
}
