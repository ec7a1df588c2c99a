// What people did, newest first. Rows are only ever added, each sealed with the one before.
import { useMemo } from 'preact/hooks';
import { usePages } from '../api/resource';
import type { AuditRow } from '../api/settings';
import { SPANS, type SettingsView, href } from '../app/address';
import { now } from '../app/now';
import { go } from '../app/router';
import { MINUTE } from '../format/time';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { Search } from '../ui/search';
import { Empty, Loaded } from '../ui/states';
import { When } from '../ui/time';
import { said } from '../words/said';
import { rich, t } from '../words/words';

const PAGE = 100;

/** How the actions of a kind begin. */
const KINDS: readonly [string, string][] = [
	['', t('all')], ['session', t('logins')], ['user', t('users')], ['token', t('tokens')], ['agent', t('agents')], ['config', t('configuration')],
	['target', t('notifications')], ['alert', t('alerts')], ['snapshot', t('snapshots')],
];

const SPAN_WORDS: Record<SettingsView['span'], string> = { '': t('any time'), '1d': t('a day'), '7d': t('a week'), '30d': t('a month') };

export function AuditTab({ view }: { view: SettingsView }) {
	// To the minute, so that the same is asked for again.
	const from = useMemo(() => (view.span === '' ? undefined : Math.floor((now.peek() - SPANS[view.span]) / MINUTE) * MINUTE), [view.span]);
	const asked = { actor: view.q || undefined, action: view.action || undefined, from };
	const pages = usePages<AuditRow>('/audit', { ...asked, limit: PAGE }, []);
	const show = (part: Partial<SettingsView>) => href.settings({ tab: 'audit', q: view.q, action: view.action, span: view.span, ...part });
	return (
		<>
			<div class="toolbar">
				<nav class="filter" aria-label={t('What was done')}>
					{KINDS.map(([action, name]) => <a key={action} class="chip" href={show({ action })} aria-current={action === view.action ? 'true' : undefined}>{name}</a>)}
				</nav>
				<span class="joined">
					<Search label={t('By whom')} value={view.q} set={(q) => go(show({ q }), { replace: true })} />
					<select aria-label={t('Since')} value={view.span} onChange={(e) => go(show({ span: e.currentTarget.value as SettingsView['span'] }), { replace: true })}>
						{(Object.keys(SPAN_WORDS) as SettingsView['span'][]).map((s) => <option key={s} value={s}>{SPAN_WORDS[s]}</option>)}
					</select>
					<TableMenu name={t('Audit')} path={`/audit?limit=${PAGE}`} rows={() => pages.data.value ?? []} />
				</span>
			</div>
			<Loaded resource={pages}>
				{(rows) => (rows.length === 0 ? <Empty title={t('Nothing like that was done')} /> : <Table rows={rows} />)}
			</Loaded>
			<More pages={pages} />
			<p class="quiet note">{rich('Rows are only ever added, each sealed with the one before. <code>tidemark-server audit verify</code> finds any that was changed or taken out since.', { code: (x) => <code>{x}</code> })}</p>
		</>
	);
}

function Table({ rows }: { rows: readonly AuditRow[] }) {
	return (
		<table class="grid cards audit">
			<caption class="sr-only">{t('What was done, newest first')}</caption>
			<thead>
				<tr>
					<th scope="col">{t('When')}</th>
					<th scope="col">{t('Who')}</th>
					<th scope="col">{t('What')}</th>
					<th scope="col" class="c-name">{t('Of')}</th>
				</tr>
			</thead>
			<tbody>
				{rows.map((r) => (
					<tr key={r.id} data-row>
						<td data-of={t('When')}><When ms={r.at_ms} /></td>
						<td data-of={t('Who')}><a class="clip" href={href.settings({ tab: 'audit', q: r.actor })} title={r.actor}>{r.actor}</a></td>
						<td data-of={t('What')}><code>{r.action}</code></td>
						<th scope="row" class="c-name">
							{r.service ? <a class="clip" href={href.service(r.service.id)} title={r.subject}>{r.subject}</a> : <span class="clip" title={r.subject}>{r.subject}</span>}
							{r.detail && <p class="summary clamp" title={r.detail}>{said(r.detail)}</p>}
						</th>
					</tr>
				))}
			</tbody>
		</table>
	);
}
