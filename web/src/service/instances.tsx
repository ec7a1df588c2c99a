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

const STALE_MS = 60_000;

export function InstanceTable({ rows, colourOf }: {
	rows: readonly Instance[];
	colourOf: (versionId: number) => number;
}) {
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label="Instances">
			<table class="grid">
				<thead>
					<tr>
						<th scope="col">Instance</th>
						<th scope="col">Version</th>
						<th scope="col">Verdict</th>
						<th scope="col" class="num">Memory</th>
						<th scope="col">Of limit</th>
						<th scope="col" class="num">Growth</th>
						<th scope="col">Limit reached</th>
						<th scope="col">Running for</th>
						<th scope="col" class="num">Restarts</th>
						<th scope="col" class="num">PID</th>
						<th scope="col">Command</th>
					</tr>
				</thead>
				<tbody>
					{[...rows].sort(byVerdict).map((i) => (
						<Row key={i.id} instance={i} colour={colourOf(i.version.id)} />
					))}
				</tbody>
			</table>
		</div>
	);
}

function Row({ instance: i, colour }: { instance: Instance; colour: number }) {
	return (
		<tr class={i.running || i.silent_since_ms !== null ? '' : 'gone'}>
			<th scope="row" class="host">{i.host.name} <span class="quiet">#{i.ordinal}</span></th>
			<td><VersionKey colour={colour} version={i.version.version} /></td>
			<td>
				<span title={i.summary}><VerdictBadge verdict={i.verdict} /></span>{' '}
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
	if (!i.running) return <span class="quiet">ended {ago(i.last_sample_at_ms, now.value)}</span>;
	const silent = now.value - i.last_sample_at_ms > STALE_MS;
	return (
		<>
			{duration(Math.max(0, now.value - i.started_at_ms))}
			{silent && <span class="warn"> · read {ago(i.last_sample_at_ms, now.value)}</span>}
		</>
	);
}
