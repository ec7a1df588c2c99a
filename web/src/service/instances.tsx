import { useMemo } from 'preact/hooks';
import type { Instance } from '../api/types';
import { now } from '../app/now';
import { VersionKey } from '../chart/swatch';
import { count, memory } from '../format/number';
import { ago, duration } from '../format/time';
import { Growth } from '../ui/growth';
import { MemoryBar } from '../ui/bar';
import { Exhaustion } from '../ui/moment';
import { Silent } from '../ui/silent';
import { VerdictBadge, byVerdict } from '../ui/verdict';
import { None } from '../ui/none';
import { Windowed } from '../ui/windowed';
import { said } from '../words/said';
import { t } from '../words/words';

const STALE_MS = 60_000;

const COLUMNS: readonly (readonly [string, boolean?])[] = [[t('Instance')], [t('Version')], [t('Verdict')], [t('Memory'), true], [t('Of limit')],
	[t('Growth'), true], [t('Limit reached')], [t('Running for')], [t('Restarts'), true], [t('PID'), true], [t('Command')]];

/** The worst first. `end` when the last ones come near. */
export function InstanceTable({ rows, colourOf, end }: {
	rows: readonly Instance[];
	colourOf: (versionId: number) => number;
	end?: () => void;
}) {
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={t('Instances')}>
			<table class="grid instances-table">
				<thead>
					<tr>{COLUMNS.map(([name, num]) => <th scope="col" key={name} class={num ? 'num' : ''}>{name}</th>)}</tr>
				</thead>
				<Windowed rows={useMemo(() => [...rows].sort(byVerdict), [rows])} columns={COLUMNS.length} draw={(i) => <Row key={i.id} instance={i} colour={colourOf(i.version.id)} />} {...(end && { end })} />
			</table>
		</div>
	);
}

function Row({ instance: i, colour }: { instance: Instance; colour: number }) {
	return (
		<tr class={i.running || i.silent_since_ms !== null ? '' : 'gone'}>
			<th scope="row" class="host"><span class="host-name" title={i.host.name}>{i.host.name}</span> <span class="quiet">#{i.ordinal}</span></th>
			<td><VersionKey colour={colour} version={i.version.version} /></td>
			<td>
				<span title={said(i.summary)}><VerdictBadge verdict={i.verdict} /></span>{' '}
				<Silent since={i.silent_since_ms} />
			</td>
			<td class="num">{i.memory_kb === null ? <None /> : memory(i.memory_kb)}</td>
			<td><MemoryBar used={i.value_kb ?? i.memory_kb} of={i.limit_kb} /></td>
			<td class="num"><Growth value={i.rate} /></td>
			<td>{i.exhaust ? <Exhaustion moment={i.exhaust} /> : <None />}</td>
			<td><Life instance={i} /></td>
			<td class="num">{i.restarts > 0 ? count(i.restarts) : <None />}</td>
			<td class="num mono">{i.pid}</td>
			<td class="command-cell" title={i.command}>{i.command}</td>
		</tr>
	);
}

function Life({ instance: i }: { instance: Instance }) {
	if (!i.running && i.silent_since_ms !== null) return <None />;
	if (!i.running) return <span class="quiet">{t('ended {when}', { when: ago(i.last_sample_at_ms, now.value) })}</span>;
	const silent = now.value - i.last_sample_at_ms > STALE_MS;
	return (
		<>
			{duration(Math.max(0, now.value - i.started_at_ms))}
			{silent && <span class="warn"> · {t('read {when}', { when: ago(i.last_sample_at_ms, now.value) })}</span>}
		</>
	);
}
