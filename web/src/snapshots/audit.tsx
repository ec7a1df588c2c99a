// Who did what about the snapshots of a service. For administrators.
import { usePages } from '../api/resource';
import type { AuditRow } from '../api/types';
import { More } from '../ui/more';
import { Loaded } from '../ui/states';
import { When } from '../ui/time';
import { t } from '../words/words';

const PAGE = 20;

export function Audit({ service }: { service: number }) {
	const pages = usePages<AuditRow>('/audit', { service, limit: PAGE }, ['snapshots']);
	return (
		<section class="part">
			<h2>{t('Audit')}</h2>
			<Loaded resource={pages} rows={3}>
				{(rows) => rows.length === 0 ? <p class="quiet">{t('Nobody has asked for a snapshot yet.')}</p> : (
					<>
						<div class="scroll" tabIndex={0} role="region" aria-label={t('Audit')}>
							<table class="grid compact audit">
								<thead>
									<tr><th scope="col">{t('When')}</th><th scope="col">{t('Who')}</th><th scope="col">{t('What')}</th></tr>
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
	'snapshot.ask': t('asked what it costs'),
	'snapshot.confirm': t('said yes'),
	'snapshot.cancel': t('cancelled it'),
	'snapshot.refused': t('was refused by the server'),
	'snapshot.denied': t('refused'),
	'snapshot.failed': t('failed'),
	'snapshot.expired': t('ran out of time'),
	'snapshot.done': t('took a snapshot'),
	'snapshot.foreign': t('sent a snapshot that nobody had asked for'),
	'raw.pull': t('had the raw file fetched'),
	'raw.complete': t('sent the raw file whole'),
	'raw.lost': t('lost the raw file'),
	'raw.download': t('downloaded the raw file'),
	'raw.drop': t('deleted the raw file'),
	'policy.set': t('changed the automatic snapshots'),
	'sensitivity.set': t('changed how easily it alerts'),
};

/** "said yes: checkout on web-1, pid 4303 (overrules)". Pure. */
export function said(row: AuditRow): string {
	const what = ACTIONS[row.action] ?? row.action.replaceAll(/[._-]/g, ' ');
	return `${what}${row.subject && `: ${row.subject}`}${row.detail && ` (${row.detail})`}`;
}
