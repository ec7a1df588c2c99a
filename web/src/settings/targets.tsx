// Who is told of alerts, how that goes, and what was sent.
import { useEffect, useState } from 'preact/hooks';
import { post } from '../api/client';
import { usePages } from '../api/resource';
import type { Message, Target } from '../api/settings';
import { type SettingsView, href } from '../app/address';
import { count } from '../format/number';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { Empty, Loaded } from '../ui/states';
import { Ago, Until } from '../ui/time';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { act } from './act';
import { TargetDialog, change } from './form';
import { Sure } from './sure';
import { EVENT_WORDS, STATE_WORDS } from './words';

const PAGE = 100;
/** While something waits to be sent. */
const AGAIN_MS = 3000;

function useAgain(waits: boolean, look: () => void): void {
	useEffect(() => {
		if (!waits) return;
		const timer = setInterval(look, AGAIN_MS);
		return () => clearInterval(timer);
	}, [waits]);
}

export function NotificationsTab({ view }: { view: SettingsView }) {
	const pages = usePages<Target>('/targets', {}, ['alerts']);
	const [open, edit] = useState<Target | 'new' | null>(null);
	const [doomed, drop] = useState<Target | null>(null);
	const look = () => void pages.refresh();
	const rows = pages.data.value ?? [];
	useAgain(rows.some((x) => x.enabled && x.messages.waiting > 0), look);
	return (
		<>
			<div class="toolbar">
				<button type="button" class="button primary" onClick={() => edit('new')}>{t('Tell somebody…')}</button>
				<TableMenu name={t('Notifications')} path="/targets" rows={() => rows} />
			</div>
			<Loaded resource={pages}>
				{(all) => all.length === 0
					? <Empty title={t('Nobody is told of alerts')}><p>{t('Give the address of a webhook: of your chat, your pager, or a script of yours. Alerts stand in the inbox all the same.')}</p></Empty>
					: <Table rows={all} view={view} look={look} edit={edit} drop={drop} />}
			</Loaded>
			<p class="quiet note">{rich('At most 30 messages a minute go to one target; the rest is held back and goes later, and each says when it was made. What is not taken is tried again, after 5 seconds at first and 10 minutes at most, for a day. Of what is <a>silenced</a> nobody is told.',
				{ a: (x) => <a href={href.silences()}>{x}</a> })}</p>
			{view.target !== null && <Messages key={view.target} id={view.target} name={rows.find((x) => x.id === view.target)?.name} looked={look} />}
			{open && <TargetDialog target={open === 'new' ? null : open} close={() => { edit(null); look(); }} />}
			{doomed && (
				<Sure title={t('Tell {name} no more?', { name: doomed.name })} verb={t('Take away')} danger close={() => drop(null)}
					text={t('What waits is not sent any more, and what was sent is forgotten here. To stop for a while, switch it off.')}
					does={() => void act(post(`/targets/${doomed.id}`, { method: 'DELETE' }), t('{name} is told no more.', { name: doomed.name }), look).then(() => drop(null))} />
			)}
		</>
	);
}

function Table({ rows, view, look, edit, drop }: {
	rows: readonly Target[];
	view: SettingsView;
	look: () => void;
	edit: (target: Target) => void;
	drop: (target: Target) => void;
}) {
	return (
		<table class="grid cards targets">
			<caption class="sr-only">{t('Who is told of alerts')}</caption>
			<thead>
				<tr>
					<th scope="col" class="c-name">{t('Name')}</th>
					<th scope="col">{t('Services')}</th>
					<th scope="col">{t('When an alert is')}</th>
					<th scope="col">{t('State')}</th>
					<th scope="col">{t('Messages')}</th>
					<th scope="col"><span class="sr-only">{t('Actions')}</span></th>
				</tr>
			</thead>
			<tbody>{rows.map((x) => <Row key={x.id} target={x} current={x.id === view.target} look={look} edit={() => edit(x)} drop={() => drop(x)} />)}</tbody>
		</table>
	);
}

