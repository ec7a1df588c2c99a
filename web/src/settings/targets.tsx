// Who is told of alerts, how that goes, and what was sent.
import { useEffect, useState } from 'preact/hooks';
import { post } from '../api/client';
import { usePages } from '../api/resource';
import type { Message, Target, TargetMade } from '../api/settings';
import { type SettingsView, href } from '../app/address';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { go } from '../app/router';
import { count } from '../format/number';
import { when } from '../format/time';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { Empty, Loaded } from '../ui/states';
import { Ago, Until } from '../ui/time';
import { toast } from '../ui/toast';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { act } from './act';
import { SecretDialog, TargetDialog, change } from './form';
import { Sure } from './sure';
import { EVENT_WORDS, KIND_NAMES, STATE_WORDS } from './words';

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
	const [turning, turn] = useState<Target | null>(null);
	const [made, tell] = useState<TargetMade | null>(null);
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
					? <Empty title={t('Nobody is told of alerts')}><p>{t('Give the address of your chat, your pager, your Alertmanager, your mail server, or a script of yours. Alerts stand in the inbox all the same.')}</p></Empty>
					: <Table rows={all} view={view} look={look} edit={edit} drop={drop} turn={turn} />}
			</Loaded>
			<p class="quiet note">{rich('What comes faster than a target is to be told is held back, and told together as one message that counts it. What is not taken is tried again, after 5 seconds at first and 10 minutes at most, for a day; then it is a dead letter. What is <a>silenced</a> is told when the silence ends.',
				{ a: (x) => <a href={href.silences()}>{x}</a> })}</p>
			{rows.some((x) => x.messages.failed > 0) && view.target === null && <DeadLetters looked={look} />}
			{view.target !== null && <Messages key={view.target} id={view.target} view={view} name={rows.find((x) => x.id === view.target)?.name} looked={look} />}
			{open && <TargetDialog target={open === 'new' ? null : open} close={() => { edit(null); look(); }} made={(target) => { edit(null); look(); tell(target); }} />}
			{made && <SecretDialog target={made} close={() => tell(null)} />}
			{doomed && (
				<Sure title={t('Tell {name} no more?', { name: doomed.name })} verb={t('Take away')} danger close={() => drop(null)}
					text={t('What waits is not sent any more, and what was sent is forgotten here. To stop for a while, switch it off.')}
					does={() => void act(post(`/targets/${doomed.id}`, { method: 'DELETE' }), t('{name} is told no more.', { name: doomed.name }), look).then(() => drop(null))} />
			)}
			{turning && (
				<Sure title={t('A new secret for {name}?', { name: turning.name.slice(0, 100) })} verb={t('Make a secret')} close={() => turn(null)}
					text={t('Posts carry two signatures for a day, by the new secret and by the old one, so that the receiver can be changed in between. The new one is shown once.')}
					does={() => void act(post<TargetMade>(`/targets/${turning.id}/secret`), '', look).then((target) => { turn(null); if (target) tell(target); })} />
			)}
		</>
	);
}

function Table({ rows, view, look, edit, drop, turn }: {
	rows: readonly Target[];
	view: SettingsView;
	look: () => void;
	edit: (target: Target) => void;
	drop: (target: Target) => void;
	turn: (target: Target) => void;
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
			<tbody>{rows.map((x) => <Row key={x.id} target={x} current={x.id === view.target} look={look} edit={() => edit(x)} drop={() => drop(x)} secret={() => turn(x)} />)}</tbody>
		</table>
	);
}

function Row({ target: x, current, look, edit, drop, secret }: { target: Target; current: boolean; look: () => void; edit: () => void; drop: () => void; secret: () => void }) {
	const to = x.kind === 'smtp' ? t('{recipients} by {server}', { recipients: x.recipients, server: x.url }) : x.url;
	const m = x.messages;
	const name = <span class="sr-only">: {x.name.slice(0, 100)}</span>;
	const turn = () => void act(change(x, { enabled: !x.enabled }), x.enabled ? t('{name} is off: nothing goes there.', { name: x.name }) : t('{name} is on.', { name: x.name }), look);
	return (
		<tr data-row data-target={x.id} class={x.enabled ? '' : 'gone'}>
			<th scope="row" class="c-name"><span class="clip" title={x.name}>{x.name}</span><p class="summary"><span class="clip" title={to}>{KIND_NAMES[x.kind]}: {to}</span></p></th>
			<td data-of={t('Services')}><span class="clip" title={x.service}>{x.service || t('all')}</span></td>
			<td data-of={t('When an alert is')} class="c-events">{x.events.map((e) => EVENT_WORDS[e]).join(', ')}</td>
			<td data-of={t('State')}>
				<label class="switch"><input type="checkbox" role="switch" checked={x.enabled} onChange={turn} aria-label={t('{name} is told', { name: x.name.slice(0, 100) })} /> {x.enabled ? t('on') : t('off')}</label>
			</td>
			<td data-of={t('Messages')} class="c-messages">
				<a href={href.settings({ tab: 'notifications', target: current ? null : x.id })} aria-current={current ? 'true' : undefined}>{t('{n} sent', { n: count(m.sent) })}</a>
				{m.muted > 0 && <span>{t('{n} muted', { n: count(m.muted) })}</span>}
				{m.waiting > 0 && <span>{t('{n} waiting', { n: count(m.waiting) })}</span>}
				{m.failed > 0 && <span class="warn">{t('{n} given up', { n: count(m.failed) })}</span>}
				{x.enabled && x.resting_until_ms !== null && x.resting_until_ms > now.value && <p class="summary warn">{rich('does not answer; next try {when}', { when: <Until ms={x.resting_until_ms} /> })}</p>}
				{m.problem ? <p class="summary clamp" title={m.problem}>{said(m.problem)}</p> : m.sent_at_ms !== null && <p class="summary">{rich('last {ago}', { ago: <Ago ms={m.sent_at_ms} /> })}</p>}
			</td>
			<td class="row-actions">
				<button type="button" class="text-button" disabled={!x.enabled} onClick={() => void act(post(`/targets/${x.id}/test`), t('A trial is on its way to {name}.', { name: x.name }), look)}>{t('Send a trial')}{name}</button>
				<button type="button" class="text-button" onClick={edit}>{t('Change…')}{name}</button>
				{x.signed && <button type="button" class="text-button" onClick={secret} title={x.old_secret_until_ms !== null && x.old_secret_until_ms > now.value ? t('The secret before signs as well until {when}.', { when: when(x.old_secret_until_ms, now.value, zone.value) }) : undefined}>{t('New secret…')}{name}</button>}
				<button type="button" class="text-button danger" onClick={drop}>{t('Take away…')}{name}</button>
			</td>
		</tr>
	);
}

