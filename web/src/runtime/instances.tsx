// The instances of the service beside one another; one of them is looked into below.
import type { Instance, Service } from '../api/types';
import { type RuntimeView, href } from '../app/address';
import { VersionKey } from '../chart/swatch';
import { versionColours } from '../chart/model';
import { digits, memory, quantity } from '../format/number';
import { None } from '../ui/none';
import { useRowKeys } from '../ui/rows';
import { VerdictBadge } from '../ui/verdict';
import { t } from '../words/words';
import { HeapBar } from './bars';
import type { InsidesOf } from './insides';
import { isRead } from './words';

export function InstancePicker({ service, rows, all, known, chosen, view }: {
	service: Service;
	rows: readonly Instance[];
	all: number;
	known: InsidesOf;
	chosen: number;
	view: RuntimeView;
}) {
	useRowKeys('instance');
	const colours = versionColours(service.versions.map((v) => v.id));
	return (
		<section class="runtime-instances">
			<div class="scroll" tabIndex={0} role="region" aria-label={t('Instances')}>
				<table class="grid compact">
					<thead>
						<tr>
							<th scope="col">{t('Instance')}</th>
							<th scope="col">{t('Version')}</th>
							<th scope="col">{t('Verdict')}</th>
							<th scope="col">{t('Heap of limit')}</th>
							<th scope="col" class="num"><span title={t('In use right after the last full collection')}>{t('Floor')}</span></th>
							<th scope="col" class="num">{t('Outside heap')}</th>
							<th scope="col" class="num"><span title={t('99th percentile since the reading before')}>{t('Loop delay p99')}</span></th>
							<th scope="col" class="num">{t('Loop busy')}</th>
							<th scope="col" class="num">{t('Requests')}</th>
							<th scope="col">{t('Read through')}</th>
						</tr>
					</thead>
					<tbody>
						{rows.map((r) => (
							<Row key={r.id} instance={r} known={known} current={r.id === chosen} colour={colours.get(r.version.id) ?? 0}
								to={href.runtime(service.id, { ...view, instance: r.id })} />
						))}
					</tbody>
				</table>
			</div>
			{all > rows.length && <p class="quiet table-note">{t('The worst {n} of {all} running instances.', { n: rows.length, all })}</p>}
		</section>
	);
}

function Row({ instance: r, known, current, colour, to }: {
	instance: Instance;
	known: InsidesOf;
	current: boolean;
	colour: number;
	to: string;
}) {
	const insides = known.get(r.id);
	const name = <>{r.host.name} <span class="quiet">#{r.ordinal}</span></>;
	const values = isRead(insides) ? insides.values : {};
	const said = (key: string, unit: string) => {
		const value = values[key];
		return typeof value === 'number' ? quantity(value, unit) : <None />;
	};
	const requests = isRead(insides) ? insides.per_second['requests'] : null;
	return (
		<tr data-row data-instance={r.id} class={`${current ? 'picked' : ''} ${r.running ? '' : 'gone'}`}>
			<th scope="row" class="host"><a class="row-link" href={to} aria-current={current ? 'true' : undefined}>{name}</a></th>
			<td><VersionKey colour={colour} version={r.version.version} /></td>
			<td><VerdictBadge verdict={r.verdict} /></td>
			<td>{isRead(insides) ? <HeapBar insides={insides} /> : <None />}</td>
			<td class="num">{typeof values['heap_floor_kb'] === 'number' ? memory(values['heap_floor_kb']) : <None />}</td>
			<td class="num">{said('external_kb', 'KiB')}</td>
			<td class="num">{said('loop_delay_p99_us', 'us')}</td>
			<td class="num">{said('loop_busy_permille', '1/1000')}</td>
			<td class="num">{typeof requests === 'number' ? `${digits(requests)}/s` : <None />}</td>
			<td>{isRead(insides) ? insides.route || <None /> : <span class="unknown">{t('not read')}</span>}</td>
		</tr>
	);
}
