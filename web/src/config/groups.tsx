// The groups of agents, in the order of their rules, and the agents that do not run what they
// are to.
import { useState } from 'preact/hooks';
import { AgentTabs } from '../agents/tabs';
import type { ConfigGroup } from '../api/config';
import { usePages } from '../api/resource';
import { type ConfigurationView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { count } from '../format/number';
import { mayActOnAll } from '../session/session';
import { TableMenu } from '../ui/export';
import { useRowKeys } from '../ui/rows';
import { Empty, Loaded } from '../ui/states';
import { rich, t } from '../words/words';
import { ConfigAgents } from './agents';
import { GroupDialog } from './rule';
import { Progress } from './rollout';
import { differing, ruleText, toldText } from './words';

export function GroupsPage({ view }: { view: ConfigurationView }) {
	useTitle(t('Configuration'));
	useRowKeys('group');
	const pages = usePages<ConfigGroup>('/config/groups', {}, ['config', 'agents']);
	const [adding, add] = useState(false);
	return (
		<>
			<header class="page-head"><h1>{pages.data.value ? title(pages.data.value) : t('Configuration')}</h1></header>
			<AgentTabs current="configuration" />
			<Loaded resource={pages}>
				{(groups) => (
					<>
						{(mayActOnAll() || groups.length > 0) && (
							<div class="toolbar">
								{mayActOnAll() ? <button type="button" class="button primary" onClick={() => add(true)}>{t('New group…')}</button> : <span />}
								{groups.length > 0 && <TableMenu name={t('Configuration')} path="/config/groups" rows={() => groups} />}
							</div>
						)}
						{groups.length === 0 ? <NoGroups /> : <Table groups={groups} />}
						{groups.length > 0 && (
							<section class="part">
								<h2>{t('What agents run')}</h2>
								<ConfigAgents state={view.state} to={(state) => href.configuration({ state })} />
							</section>
						)}
					</>
				)}
			</Loaded>
			{adding && <GroupDialog group={null} close={() => add(false)} done={(made) => go(href.group(made.id, { tab: 'settings' }))} />}
		</>
	);
}

function NoGroups() {
	return (
		<Empty title={t('Every agent runs its own file')}>
			<p>{t('A group says by names or labels which hosts belong to it. Its settings reach a few hosts first, then a part, then all, and go back by themselves when agents fall silent or cost more.')}</p>
			<p class="quiet">{rich('What can be set is a closed list: no command ever travels to a host. What stands in a host’s own <code>agent.conf</code> wins.', { code: (x) => <code>{x}</code> })}</p>
		</Empty>
	);
}

function Table({ groups }: { groups: readonly ConfigGroup[] }) {
	return (
		<table class="grid cards config-groups">
			<caption class="sr-only">{t('Groups of agents; of the rules that fit a host the first wins')}</caption>
			<thead>
				<tr>
					<th scope="col" class="num">{t('Order')}</th>
					<th scope="col" class="c-name">{t('Group')}</th>
					<th scope="col" class="num">{t('Hosts')}</th>
					<th scope="col">{t('Run')}</th>
					<th scope="col">{t('Roll-out')}</th>
					<th scope="col" class="num">{t('Differ')}</th>
				</tr>
			</thead>
			<tbody>
				{groups.map((g) => (
					<tr key={g.id} data-row>
						<td class="num" data-of={t('Order')}>{g.position}</td>
						<th scope="row" class="c-name"><a class="row-link clip" href={href.group(g.id)} title={g.name}>{g.name}</a><p class="summary"><span class="clip" title={ruleText(g)}>{ruleText(g)}</span></p></th>
						<td class="num" data-of={t('Hosts')}>{count(g.hosts)}</td>
						<td data-of={t('Run')}>{toldText(g.good)}{g.draft && !g.rollout && <p class="summary">{t('a draft waits')}</p>}</td>
						<td data-of={t('Roll-out')}>{g.rollout && <Progress of={g.rollout} />}</td>
						<td class="num" data-of={t('Differ')}>{differing(g) === 0 ? '0' : <a class="warn" href={href.group(g.id, { tab: 'agents' })}>{count(differing(g))}</a>}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

/** The worst there is, in a sentence. Pure. */
export function title(groups: readonly ConfigGroup[]): string {
	if (groups.length === 0) return t('Configuration');
	const rolling = groups.filter((g) => g.rollout).length;
	const n = groups.reduce((sum, g) => sum + differing(g), 0);
	if (n > 0) return t('{n, plural, one {# agent runs} other {# agents run}} not quite what was told', { n });
	if (rolling > 0) return t('{n, plural, one {A change is} other {# changes are}} rolling out', { n: rolling });
	return t('{n, plural, one {The group runs} other {All # groups run}} what was told', { n: groups.length });
}
