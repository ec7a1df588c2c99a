// Who did what about the snapshots of a service. For administrators.
import { usePages } from '../api/resource';
import type { AuditRow } from '../api/types';
import { More } from '../ui/more';
import { Loaded } from '../ui/states';
import { When } from '../ui/time';

const PAGE = 20;

export function Audit({ service }: { service: number }) {
	const pages = usePages<AuditRow>('/audit', { service, limit: PAGE }, ['snapshots']);
	return (
		<section class="part">
			<h2>Audit</h2>
			<Loaded resource={pages} rows={3}>
				{(rows) => rows.length === 0 ? <p class="quiet">Nobody has asked for a snapshot yet.</p> : (
					<>
						<div class="scroll" tabIndex={0} role="region" aria-label="Audit">
							<table class="grid compact audit">
								<thead>
									<tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th></tr>
								</thead>
								<tbody>
									{rows.map((row) => (
										<tr key={row.id}>
											<td><When ms={row.at_ms} /></td>
											<th scope="row">{row.actor}</th>
											<td class="c-why">{said(row)}</td>
										</tr>
									))}
								</tbody>
							</table>
						</div>
						<More pages={pages} />
					</>
				)}
			</Loaded>
		</section>
	);
}

const ACTIONS: Record<string, string> = {
	'snapshot.ask': 'asked what it costs',
	'snapshot.confirm': 'said yes',
	'snapshot.cancel': 'cancelled it',
	'snapshot.refused': 'was refused by the server',
	'snapshot.denied': 'refused',
	'snapshot.failed': 'failed',
	'snapshot.expired': 'ran out of time',
	'snapshot.done': 'took a snapshot',
	'snapshot.foreign': 'sent a snapshot that nobody had asked for',
	'raw.pull': 'had the raw file fetched',
	'raw.complete': 'sent the raw file whole',
	'raw.lost': 'lost the raw file',
	'raw.download': 'downloaded the raw file',
	'raw.drop': 'deleted the raw file',
	'policy.set': 'changed the automatic snapshots',
	'sensitivity.set': 'changed how easily it alerts',
};

/** "said yes: checkout on web-1, pid 4303 (overrules)". Pure. */
export function said(row: AuditRow): string {
	const what = ACTIONS[row.action] ?? row.action.replaceAll(/[._-]/g, ' ');
	return `${what}${row.subject && `: ${row.subject}`}${row.detail && ` (${row.detail})`}`;
}
