// One group of agents: what it is told, how far a change has come, who runs it, what was before.
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import type { ConfigGroup } from '../api/config';
import { touch, useResource } from '../api/resource';
import { GROUP_TABS, type GroupView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { count } from '../format/number';
import { act } from '../settings/act';
import { Sure } from '../settings/sure';
import { mayActOnAll } from '../session/session';
import { Loaded } from '../ui/states';
import { t } from '../words/words';
import { Upgrade } from '../agents/versions';
import { ConfigAgents } from './agents';
import { History, useRevisions } from './history';
import { Rollout } from './rollout';
import { GroupDialog } from './rule';
import { SettingsPart } from './settings';
import { differing, ruleText, toldText } from './words';

const NAMES: Record<GroupView['tab'], string> = { '': t('Roll-out'), settings: t('Settings'), agents: t('Agents'), history: t('History') };

export function GroupPage({ id, view }: { id: number; view: GroupView }) {
	const group = useResource<ConfigGroup>(`/config/groups/${id}`, ['config', 'agents']);
	useTitle(group.data.value?.name ?? t('Configuration'));
	return (
		<Loaded resource={group} page>
			{(g) => (
				<>
					<Head group={g} changed={(now) => group.set(now)} />
					<nav class="filter tabs" aria-label={t('Configuration')}>
						{GROUP_TABS.map((tab) => <a key={tab} class="chip" href={href.group(id, { tab })} aria-current={tab === view.tab ? 'page' : undefined}>{NAMES[tab]}</a>)}
					</nav>
					<Tab group={g} view={view} />
				</>
			)}
		</Loaded>
	);
}

function Tab({ group: g, view }: { group: ConfigGroup; view: GroupView }) {
	switch (view.tab) {
		case '':
			return <Overview group={g} />;
		case 'settings':
			return <SettingsPart group={g} />;
		case 'agents':
			return <ConfigAgents group={g.id} state={view.state} to={(state) => href.group(g.id, { tab: 'agents', state })} />;
		case 'history':
			return <History group={g.id} />;
	}
}

function Overview({ group: g }: { group: ConfigGroup }) {
	const revisions = useRevisions(g.id).data.value;
	const last = revisions?.find((r) => r.state !== 'waiting' && r.state !== 'dropped');
	return (
		<>
			<Rollout group={g} last={last} />
			<section class="part">
				<h2>{t('Versions of the agent')}</h2>
				<Upgrade versions={g.versions} upgrade={g.upgrade} />
			</section>
		</>
	);
}

function Head({ group: g, changed }: { group: ConfigGroup; changed: (group: ConfigGroup) => void }) {
	const [open, show] = useState<'change' | 'drop' | null>(null);
	const drop = () => act(post(`/config/groups/${g.id}`, { method: 'DELETE' }), t('{name} is taken away.', { name: g.name }), () => touch(['config'])).then((gone) => {
		show(null);
		if (gone) go(href.configuration());
	});
	return (
		<header class="page-head service-head">
			<div>
				<p class="crumb"><a href={href.configuration()}>{t('Configuration')}</a></p>
				<h1>{g.name}</h1>
				<p class="rule"><span class="clip" title={ruleText(g)}>{ruleText(g)}</span>{mayActOnAll() && (
					<>
						{' '}<button type="button" class="text-button" onClick={() => show('change')}>{t('Change…')}</button>
						{' '}<button type="button" class="text-button danger" onClick={() => show('drop')}>{t('Take away…')}</button>
					</>
				)}</p>
			</div>
			<dl class="figures">
				<div><dt>{t('Hosts')}</dt><dd>{count(g.hosts)}</dd></div>
				<div><dt>{t('Are told')}</dt><dd>{toldText(g.good)}</dd></div>
				<div><dt>{t('As told')}</dt><dd>{count(g.counts['same'] ?? 0)}</dd></div>
				<div><dt>{t('Differ')}</dt><dd class={differing(g) > 0 ? 'warn' : ''}><a href={href.group(g.id, { tab: 'agents' })}>{count(differing(g))}</a></dd></div>
			</dl>
			{open === 'change' && <GroupDialog group={g} close={() => show(null)} done={changed} />}
			{open === 'drop' && (
				<Sure title={t('Take {name} away?', { name: g.name.slice(0, 100) })} verb={t('Take away')} danger close={() => show(null)} does={() => void drop()}
					text={t('Its hosts go to the next rule that fits them, or back to their own files. What it was told is forgotten.')} />
			)}
		</header>
	);
}
