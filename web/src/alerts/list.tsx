import type { AlertRow } from '../api/types';
import { href } from '../app/address';
import { count, plural } from '../format/number';
import { Growth } from '../ui/growth';
import { Ago, Until } from '../ui/time';
import { StateBadge } from '../ui/verdict';
import { Silent } from '../ui/silent';
import { alertName } from './actions';
import { resolvedAs } from './resolved';

export function AlertList({ rows }: { rows: readonly AlertRow[] }) {
	return (
		<table class="grid alerts">
			<caption class="sr-only">Alerts, newest first</caption>
			<thead>
				<tr>
					<th scope="col" class="c-state">State</th>
					<th scope="col" class="c-name">Alert</th>
					<th scope="col" class="c-growth num">Growth</th>
					<th scope="col" class="c-of">Instances</th>
					<th scope="col" class="c-exhaust">Limit reached</th>
					<th scope="col" class="c-when">Opened</th>
				</tr>
			</thead>
			<tbody>{rows.map((row) => <Row key={row.id} alert={row} />)}</tbody>
		</table>
	);
}

function Row({ alert }: { alert: AlertRow }) {
	const f = alert.finding;
	return (
		<tr data-row data-alert={alert.id}>
			<td class="c-state"><StateBadge state={alert.state} /></td>
			<th scope="row" class="c-name">
				<a class="row-link" href={href.alert(alert.id)}>{f.summary}</a>
				<p class="summary"><Who alert={alert} /></p>
			</th>
			<td class="c-growth num"><Growth value={f.rate} /></td>
			<td class="c-of">{count(f.instances_leaking)} of {count(f.instances)}</td>
			<td class="c-exhaust"><Until ms={f.exhaust_at_ms} /></td>
			<td class="c-when"><Ago ms={alert.opened_at_ms} /></td>
		</tr>
	);
}

/** What people and the detector did last. */
export function Who({ alert }: { alert: AlertRow }) {
	const f = alert.finding;
	const name = alertName(alert);
	const again = alert.reopened > 0 && ` · came back ${plural(alert.reopened, 'time')}`;
	if (alert.state === 'resolved' && alert.resolved_at_ms)
		return <>{name} · {resolvedAs(alert)} <Ago ms={alert.resolved_at_ms} />{again}</>;
	if (alert.state === 'acknowledged' && alert.acknowledged_at_ms)
		return (
			<>
				{name} · acknowledged by {alert.acknowledged_by ?? 'somebody'}{' '}
				<Ago ms={alert.acknowledged_at_ms} />{again}
			</>
		);
	if (f.silent_since_ms !== null) return <>{name} · <Silent since={f.silent_since_ms} />{again}</>;
	return <>{name} · {f.active ? 'confirmed ' : 'quiet since '}<Ago ms={f.last_at_ms} />{again}</>;
}
