// The agents: are they all there, how far behind, what was lost; and how to add one.
import '../styles/alerts.css';
import { usePages, useResource } from '../api/resource';
import type { About, Agent, Fleet } from '../api/types';
import { type AgentsView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { isAdmin, isLimited } from '../session/session';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { Search } from '../ui/search';
import { Empty, Loaded } from '../ui/states';
import { t } from '../words/words';
import { JoinPanel } from './join';
import { AgentTable } from './table';
import { AgentTabs } from './tabs';
import { Versions } from './versions';

const PAGE = 500;

export function AgentsPage({ view }: { view: AgentsView }) {
	useTitle(t('Agents'));
	const pages = usePages<Agent>('/agents', { limit: PAGE }, ['agents']);
	const about = useResource<About>('/about', []).data.value;
	const fleet = useResource<Fleet>('/fleet', ['verdicts', 'alerts', 'agents']).data.value;
	const all = pages.data.value;
	return (
		<>
			<header class="page-head">
				<h1>{fleet ? title(fleet.agents) : t('Agents')}</h1>
			</header>
			<AgentTabs current="agents" />
			<JoinPanel about={about} open={all !== undefined && all.length === 0} />
			<Loaded resource={pages} rows={4}>
				{(rows) => {
					if (rows.length === 0) return <NoAgents />;
					const shown = rows.filter((a) => a.host.name.toLowerCase().includes(view.q.toLowerCase()));
					return (
						<>
							<div class="toolbar end">
								<Search label={t('Find a host')} value={view.q} set={(q) => go(href.agents({ q }), { replace: true })} />
								<TableMenu name={t('Agents')} path={`/agents?limit=${PAGE}`} rows={() => shown} />
							</div>
							{shown.length === 0
								? <Empty title={t('No host matches')}><p><a class="button" href={href.agents()}>{t('Show all hosts')}</a></p></Empty>
								: <AgentTable rows={shown} newest={about?.version} />}
							<More pages={pages} />
						</>
					);
				}}
			</Loaded>
			{!isLimited() && <Versions />}
		</>
	);
}

function NoAgents() {
	if (isAdmin()) return null; // the panel above says what to do
	return (
		<Empty title={t('No agent has joined yet')}>
			<p>{t('An administrator can make the command that joins a host.')}</p>
		</Empty>
	);
}

/** "All 12 agents report", or what is wrong. Pure. */
export function title({ total, reporting, silent }: Fleet['agents']): string {
	if (total === 0) return t('No agents yet');
	if (silent > 0)
		return t('{silent} of {total, plural, one {# agent} other {# agents}} {silent, plural, one {is} other {are}} silent', { silent, total });
	if (reporting < total)
		return t('{reporting} of {total, plural, one {# agent} other {# agents}} {reporting, plural, one {reports} other {report}}', { reporting, total });
	return t('{total, plural, one {The agent reports} other {All # agents report}}', { total });
}
