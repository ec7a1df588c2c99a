// Which agents run what they are to, and which do not.
import { usePages } from '../api/resource';
import type { ConfigAgent, ConfigState } from '../api/config';
import { href } from '../app/address';
import { bytes, digits } from '../format/number';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { None } from '../ui/none';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { t } from '../words/words';
import { ConfigStateBadge } from './state';
import { DIFFERS, FATES, STATES, STATE_WORDS } from './words';

const PAGE = 200;

/** `group`: of one group; all its agents unless a state is chosen. Of all groups those that differ. */
export function ConfigAgents({ group, state, to }: {
	group?: number;
	state: ConfigState | '';
	to: (state: ConfigState | '') => string;
}) {
	const wanted = state || (group === undefined ? DIFFERS.join(',') : undefined);
	const pages = usePages<ConfigAgent>('/config/agents', { group, state: wanted, limit: PAGE }, ['agents', 'config']);
	const states = group === undefined ? STATES : STATES.filter((s) => s !== 'own');
	return (
		<>
			<div class="toolbar">
				<nav class="filter" aria-label={t('Agents by what they run')}>
					{(['', ...states] as const).map((s) => (
						<a key={s} class="chip" href={to(s)} aria-current={s === state ? 'true' : undefined}>
							{s !== '' ? STATE_WORDS[s] : group === undefined ? t('what differs') : t('all')}
						</a>
					))}
				</nav>
				<TableMenu name={t('What agents run')} path={`/config/agents?limit=${PAGE}`} rows={() => pages.data.value ?? []} />
			</div>
			<Loaded resource={pages} rows={3}>
				{(rows) => (rows.length === 0 ? <p class="quiet">{state === '' && group === undefined ? t('Every agent runs what it is to.') : t('None.')}</p>
					: <Table rows={rows} groups={group === undefined} />)}
			</Loaded>
			<More pages={pages} />
		</>
	);
}

function Table({ rows, groups }: { rows: readonly ConfigAgent[]; groups: boolean }) {
	return (
		<table class="grid cards config-agents">
			<caption class="sr-only">{t('What agents run')}</caption>
			<thead>
				<tr>
					<th scope="col" class="c-name">{t('Host')}</th>
					{groups && <th scope="col">{t('Group')}</th>}
					<th scope="col">{t('State')}</th>
					<th scope="col">{t('Is told')}</th>
					<th scope="col">{t('Runs')}</th>
					<th scope="col" class="num">{t('Own cost')}</th>
					<th scope="col">{t('Version')}</th>
				</tr>
			</thead>
			<tbody>{rows.map((a) => <Row key={a.agent} agent={a} groups={groups} />)}</tbody>
		</table>
	);
}

function Row({ agent: a, groups }: { agent: ConfigAgent; groups: boolean }) {
	return (
		<tr data-row>
			<th scope="row" class="c-name"><a class="row-link clip" href={href.host(a.host.id)} title={a.host.name}>{a.host.name}</a></th>
			{groups && <td data-of={t('Group')}>{a.group ? <a class="clip" href={href.group(a.group.id)} title={a.group.name}>{a.group.name}</a> : <None />}</td>}
			<td data-of={t('State')}>
				<ConfigStateBadge state={a.state} />
				{a.exceptions.length > 0 && (
					<ul class="exceptions">
						{a.exceptions.map((x) => <li key={x.setting} class="summary"><code>{x.setting}</code>: {FATES[x.fate]}</li>)}
					</ul>
				)}
			</td>
			<td data-of={t('Is told')}>{a.desired === null ? t('own file') : `#${a.desired}`}</td>
			<td data-of={t('Runs')}>{a.acknowledged === null ? t('own file') : `#${a.acknowledged}`}{a.acknowledged_at_ms !== null && <p class="summary"><Ago ms={a.acknowledged_at_ms} /></p>}</td>
			<td data-of={t('Own cost')} class="num">{a.cpu_pct === null || a.rss_bytes === null ? <None /> : <>{t('{n} % of a core', { n: digits(a.cpu_pct) })}<p class="summary">{bytes(a.rss_bytes)}</p></>}</td>
			<td data-of={t('Version')}>{a.version ? <span class="clip" title={a.version}>{a.version}</span> : <None />}</td>
		</tr>
	);
}
