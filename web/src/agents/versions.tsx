// Which versions of the agent run, and the command that brings a group's hosts to the server's.
import type { ConfigVersions } from '../api/config';
import { useResource } from '../api/resource';
import { href } from '../app/address';
import { Command } from '../ui/command';
import { t } from '../words/words';

/** Versions with how many hosts run each, and the command; null: there is nothing to upgrade. */
export function Upgrade({ versions, upgrade }: { versions: readonly { version: string; hosts: number }[]; upgrade: string | null }) {
	return (
		<>
			<ul class="version-counts">
				{versions.map((v) => <li key={v.version}><span class="version">{v.version || t('unknown')}</span> <span class="quiet">{t('{n, plural, one {# host} other {# hosts}}', { n: v.hosts })}</span></li>)}
			</ul>
			{upgrade === null ? <p class="quiet">{t('None is older than the server.')}</p> : <Command text={upgrade} label={t('Command that upgrades the agents')} />}
		</>
	);
}

/** On the page of agents: by group, those that are to be upgraded first. */
export function Versions() {
	const versions = useResource<ConfigVersions>('/config/versions', ['agents', 'config']).data.value;
	if (!versions || versions.items.length === 0) return null;
	const old = versions.items.filter((g) => g.upgrade !== null);
	const rest = versions.items.filter((g) => g.upgrade === null);
	const hosts = rest.reduce((sum, g) => sum + g.hosts, 0);
	return (
		<section class="part agent-versions">
			<h2>{old.length === 0 ? t('All agents are of the server’s version, {version}', { version: versions.server }) : t('Agents older than the server, {version}', { version: versions.server })}</h2>
			{old.map((g) => (
				<div key={g.group?.id ?? 0} class="version-group">
					<h3>{g.group ? <a class="clip" href={href.group(g.group.id)} title={g.group.name}>{g.group.name}</a> : t('In no group')}</h3>
					<Upgrade versions={g.versions} upgrade={g.upgrade} />
				</div>
			))}
			{old.length > 0 && rest.length > 0 && <p class="quiet">{t('{groups, plural, one {# other group} other {# other groups}} with {hosts, plural, one {# host} other {# hosts}}: nothing to upgrade.', { groups: rest.length, hosts })}</p>}
		</section>
	);
}
