import type { ServiceRow } from '../api/types';
import { href } from '../app/address';
import { count, memory, plural } from '../format/number';
import { Growth } from '../ui/growth';
import { Sparkline } from '../ui/sparkline';
import { VERDICT_WORDS, VerdictBadge, VerdictGlyph, VersionName, byVerdict } from '../ui/verdict';
import { None } from '../ui/none';

const VERSIONS_SHOWN = 2;

export function ServiceTable({ rows }: { rows: readonly ServiceRow[] }) {
	return (
		<table class="grid fleet">
			<caption class="sr-only">Services, worst first</caption>
			<thead>
				<tr>
					<th scope="col" class="c-verdict">Verdict</th>
					<th scope="col" class="c-name">Service</th>
					<th scope="col" class="c-growth num">Growth</th>
					<th scope="col" class="c-memory num">Memory</th>
					<th scope="col" class="c-trend">Trend</th>
					<th scope="col" class="c-versions">Versions</th>
					<th scope="col" class="c-count num">Instances</th>
					<th scope="col" class="c-count num">Hosts</th>
					<th scope="col" class="c-count num">Alerts</th>
				</tr>
			</thead>
			<tbody>{rows.map((row) => <Row key={row.id} row={row} />)}</tbody>
		</table>
	);
}

function Row({ row }: { row: ServiceRow }) {
	return (
		<tr data-row data-service={row.id} class={row.instances === 0 ? 'gone' : ''}>
			<td class="c-verdict"><VerdictBadge verdict={row.verdict} /></td>
			<th scope="row" class="c-name">
				<a class="row-link" href={href.service(row.id)}>{row.name}</a>
				{row.summary && <p class="summary">{row.summary}</p>}
			</th>
			<td class="c-growth num"><Growth value={row.rate} /></td>
			<td class="c-memory num">{row.memory_kb > 0 ? memory(row.memory_kb) : <None />}</td>
			<td class="c-trend"><Sparkline trend={row.sparkline} verdict={row.verdict} /></td>
			<td class="c-versions"><Versions versions={row.versions} /></td>
			<td class="c-count num">{count(row.instances)}</td>
			<td class="c-count num">{count(row.hosts)}</td>
			<td class="c-count num">
				{row.open_alerts > 0
					? <strong class="v-leak">{count(row.open_alerts)}</strong>
					: <None />}
			</td>
		</tr>
	);
}

function Versions({ versions }: { versions: ServiceRow['versions'] }) {
	const rest = versions.length - VERSIONS_SHOWN;
	const worst = [...versions].sort((a, b) => byVerdict(a, b) || b.id - a.id);
	return (
		<ul class="versions">
			{worst.slice(0, VERSIONS_SHOWN).map((v) => (
				<li key={v.id} class={`v-${v.verdict}`}
					title={`${VERDICT_WORDS[v.verdict]}, ${plural(v.instances, 'instance')}`}>
					<VerdictGlyph verdict={v.verdict} />
					<span class="sr-only">{VERDICT_WORDS[v.verdict]}: </span>
					<VersionName version={v.label} />
				</li>
			))}
			{rest > 0 && <li class="quiet rest">{`and ${rest} more`}</li>}
		</ul>
	);
}