/** What was given up, of all targets: the newest, to be sent again or let go. */
function DeadLetters({ looked }: { looked: () => void }) {
	const pages = usePages<Message>('/messages', { state: 'failed', limit: PAGE }, ['alerts']);
	const look = () => { void pages.refresh(); looked(); };
	const rows = pages.data.value ?? [];
	const again = async () => {
		const sent = await Promise.allSettled(rows.map((m) => post(`/messages/${m.id}/retry`)));
		const n = sent.filter((s) => s.status === 'fulfilled').length;
		toast(t('{n, plural, one {# message is} other {# messages are}} sent again.', { n }), n < rows.length ? { kind: 'failed' } : {});
		look();
	};
	return (
		<section class="part">
			<h2>{t('Dead letters')}</h2>
			<p class="lead quiet">{t('Given up after a day. Nobody was told of these by this way.')}</p>
			<Loaded resource={pages} rows={3}>
				{(all) => all.length === 0 ? <p class="quiet">{t('None any more.')}</p> : (
					<>
						<div class="toolbar"><button type="button" class="button" onClick={() => void again()}>{t('Send {n, plural, one {it} other {all #}} again', { n: all.length })}</button></div>
						<MessageTable rows={all} look={look} targets />
					</>
				)}
			</Loaded>
			<More pages={pages} />
		</section>
	);
}

function Messages({ id, view, name, looked }: { id: number; view: SettingsView; name: string | undefined; looked: () => void }) {
	const { state } = view;
	const only = (chosen: SettingsView['state']) => go(href.settings({ tab: 'notifications', target: id, state: chosen }), { replace: true });
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
					{(['', 'waiting', 'sent', 'failed', 'folded', 'muted'] as const).map((s) => <button type="button" key={s} class="chip" aria-pressed={s === state} onClick={() => only(s)}>{s === '' ? t('all') : STATE_WORDS[s]}</button>)}
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

function MessageTable({ rows, look, targets = false }: { rows: readonly Message[]; look: () => void; targets?: boolean }) {
	return (
		<table class="grid cards messages">
			<caption class="sr-only">{t('Messages, newest first')}</caption>
			<thead>
				<tr>
					<th scope="col">{t('State')}</th>
					<th scope="col" class="c-name">{t('Of')}</th>
					{targets && <th scope="col">{t('To')}</th>}
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
						<th scope="row" class="c-name"><Of message={m} /></th>
						{targets && <td data-of={t('To')}><a class="clip" href={href.settings({ tab: 'notifications', target: m.target.id })} title={m.target.name}>{m.target.name}</a></td>}
						<td data-of={t('Made')}><Ago ms={m.made_at_ms} /></td>
						<td data-of={t('Sent')}>{m.state === 'waiting' ? rich('next try {when}', { when: <Until ms={m.next_at_ms} /> }) : <Ago ms={m.sent_at_ms} />}</td>
						<td data-of={t('Tries')} class="num">{count(m.tries)}</td>
						<td data-of={t('Problem')}>{m.problem && <span class="clamp" title={m.problem}>{said(m.problem)}</span>}</td>
						<td class="row-actions">
							{m.state === 'failed' && <button type="button" class="text-button" onClick={() => void act(post(`/messages/${m.id}/retry`), t('It is sent again.'), look)}>{t('Send again')}</button>}
							{(m.state === 'failed' || m.state === 'waiting') && <button type="button" class="text-button" onClick={() => void act(post(`/messages/${m.id}/drop`), t('It is not sent any more.'), look)}>{t('Drop')}</button>}
						</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

function Of({ message: m }: { message: Message }) {
	if (m.event === 'digest') return <>{t('{n, plural, one {# message} other {# messages}} held back, as one', { n: m.digest })}</>;
	if (m.alert === null) return <>{t('a trial')}</>;
	return (
		<>
			<a href={href.alert(m.alert)}>{t('alert {id}', { id: `#${m.alert}` })}</a> {m.event && (EVENT_WORDS[m.event as keyof typeof EVENT_WORDS] ?? m.event)}{' '}
			{m.service && <span class="clip quiet" title={m.service}>{m.service}</span>}
			{m.folded_into !== null && <p class="summary">{t('told with others, by message {id}', { id: `#${m.folded_into}` })}</p>}
		</>
	);
}