function Row({ target: x, current, look, edit, drop }: { target: Target; current: boolean; look: () => void; edit: () => void; drop: () => void }) {
	const m = x.messages;
	const name = <span class="sr-only">: {x.name.slice(0, 100)}</span>;
	const turn = () => void act(change(x, { enabled: !x.enabled }), x.enabled ? t('{name} is off: nothing goes there.', { name: x.name }) : t('{name} is on.', { name: x.name }), look);
	return (
		<tr data-row data-target={x.id} class={x.enabled ? '' : 'gone'}>
			<th scope="row" class="c-name"><span class="clip" title={x.name}>{x.name}</span><p class="summary"><span class="clip" title={x.url}>{x.url}</span></p></th>
			<td data-of={t('Services')}><span class="clip" title={x.service}>{x.service || t('all')}</span></td>
			<td data-of={t('When an alert is')} class="c-events">{x.events.map((e) => EVENT_WORDS[e]).join(', ')}</td>
			<td data-of={t('State')}>
				<label class="switch"><input type="checkbox" role="switch" checked={x.enabled} onChange={turn} aria-label={t('{name} is told', { name: x.name.slice(0, 100) })} /> {x.enabled ? t('on') : t('off')}</label>
			</td>
			<td data-of={t('Messages')} class="c-messages">
				<a href={href.settings({ tab: 'notifications', target: current ? null : x.id })} aria-current={current ? 'true' : undefined}>{t('{n} sent', { n: count(m.sent) })}</a>
				{m.waiting > 0 && <span>{t('{n} waiting', { n: count(m.waiting) })}</span>}
				{m.failed > 0 && <span class="warn">{t('{n} given up', { n: count(m.failed) })}</span>}
				{m.problem ? <p class="summary clamp" title={m.problem}>{said(m.problem)}</p> : m.sent_at_ms !== null && <p class="summary">{rich('last {ago}', { ago: <Ago ms={m.sent_at_ms} /> })}</p>}
			</td>
			<td class="row-actions">
				<button type="button" class="text-button" disabled={!x.enabled} onClick={() => void act(post(`/targets/${x.id}/test`), t('A trial is on its way to {name}.', { name: x.name }), look)}>{t('Send a trial')}{name}</button>
				<button type="button" class="text-button" onClick={edit}>{t('Change…')}{name}</button>
				<button type="button" class="text-button danger" onClick={drop}>{t('Take away…')}{name}</button>
			</td>
		</tr>
	);
}

function Messages({ id, name, looked }: { id: number; name: string | undefined; looked: () => void }) {
	const [state, only] = useState<Message['state'] | ''>('');
	const path = `/targets/${id}/messages`;
	const pages = usePages<Message>(path, { state: state || undefined, limit: PAGE }, ['alerts']);
	const look = () => { void pages.refresh(); looked(); };
	const rows = pages.data.value ?? [];
	useAgain(rows.some((m) => m.state === 'waiting'), () => void pages.refresh());
	return (
		<section class="part">
			<h2>{name === undefined ? t('Messages') : t('Messages to {name}', { name: name.slice(0, 100) })}</h2>
			<div class="toolbar">
				<div class="filter" role="group" aria-label={t('Messages by state')}>
					{(['', 'waiting', 'sent', 'failed'] as const).map((s) => <button type="button" key={s} class="chip" aria-pressed={s === state} onClick={() => only(s)}>{s === '' ? t('all') : STATE_WORDS[s]}</button>)}
				</div>
				<TableMenu name={t('Messages')} path={`${path}?limit=${PAGE}`} rows={() => rows} />
			</div>
			<Loaded resource={pages} rows={3}>
				{(all) => all.length === 0 ? <p class="quiet">{t('Nothing in the last 30 days.')}</p> : <MessageTable rows={all} look={look} />}
			</Loaded>
			<More pages={pages} />
		</section>
	);
}

function MessageTable({ rows, look }: { rows: readonly Message[]; look: () => void }) {
	return (
		<table class="grid cards messages">
			<caption class="sr-only">{t('Messages, newest first')}</caption>
			<thead>
				<tr>
					<th scope="col">{t('State')}</th>
					<th scope="col" class="c-name">{t('Of')}</th>
					<th scope="col">{t('Made')}</th>
					<th scope="col">{t('Sent')}</th>
					<th scope="col" class="num">{t('Tries')}</th>
					<th scope="col">{t('Problem')}</th>
					<th scope="col"><span class="sr-only">{t('Actions')}</span></th>
				</tr>
			</thead>
			<tbody>
				{rows.map((m) => (
					<tr key={m.id} data-row>
						<td class={`m-${m.state}`} data-of={t('State')}>{STATE_WORDS[m.state]}</td>
						<th scope="row" class="c-name">
							{m.alert === null ? t('a trial') : <><a href={href.alert(m.alert)}>{t('alert {id}', { id: `#${m.alert}` })}</a> {m.event && (EVENT_WORDS[m.event as keyof typeof EVENT_WORDS] ?? m.event)} {m.service && <span class="clip quiet" title={m.service}>{m.service}</span>}</>}
						</th>
						<td data-of={t('Made')}><Ago ms={m.made_at_ms} /></td>
						<td data-of={t('Sent')}>{m.state === 'waiting' ? rich('next try {when}', { when: <Until ms={m.next_at_ms} /> }) : <Ago ms={m.sent_at_ms} />}</td>
						<td data-of={t('Tries')} class="num">{count(m.tries)}</td>
						<td data-of={t('Problem')}>{m.problem && <span class="clamp" title={m.problem}>{said(m.problem)}</span>}</td>
						<td class="row-actions">{m.state === 'failed' && <button type="button" class="text-button" onClick={() => void act(post(`/messages/${m.id}/retry`), t('It is sent again.'), look)}>{t('Send again')}</button>}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}
