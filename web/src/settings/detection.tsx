// How easily each service alerts.
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { usePages } from '../api/resource';
import type { ServiceSensitivity } from '../api/settings';
import type { Sensitivity } from '../api/types';
import { type SettingsView, href } from '../app/address';
import { go } from '../app/router';
import { SENSITIVITIES } from '../detection/sensitivity';
import { SENSITIVITY_HELP, SENSITIVITY_WORDS } from '../detection/words';
import { mayAct } from '../session/session';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { Search } from '../ui/search';
import { Empty, Loaded } from '../ui/states';
import { useWindow } from '../ui/window';
import { Ago } from '../ui/time';
import { rich, t } from '../words/words';
import { act, has } from './act';

const PAGE = 1000;

export function DetectionTab({ view }: { view: SettingsView }) {
	const pages = usePages<ServiceSensitivity>('/sensitivities', { limit: PAGE }, ['verdicts']);
	return (
		<>
			<div class="toolbar end">
				<Search label={t('Find a service')} value={view.q} set={(q) => go(href.settings({ tab: 'detection', q }), { replace: true })} />
				<TableMenu name={t('Detection')} path={`/sensitivities?limit=${PAGE}`} rows={() => pages.data.value ?? []} />
			</div>
			<Loaded resource={pages}>
				{(all) => all.length === 0 ? <Empty title={t('No service yet')}><p>{t('Services appear when agents report their processes.')}</p></Empty>
					: <Table rows={all} q={view.q} look={() => void pages.refresh()} />}
			</Loaded>
			<More pages={pages} />
			<dl class="facts roles">{SENSITIVITIES.map((s) => <div key={s}><dt>{SENSITIVITY_WORDS[s]}</dt><dd>{SENSITIVITY_HELP[s]}</dd></div>)}</dl>
		</>
	);
}

/** Those that somebody set come first. Pure. */
export function setFirst(rows: readonly ServiceSensitivity[]): ServiceSensitivity[] {
	return [...rows].sort((a, b) => Number(a.is_default) - Number(b.is_default) || a.service.name.localeCompare(b.service.name));
}

function Table({ rows, q, look }: { rows: readonly ServiceSensitivity[]; q: string; look: () => void }) {
	// A row that is set now stays where it is until the page is opened again.
	const [order] = useState(() => new Map(setFirst(rows).map((r, i) => [r.service.id, i])));
	const found = rows.filter((r) => has(q, r.service.name, SENSITIVITY_WORDS[r.sensitivity]))
		.sort((a, b) => (order.get(a.service.id) ?? 1e9) - (order.get(b.service.id) ?? 1e9)).map((r) => ({ ...r, id: r.service.id }));
	const { shown, rest } = useWindow(found, q);
	if (found.length === 0) return <Empty title={t('No service matches')} />;
	return (
		<>
			<table class="grid cards sensitivities">
				<caption class="sr-only">{t('How easily services alert')}</caption>
				<thead>
					<tr>
						<th scope="col" class="c-name">{t('Service')}</th>
						<th scope="col">{t('Sensitivity')}</th>
						<th scope="col">{t('Set by')}</th>
						<th scope="col"><span class="sr-only">{t('Actions')}</span></th>
					</tr>
				</thead>
				<tbody>{shown.map((r) => <Row key={r.service.id} row={r} look={look} />)}</tbody>
			</table>
			{rest}
		</>
	);
}

function Row({ row: r, look }: { row: ServiceSensitivity; look: () => void }) {
	const [wanted, want] = useState<Sensitivity | null>(null);
	const give = async (sensitivity: Sensitivity, revision: number | undefined, undo?: Sensitivity) => {
		want(sensitivity);
		const send = post(`/services/${r.service.id}/sensitivity`, { method: 'PUT', body: { sensitivity }, ...(revision === undefined ? {} : { revision }) });
		await act(send, t('{service} is {sensitivity} from now on.', { service: r.service.name, sensitivity: SENSITIVITY_WORDS[sensitivity] }), look, undo && (() => void give(undo, undefined)));
		want(null);
	};
	return (
		<tr data-row>
			<th scope="row" class="c-name"><a class="row-link clip" href={href.service(r.service.id)} title={r.service.name}>{r.service.name}</a></th>
			<td data-of={t('Sensitivity')}>
				{mayAct() ? (
					<select aria-label={t('Sensitivity of {service}', { service: r.service.name.slice(0, 100) })} value={wanted ?? r.sensitivity}
						onChange={(e) => void give(e.currentTarget.value as Sensitivity, r.revision, r.sensitivity)}>
						{SENSITIVITIES.map((s) => <option key={s} value={s}>{SENSITIVITY_WORDS[s]}</option>)}
					</select>
				) : SENSITIVITY_WORDS[r.sensitivity]}
			</td>
			<td data-of={t('Set by')}>{r.is_default ? <span class="quiet">{t('the default')}</span> : rich('{who} {ago}', { who: <span class="clip" title={r.changed_by ?? ''}>{r.changed_by ?? t('somebody')}</span>, ago: <Ago ms={r.changed_at_ms} /> })}</td>
			<td class="row-actions"><a href={href.detection(r.service.id)}>{t('Try on stored history')}<span class="sr-only">: {r.service.name.slice(0, 100)}</span></a></td>
		</tr>
	);
}
