// The selections in figures, and what the differences come to.
import type { ComponentChildren } from 'preact';
import type { CompareAnswer, CompareDifference, CompareRate, CompareSelection } from '../api/compare';
import { Mark } from './mark';
import { count, digits, perHour, quantity } from '../format/number';
import { HOUR, duration } from '../format/time';
import { None } from '../ui/none';
import { VerdictGlyph } from '../ui/verdict';
import { t } from '../words/words';
import { between, labelOf, rateWords, remarkWords, sentence } from './words';

const LIKE = { faster: 'leak', slower: 'leak', alike: 'steady', unknown: 'learning' } as const;

/** The answer first: a sentence for each selection against the first. */
export function Verdicts({ answer: a }: { answer: CompareAnswer }) {
	const [first] = a.selections as [CompareSelection];
	return (
		<ul class="compare-verdicts">
			{a.differences.map((d, i) => {
				const other = a.selections.find((s) => s.name === d.name) as CompareSelection;
				const remarks = d.remarks.map((r) => remarkWords(r, a)).filter(Boolean);
				return (
					<li key={d.name} class={`like-${LIKE[d.verdict]}`}>
						<p class="compare-sentence"><Mark index={0} /> <Mark index={i + 1} />{' '}<VerdictGlyph verdict={LIKE[d.verdict]} /> {sentence(d, first, other, a.unit)}</p>
						{remarks.length > 0 && <p class="quiet">{remarks.join(' ')}</p>}
					</li>
				);
			})}
		</ul>
	);
}

function Rate({ of, unit }: { of: CompareRate | null | undefined; unit: string }) {
	if (!of) return <None />;
	const { figure, interval } = rateWords(of, unit);
	return <span class="estimate"><span>{figure}</span><span class="interval">{interval}</span></span>;
}

/** By request: no rate by the hour. */
function PerRequest({ of, unit }: { of: CompareRate | null | undefined; unit: string }) {
	if (!of) return <None />;
	return (
		<span class="estimate">
			<span>{of.value > 0 ? '+' : ''}{quantity(of.value, unit)}</span>
			<span class="interval">{between(of.low, of.high, unit)}</span>
		</span>
	);
}

function pWords(p: number): string {
	return p < 0.001 ? '< 0.001' : p.toPrecision(2);
}

interface Row {
	name: string;
	help?: string;
	cell: (s: CompareSelection, d: CompareDifference | undefined) => ComponentChildren;
}

function rowsOf(a: CompareAnswer): Row[] {
	const first = t('the first');
	return [
		{ name: t('Growth'), help: a.method, cell: (s) => <Rate of={s.growth} unit={a.unit} /> },
		{ name: t('Against the first'), cell: (_, d) => (d ? <Rate of={d.growth} unit={a.unit} /> : <span class="quiet">{first}</span>) },
		{ name: t('Would be seen from'), help: t('A true difference of less would be missed more often than once in five times'),
			cell: (_, d) => (typeof d?.detectable === 'number' ? perHour(quantity(d.detectable, a.unit)) : d && <None />) },
		{ name: t('By chance'), help: t('p: how often equals would differ as much'), cell: (_, d) => (typeof d?.p === 'number' ? pWords(d.p) : d && <None />) },
		{ name: t('Hosts that rise'), cell: (s) => (s.growth ? t('{n} of {all}', { n: count(s.hosts_rising), all: count(s.growth_hosts) }) : <None />) },
		{ name: t('Instances'), cell: (s) => (s.instances_read < s.instances
			? t('{n} of {all} read', { n: count(s.instances_read), all: count(s.instances) }) : count(s.instances)) },
		{ name: t('Processes seen'), cell: (s) => t('{n} on {hosts, plural, one {# host} other {# hosts}}', { n: count(s.lives), hosts: s.hosts }) },
		{ name: t('Instance hours'), cell: (s) => t('{n} h', { n: digits(s.instance_hours) }) },
		{ name: t('Usual age'), help: t('Of its processes at their last reading'), cell: (s) => (s.age_hours === null ? <None /> : duration(s.age_hours * HOUR)) },
		{ name: t('Requests of an instance'), cell: (s) => (s.load_per_s === null ? <None /> : t('{n}/s', { n: digits(s.load_per_s) })) },
		{ name: t('Growth by 1,000 requests'), cell: (s) => <PerRequest of={s.growth_per_1000_requests} unit={a.unit} /> },
		{ name: t('That against the first'), cell: (_, d) => d && <PerRequest of={d.growth_per_1000_requests} unit={a.unit} /> },
	];
}

export function FigureTable({ answer: a }: { answer: CompareAnswer }) {
	return (
		<section class="part">
			<h2>{t('Figures')}</h2>
			<div class="scroll" tabIndex={0} role="region" aria-label={t('Figures')}>
				<table class="grid compact compare-table">
					<thead>
						<tr>
							<td />
							{a.selections.map((s, i) => <th scope="col" key={s.name} title={labelOf(s)}><Mark index={i} /> <span class="clip">{labelOf(s)}</span></th>)}
						</tr>
					</thead>
					<tbody>
						{rowsOf(a).map((row) => (
							<tr key={row.name}>
								<th scope="row" title={row.help}>{row.name}</th>
								{a.selections.map((s) => <td key={s.name}>{row.cell(s, a.differences.find((d) => d.name === s.name))}</td>)}
							</tr>
						))}
					</tbody>
				</table>
			</div>
			<p class="quiet compare-method">{t('Growth is a line through the processes of each instance, start-ups left out, with the load beside it where it is known; then the mean over hosts. Intervals hold 95 %.')}</p>
		</section>
	);
}
