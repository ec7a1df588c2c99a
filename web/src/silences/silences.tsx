// Silences: what is muted now, what will be, what was.
import '../styles/alerts.css';
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { touch, usePages } from '../api/resource';
import type { Silence } from '../api/types';
import { SILENCE_STATES, type SilencesView, href } from '../app/address';
import { useKeys } from '../app/keyboard';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { useTitle } from '../app/title';
import { quietly } from '../alerts/steps';
import { AlertsNav } from '../alerts/tabs';
import { mayAct } from '../session/session';
import { More } from '../ui/more';
import { Empty, Loaded } from '../ui/states';
import { Ago, Until } from '../ui/time';
import { toast } from '../ui/toast';
import { rich, t } from '../words/words';
import { SilenceDialog, again } from './form';
import { type Muted, STATE_WORDS, occurrence, scope, window as windowOf } from './words';

const PAGE = 100;
const BLANK: Muted = { service: '', host: '', version: '', kind: null };

export function SilencesPage({ view }: { view: SilencesView }) {
	useTitle(t('Silences'));
	const pages = usePages<Silence>('/silences', { state: view.state || 'active,pending', limit: PAGE }, ['alerts']);
	const [open, edit] = useState<(Muted & Partial<Silence>) | null>(null);
	useKeys([{ keys: 's', help: t('New silence'), group: t('Silences'), run: () => edit(BLANK) }], mayAct());
	return (
		<>
			<header class="page-head"><h1>{t('Silences')}</h1><AlertsNav at="silences" /></header>
			<div class="toolbar">
				<nav class="filter" aria-label={t('Silences by state')}>
					{(['', ...SILENCE_STATES] as const).map((s) => (
						<a key={s} class="chip" href={href.silences({ state: s })} aria-current={s === view.state ? 'page' : undefined}>
							{s === '' ? t('active and to come') : STATE_WORDS[s]}
						</a>
					))}
				</nav>
				{mayAct() && <button type="button" class="button primary" onClick={() => edit(BLANK)}>{t('New silence…')} <kbd aria-hidden="true">s</kbd></button>}
			</div>
			<Loaded resource={pages}>
				{(rows) => (
					<>
						{rows.length === 0 ? <Nothing view={view} /> : <Table rows={rows} edit={edit} />}
						<More pages={pages} />
					</>
				)}
			</Loaded>
			{open && <SilenceDialog silence={open} close={() => edit(null)} />}
		</>
	);
}

function Nothing({ view }: { view: SilencesView }) {
	if (view.state === 'expired') return <Empty title={t('No silence is over')} />;
	return (
		<Empty title={t('Nothing is silenced')}>
			<p>{rich('A silence keeps people from being notified, for a while or each week at the same time. Press <k>s</k> on an <a>alert</a> to write one that fits it.', { k: (x) => <kbd>{x}</kbd>, a: (x) => <a href={href.alerts()}>{x}</a> })}</p>
		</Empty>
	);
}

function Table({ rows, edit }: { rows: readonly Silence[]; edit: (s: Muted & Partial<Silence>) => void }) {
	return (
		<table class="grid silences">
			<caption class="sr-only">{t('Silences')}</caption>
			<thead>
				<tr>
					<th scope="col">{t('State')}</th>
					<th scope="col" class="c-name">{t('Mutes')}</th>
					<th scope="col">{t('When')}</th>
					<th scope="col">{t('Left')}</th>
					<th scope="col">{t('By')}</th>
					{mayAct() && <th scope="col"><span class="sr-only">{t('Actions')}</span></th>}
				</tr>
			</thead>
			<tbody>{rows.map((s) => <Row key={s.id} silence={s} edit={edit} />)}</tbody>
		</table>
	);
}

function Row({ silence: s, edit }: { silence: Silence; edit: (s: Muted & Partial<Silence>) => void }) {
	const next = occurrence(s, now.value);
	const left = s.state === 'pending' ? rich('begins {when}', { when: <Until ms={next.from} /> })
		: s.state === 'active' ? rich('ends {when}', { when: <Until ms={next.to} /> })
			: rich('ended {ago}', { ago: <Ago ms={s.ended_at_ms ?? s.ends_at_ms} /> });
	const edits = s.state === 'expired' ? again(s) : s;
	const verb = s.state === 'expired' ? t('Silence again…') : t('Change…');
	return (
		<tr data-row data-silence={s.id} class={s.state === 'expired' ? 'gone' : ''}>
			<td class="c-state"><span class={`state z-${s.state}`}>{STATE_WORDS[s.state]}</span></td>
			<th scope="row" class="c-name"><span class="clip" title={scope(s).slice(0, 600)}>{scope(s)}</span>{s.reason && <p class="summary clamp" title={s.reason.length > 160 ? s.reason : undefined}>{s.reason}</p>}</th>
			<td class="c-window">{windowOf(s, now.value, zone.value)}</td>
			<td class="c-left">{left}</td>
			<td class="c-by"><span class="clip" title={s.created_by}>{s.created_by}</span><p class="summary"><Ago ms={s.created_at_ms} /></p></td>
			{mayAct() && (
				<td class="row-actions">
					<button type="button" class="text-button row-link-button" onClick={() => edit(edits)}>{verb}<span class="sr-only">: {scope(s).slice(0, 100)}</span></button>
					{s.state !== 'expired' && <button type="button" class="text-button danger" onClick={() => void quietly(end(s))}>{t('End now')}<span class="sr-only">: {scope(s).slice(0, 100)}</span></button>}
				</td>
			)}
		</tr>
	);
}

async function end(s: Silence): Promise<void> {
	await post(`/silences/${s.id}`, { method: 'DELETE', revision: s.revision });
	touch(['alerts']);
	toast(t('Ended: {scope}.', { scope: scope(s) }));
}
