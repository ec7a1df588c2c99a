// What stands beside the charts of a service where there is any: warnings, queues, deploys.
import '../styles/insight.css';
import { useState } from 'preact/hooks';
import { type Resource, useResource } from '../api/resource';
import type { Alert, Deploy, Page, Queue, Service, Warning } from '../api/types';
import { href } from '../app/address';
import { deploySaid } from '../chart/marks';
import { QueueTable } from '../queues/table';
import { mayAct } from '../session/session';
import { When } from '../ui/time';
import { WarningTable } from '../warnings/table';
import { said } from '../words/said';
import { t } from '../words/words';
import { MarkDialog } from './mark';

const DEPLOYS_SHOWN = 8;

/** Of the warnings of a service: those of the versions that an alert is about. Pure. */
export function warningsInside(rows: readonly Warning[], alert: Pick<Alert, 'instances' | 'finding'>): Warning[] {
	const instances = new Set(alert.instances.map((i) => i.id));
	const versions = new Set(alert.finding.versions.map((v) => v.id));
	return rows.filter((w) => (w.version ? versions.has(w.version.id) : instances.has(w.instance ?? 0)));
}

/** A part that is left out when it is empty must not be left out when it failed. */
function Failed({ what, resource }: { what: string; resource: Resource<unknown> }) {
	const error = resource.error.value;
	if (!error || resource.data.value !== undefined) return null;
	return <p class="stale part" role="status"><strong>{t('{what} could not be loaded.', { what })}</strong> {said(error.message)}</p>;
}

function useWarnings(service: number): Resource<Page<Warning>> {
	return useResource<Page<Warning>>(`/services/${service}/warnings`, ['warnings', 'verdicts']);
}

export function Warnings({ service }: { service: Service }) {
	const known = useWarnings(service.id);
	const rows = known.data.value?.items ?? [];
	if (rows.length === 0) return <Failed what={t('Warnings')} resource={known as Resource<unknown>} />;
	return (
		<section class="part">
			<h2>{t('Warnings')}</h2>
			<WarningTable rows={rows} name={t('Warnings')} />
		</section>
	);
}

/** In the evidence of an alert. */
export function WarningsInside({ alert }: { alert: Alert }) {
	const known = useWarnings(alert.finding.service.id);
	const rows = warningsInside(known.data.value?.items ?? [], alert);
	if (rows.length === 0) return <Failed what={t('Warnings')} resource={known as Resource<unknown>} />;
	return (
		<section class="part">
			<h2>{t('Warnings of its processes')}</h2>
			<WarningTable rows={rows} name={t('Warnings of its processes')} />
		</section>
	);
}

export function Queues({ service }: { service: Service }) {
	const known = useResource<Page<Queue>>(`/services/${service.id}/queues`, ['queues', 'samples']);
	const rows = known.data.value?.items ?? [];
	if (rows.length === 0) return <Failed what={t('Queues')} resource={known as Resource<unknown>} />;
	return (
		<section class="part">
			<h2>{t('Queues')} <a class="beside-title" href={href.queues()}>{t('all queues')}</a></h2>
			<QueueTable rows={rows} />
		</section>
	);
}

/** The newest moments at which something was changed, and the way to add one. */
export function Deploys({ service }: { service: Service }) {
	const [marking, mark] = useState(false);
	const known = useResource<Page<Deploy>>(`/services/${service.id}/deploys`, ['verdicts']);
	const rows = known.data.value?.items ?? [];
	if (rows.length === 0 && !mayAct()) return null;
	return (
		<section class="part">
			<div class="toolbar part-bar">
				<h2>{t('Deploys and changes')}</h2>
				{mayAct() && <button type="button" class="button" onClick={() => mark(true)}>{t('Mark a change…')}</button>}
			</div>
			<Failed what={t('Deploys')} resource={known as Resource<unknown>} />
			{rows.length === 0 ? known.data.value && <p class="quiet">{t('None is known. A new version marks itself when its first process starts.')}</p> : (
				<ol class="deploys" aria-label={t('Newest first')}>
					{rows.slice(0, DEPLOYS_SHOWN).map((d) => (
						<li key={d.id}>
							<span class="deploy-when"><When ms={d.at_ms} /></span>
							<span class="deploy-what">
								{d.fingerprint_id === null ? deploySaid(d) : <a href={href.fingerprint(d.fingerprint_id)}>{deploySaid(d)}</a>}
								{d.origin === 'seen' && <span class="quiet"> {t('seen as its first process')}</span>}
							</span>
						</li>
					))}
				</ol>
			)}
			{marking && <MarkDialog service={service} close={() => mark(false)} done={() => void known.refresh()} />}
		</section>
	);
}
