import type { Instance } from '../api/types';
import { href } from '../app/address';
import { now } from '../app/now';
import { count, memory } from '../format/number';
import { ago, duration } from '../format/time';
import { Growth } from '../ui/growth';
import { MemoryBar } from '../ui/bar';
import { None } from '../ui/none';
import { Silent } from '../ui/silent';
import { VerdictBadge, VersionName } from '../ui/verdict';
import { Windowed } from '../ui/windowed';
import { said } from '../words/said';
import { t } from '../words/words';

const COLUMNS: readonly (readonly [string, boolean?])[] = [[t('Verdict')], [t('Service')], [t('Version')], [t('Memory'), true],
	[t('Of limit')], [t('Growth'), true], [t('Running for')], [t('Restarts'), true], [t('PID'), true]];

export function InstancesOfHost({ rows, end }: { rows: readonly Instance[]; end: () => void }) {
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={t('What runs here')}>
			<table class="grid host-instances">
				<thead><tr>{COLUMNS.map(([name, num]) => <th scope="col" key={name} class={num ? 'num' : ''}>{name}</th>)}</tr></thead>
				<Windowed rows={rows} columns={COLUMNS.length} end={end} draw={(i) => <Row key={i.id} instance={i} />} />
			</table>
		</div>
	);
}

function Row({ instance: i }: { instance: Instance }) {
	const running = i.running ? duration(Math.max(0, now.value - i.started_at_ms))
		: i.silent_since_ms === null ? <span class="quiet">{t('ended {when}', { when: ago(i.last_sample_at_ms, now.value) })}</span> : <None />;
	return (
		<tr data-row class={i.running || i.silent_since_ms !== null ? '' : 'gone'}>
			<td><span title={said(i.summary)}><VerdictBadge verdict={i.verdict} /></span> <Silent since={i.silent_since_ms} /></td>
			<th scope="row" class="c-name" title={i.command}>
				<a class="row-link" href={href.service(i.service.id)}>{i.service.name}{i.ordinal > 0 && <span class="quiet"> #{i.ordinal}</span>}</a>
			</th>
			<td class="c-version" title={i.version.version}><VersionName version={i.version.version} /></td>
			<td class="num">{i.memory_kb === null ? <None /> : memory(i.memory_kb)}</td>
			<td><MemoryBar used={i.value_kb ?? i.memory_kb} of={i.limit_kb} /></td>
			<td class="num"><Growth value={i.rate} /></td>
			<td>{running}</td>
			<td class="num">{i.restarts > 0 ? count(i.restarts) : <None />}</td>
			<td class="num mono">{i.pid}</td>
		</tr>
	);
}
