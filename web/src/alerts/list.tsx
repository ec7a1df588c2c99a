// The rows of the inbox.
import type { AlertRow } from '../api/types';
import { href } from '../app/address';
import { count } from '../format/number';
import { Growth } from '../ui/growth';
import { None } from '../ui/none';
import { Silent } from '../ui/silent';
import { Ago, Until, When } from '../ui/time';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { InboxBadge, alertName, resolvedAs } from './words';

export interface Picking {
	ids: ReadonlySet<number>;
	toggle: (id: number, range: boolean) => void;
	all: (on: boolean) => void;
}

export function AlertList({ rows, gone, picking, hold }: {
	rows: readonly AlertRow[];
	/** No longer of this tab: shown faded. */
	gone: ReadonlySet<number>;
	/** Who may only look picks nothing. */
	picking: Picking | null;
	/** The pointer is over the rows, or the focus in them, or no longer. */
	hold: (by: 'pointer' | 'focus', on: boolean) => void;
}) {
	const picked = rows.filter((r) => picking?.ids.has(r.id)).length;
	return (
		<table class="grid alerts inbox" onMouseEnter={() => hold('pointer', true)} onMouseLeave={() => hold('pointer', false)}
			onFocusIn={() => hold('focus', true)} onFocusOut={() => hold('focus', false)}>
			<caption class="sr-only">{t('Alerts, newest first')}</caption>
			<thead>
				<tr>
					{picking && (
						<th scope="col" class="c-pick">
							<input type="checkbox" aria-label={t('Select all')} checked={picked > 0 && picked === rows.length}
								ref={(e) => { if (e) e.indeterminate = picked > 0 && picked < rows.length; }}
								onChange={(e) => picking.all(e.currentTarget.checked)} />
						</th>
					)}
					<th scope="col" class="c-state">{t('State')}</th>
					<th scope="col" class="c-name">{t('Alert')}</th>
					<th scope="col" class="c-growth num">{t('Growth')}</th>
					<th scope="col" class="c-of">{t('Leaks on')}</th>
					<th scope="col" class="c-exhaust">{t('Limit reached')}</th>
					<th scope="col" class="c-owner">{t('Owner')}</th>
					<th scope="col" class="c-when">{t('Opened')}</th>
				</tr>
			</thead>
			<tbody>{rows.map((row) => <Row key={row.id} alert={row} isGone={gone.has(row.id)} picking={picking} />)}</tbody>
		</table>
	);
}

function Row({ alert, isGone, picking }: { alert: AlertRow; isGone: boolean; picking: Picking | null }) {
	const f = alert.finding;
	const picked = picking?.ids.has(alert.id) ?? false;
	return (
		<tr data-row data-alert={alert.id} class={`${picked ? 'picked' : ''} ${isGone || alert.state === 'resolved' ? 'gone' : ''}`}>
			{picking && (
				<td class="c-pick">
					<input type="checkbox" aria-label={t('Select {name}', { name: alertName(alert) })} checked={picked}
						onClick={(e) => { e.stopPropagation(); picking.toggle(alert.id, e.shiftKey); }} />
				</td>
			)}
			<td class="c-state"><InboxBadge inbox={alert.inbox} />{f.silent_since_ms !== null && <p class="summary"><Silent since={f.silent_since_ms} /></p>}</td>
			<th scope="row" class="c-name">
				<a class="row-link" href={href.alert(alert.id)} title={f.summary.length > 160 ? f.summary.slice(0, 600) : undefined}>{said(f.summary)}</a>
				<p class="summary"><Marks alert={alert} /> <Who alert={alert} /></p>
			</th>
			<td class="c-growth num"><Growth value={f.rate} /></td>
			<td class="c-of">
				{t('{n} of {all}', { n: count(f.instances_leaking), all: count(f.instances) })}
				<p class="summary">{t('on {n, plural, one {# host} other {# hosts}}', { n: f.hosts_leaking })}</p>
			</td>
			<td class="c-exhaust"><Until ms={f.exhaust_at_ms} /></td>
			<td class="c-owner">{alert.owner ? <span title={alert.owner}>{alert.owner}</span> : <None />}</td>
			<td class="c-when"><Ago ms={alert.opened_at_ms} /></td>
		</tr>
	);
}

/** What is special about it, each with a word. */
export function Marks({ alert }: { alert: AlertRow }) {
	const { merged } = alert;
	return (
		<>
			{alert.silenced_until_ms !== null && (
				<span class="mark silenced" title={t('Nobody is notified until then')}>
					<svg class="glyph" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
						<path d="M2 8.5h8c-1-1-1-2-1-3.5a3 3 0 0 0-6 0c0 1.5 0 2.5-1 3.5zM5 10.5h2M1.5 1.5l9 9" class="stroke" />
					</svg>
					{rich('silenced until {time}', { time: <When ms={alert.silenced_until_ms} /> })}
				</span>
			)}
			{merged.length > 0 && <span class="mark">{t('with {n, plural, one {# alert} other {# alerts}} inside', { n: merged.length })}</span>}
		</>
	);
}

/** What people and the detector did last. */
export function Who({ alert }: { alert: AlertRow }) {
	const f = alert.finding;
	const again = alert.reopened > 0 && <> · {cameBack(alert.reopened)}</>;
	// The sentence begins with the name, but need not.
	const name = f.summary.includes(f.service.name) ? null : <>{alertName(alert)} · </>;
	return <>{name}{doing(alert)}{again}</>;

	function doing(a: AlertRow) {
		if (a.state === 'resolved' && a.resolved_at_ms)
			return <>{resolvedAs(a)} <Ago ms={a.resolved_at_ms} /> <Progress alert={a} /></>;
		if (a.state === 'archived' && a.archive)
			return rich('archived by {who} {ago}', { who: a.archive.by ?? t('somebody'), ago: <Ago ms={a.archive.at_ms} /> });
		if (a.state === 'acknowledged' && a.acknowledged_at_ms)
			return rich('acknowledged by {who} {ago}', { who: a.acknowledged_by ?? t('somebody'), ago: <Ago ms={a.acknowledged_at_ms} /> });
		if (a.inbox === 'regressed' && a.regressed_at_ms)
			return rich('leaks again in {version} since {ago}', { version: f.version.version, ago: <Ago ms={a.regressed_at_ms} /> });
		if (a.inbox === 'escalating' && a.escalated_at_ms) return rich('got worse {ago}', { ago: <Ago ms={a.escalated_at_ms} /> });
		return f.active ? rich('confirmed {ago}', { ago: <Ago ms={f.last_at_ms} /> }) : rich('quiet since {ago}', { ago: <Ago ms={f.last_at_ms} /> });
	}
}

export function cameBack(n: number): string {
	return t('{n, plural, =1 {came back once} other {came back # times}}', { n });
}

/** How far the version that fixes it is verified. */
function Progress({ alert }: { alert: AlertRow }) {
	const v = alert.verification;
	if (!v) return null;
	if (v.state === 'verified') return <>· {t('verified')}</>;
	if (v.state === 'waiting') return <>· {t('nobody runs it yet')}</>;
	return <>· {t('{seen} of {needed} host-hours', { seen: count(v.seen_h), needed: count(v.needed_h) })}</>;
}
