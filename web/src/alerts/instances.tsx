import type { AlertInstance } from '../api/types';
import { count, memory } from '../format/number';
import { MemoryBar } from '../ui/bar';
import { Growth } from '../ui/growth';
import { Exhaustion, Onset } from '../ui/moment';
import { Silent } from '../ui/silent';
import { When } from '../ui/time';
import { None } from '../ui/none';
import { said } from '../words/said';
import { t } from '../words/words';

/** The seats inside an alert, the fastest growing first. */
export function AlertInstances({ rows }: { rows: readonly AlertInstance[] }) {
	if (rows.length === 0) return <p class="quiet">{t('No instance is left inside.')}</p>;
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={t('Instances inside')}>
			<table class="grid">
				<thead>
					<tr>
						<th scope="col">{t('Instance')}</th>
						<th scope="col" class="num">{t('Growth')}</th>
						<th scope="col" class="num">{t('Memory')}</th>
						<th scope="col">{t('Of limit')}</th>
						<th scope="col">{t('Limit reached')}</th>
						<th scope="col" class="num">{t('Restarts')}</th>
						<th scope="col">{t('Grows since')}</th>
						<th scope="col" class="num">{t('PID')}</th>
					</tr>
				</thead>
				<tbody>
					{rows.map((i) => (
						<tr key={i.id} class={i.running || i.silent_since_ms !== null ? '' : 'gone'}>
							<th scope="row"><span title={said(i.summary)}>{i.host.name} <span class="quiet">#{i.ordinal}</span></span> <Silent since={i.silent_since_ms} /></th>
							<td class="num"><Growth value={i.rate} /></td>
							<td class="num">{i.value_kb === null ? <None /> : memory(i.value_kb)}</td>
							<td><MemoryBar used={i.value_kb} of={i.limit_kb} /></td>
							<td>{i.exhaust ? <Exhaustion moment={i.exhaust} /> : <None />}</td>
							<td class="num">{i.restarts > 0 ? count(i.restarts) : <None />}</td>
							<td>{i.onset ? <Onset moment={i.onset} /> : <When ms={i.first_at_ms} />}</td>
							<td class="num mono">{i.pid}{!i.running && i.silent_since_ms === null && <span class="quiet"> {t('ended')}</span>}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
