// What the comparison says. Pure.
import type { CompareAnswer, CompareDifference, CompareRate, CompareRemark, CompareSelection } from '../api/compare';
import { perHour, quantity } from '../format/number';
import { DAY, HOUR, duration } from '../format/time';
import { t } from '../words/words';

/** "a day before". */
export function offsetWords(ms: number): string {
	if (ms === DAY) return t('a day before');
	if (ms === 7 * DAY) return t('a week before');
	return t('{span} before', { span: duration(ms) });
}

type Who = Pick<CompareSelection, 'service' | 'version' | 'host' | 'instance' | 'offset_ms'>;

/** "checkout 1.1.0 on web-1 #2 (a day before)". */
export function labelOf({ service, version, host, instance, offset_ms }: Who): string {
	const what = version ? `${service.name} ${version.version || t('unknown version')}` : service.name;
	const where = instance ? `${instance.host} #${instance.ordinal}` : host?.name;
	const who = where ? t('{what} on {where}', { what, where }) : what;
	return offset_ms ? `${who} (${offsetWords(offset_ms)})` : who;
}

/** "31 – 45 MiB": the unit once where it is the same. */
export function between(low: number, high: number, unit: string): string {
	const [l, h] = [quantity(low, unit), quantity(high, unit)];
	const [number, ofLow] = l.split(/\s/);
	return `${ofLow === h.split(/\s/)[1] ? number : l} – ${h}`;
}

/** "+38 MiB/h" and "31 – 45 MiB/h": always by the hour, as figures side by side must be. */
export function rateWords({ value, low, high }: CompareRate, unit: string): { figure: string; interval: string } {
	return { figure: perHour(`${value > 0 ? '+' : ''}${quantity(value, unit)}`), interval: perHour(between(low, high, unit)) };
}

/** What the difference comes to, as a sentence. */
export function sentence(d: CompareDifference, first: CompareSelection, other: CompareSelection, unit: string): string {
	if (d.verdict === 'faster' || d.verdict === 'slower') {
		const [fast, slow] = d.verdict === 'faster' ? [other, first] : [first, other];
		const { value, low, high } = d.growth as CompareRate;
		const turned = d.verdict === 'faster' ? { value, low, high } : { value: -value, low: -high, high: -low };
		const { figure, interval } = rateWords(turned, unit);
		return t('{fast} grows {figure} faster ({interval}) than {slow}: {hosts, plural, one {# host} other {# hosts}} against {others}.', {
			fast: labelOf(fast), slow: labelOf(slow), figure: figure.replace('+', ''), interval, hosts: fast.growth_hosts, others: slow.growth_hosts });
	}
	if (d.verdict === 'alike')
		return t('No difference that {span}, and {hosts, plural, one {# host} other {# hosts}} against {others}, could show: below {amount} a leak would not be seen.', {
			span: duration(Math.min(first.span_hours, other.span_hours) * HOUR), hosts: other.growth_hosts, others: first.growth_hosts,
			amount: perHour(quantity(d.detectable ?? 0, unit)) });
	return lack(first.growth ? other : first);
}

function lack(of: CompareSelection): string {
	const who = labelOf(of);
	if (of.lives > 0) return t('Too little to tell: {span} of {who} show no slope yet.', { span: duration(of.span_hours * HOUR), who });
	if (of.instances > 0) return t('Too little to tell: nothing of {who} began within the span, or nothing was read.', { who });
	return t('Too little to tell: {who} did not run within the span.', { who });
}

/** What to mind before a difference is believed. */
export function remarkWords(remark: CompareRemark, answer: CompareAnswer): string {
	switch (remark) {
		case 'few_hosts':
			return t('Fewer than four hosts on a side: how much hosts differ among themselves is hardly known.');
		case 'one_instance':
			return t('One instance on a side: nothing tells it from its kind.');
		case 'load_differs':
			return t('Their load differs: growth by request compares them fairly.');
		case 'load_unknown':
			return t('The load is not known on both sides: more work would look like growth.');
		case 'age_differs':
			return answer.align === 'start' ? '' : t('One side is much younger: its warm-up would look like growth. Compare them by age.');
	}
}

/** The whole in rows of text, for a spreadsheet. */
export function csv(a: CompareAnswer): string {
	const cell = (v: string | number | null) => (/[",\n\r]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : v ?? '');
	const head = [a.align === 'start' ? 'age_ms' : 'at_ms',
		...a.selections.flatMap((s) => ['n', 'median', 'p10', 'p90'].map((of) => `${s.name} ${labelOf(s)}: ${of}`))];
	const from = a.align === 'start' ? 0 : a.from_ms;
	const length = Math.max(0, ...a.selections.map((s) => s.median.length));
	const rows = Array.from({ length }, (_, i) => [from + i * a.step_ms,
		...a.selections.flatMap((s) => [s.n[i] ?? null, s.median[i] ?? null, s.p10[i] ?? null, s.p90[i] ?? null])]);
	return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n');
}
