// What a group was told, by whom and why, and what became of it.
import type { ConfigRevision } from '../api/config';
import { usePages } from '../api/resource';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { Written } from '../ui/written';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { Changes } from './settings';
import { REVISION_WORDS } from './words';

const PAGE = 50;

/** In force when it was made: the newest older one that was rolled out to all. Pure. */
export function before(revisions: readonly ConfigRevision[], at: number): ConfigRevision | undefined {
	return revisions.slice(at + 1).find((r) => r.state === 'good' || r.state === 'replaced');
}

export function useRevisions(group: number) {
	return usePages<ConfigRevision>(`/config/groups/${group}/revisions`, { limit: PAGE }, ['config']);
}

export function History({ group }: { group: number }) {
	const pages = useRevisions(group);
	return (
		<>
			<div class="toolbar end"><TableMenu name={t('History')} path={`/config/groups/${group}/revisions?limit=${PAGE}`} rows={() => pages.data.value ?? []} /></div>
			<Loaded resource={pages}>
				{(all) => (all.length === 0 ? <p class="quiet">{t('It was told nothing yet.')}</p> : (
					<ol class="timeline config-history">
						{all.map((r, i) => (
							<li key={r.id} class={`r-${r.state}`}>
								<div class="what"><span><strong>{t('Revision {id}', { id: `#${r.id}` })}</strong> <span class={`r-word r-${r.state}`}>{REVISION_WORDS[r.state]}</span></span><span class="quiet"><Ago ms={r.ended_at_ms ?? r.started_at_ms ?? r.made_at_ms} /></span></div>
								<p class="event-text">{rich('made by {who} {ago}', { who: r.made_by, ago: <Ago ms={r.made_at_ms} /> })}{r.started_at_ms !== null && <>{', '}{rich('rolled out {ago}', { ago: <Ago ms={r.started_at_ms} /> })}</>}</p>
								{r.note && <Written text={r.note} />}
								{r.reason && <p class={r.state === 'rolled_back' ? 'warn' : 'quiet'}>{said(r.reason)}</p>}
								<Changes before={before(all, i)?.settings ?? {}} after={r.settings} />
							</li>
						))}
					</ol>
				))}
			</Loaded>
			<More pages={pages} />
		</>
	);
}
