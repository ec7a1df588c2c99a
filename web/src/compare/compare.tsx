// Two to four selections beside each other: hosts, versions, times, services.
import '../styles/compare.css';
import '../styles/insight.css';
import '../styles/snapshots.css';
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { get, query } from '../api/client';
import type { CompareAnswer, CompareSelection } from '../api/compare';
import { useResource } from '../api/resource';
import type { Metric, Page } from '../api/types';
import { type CompareView, type Selection, href, makeZoom, selectionText } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { choices, wordsOf } from '../service/metrics';
import { RangeControl } from '../service/range';
import { useSpan, useSpanned } from '../service/series';
import { CopyButton } from '../ui/copy';
import { Loaded } from '../ui/states';
import { t } from '../words/words';
import { Dependencies, Heaps } from './parts';
import { Pickers } from './pickers';
import { BandPlot, type Line, rangeOf } from './plot';
import { FigureTable, Verdicts } from './table';
import { csv, labelOf } from './words';

const POINTS = 120;
const USUAL = '6h';

export function ComparePage({ view }: { view: CompareView }) {
	useTitle(t('Compare'));
	const show = (changed: Partial<CompareView>, replace = true) => go(href.compare({ ...view, ...changed }), { replace });
	return (
		<>
			<header class="page-head"><h1>{t('Compare')}</h1></header>
			<Pickers selections={view.selections} choose={(selections: Selection[]) => show({ selections }, false)} />
			{view.selections.length < 2
				? <p class="quiet compare-hint">{t('Choose what to compare: services, versions or hosts, or one of them at another time.')}</p>
				: <Compared view={view} show={show} />}
		</>
	);
}

function Compared({ view, show }: { view: CompareView; show: (changed: Partial<CompareView>, replace?: boolean) => void }) {
	const range = view.range ?? USUAL;
	const span = useSpan(range, view.zoom, 0);
	const metrics = useResource<Page<Metric>>('/metrics', []).data.value?.items ?? [];
	const offered = useMemo(() => choices(metrics), [metrics]);
	const [a, b, c, d] = view.selections.map(selectionText);
	const asked = { a, b, c, d, metric: view.metric, align: view.align };
	const pathOf = (from: number, to: number) => `/compare${query({ ...asked, from, to, points: POINTS })}`;
	const { resource, pending } = useSpanned<CompareAnswer>(query(asked), span, ({ from, to }) => get(pathOf(from, to)));
	const zoom = (from: number, to: number) => show({ zoom: makeZoom(from, to) }, false);
	return (
		<>
			<div class="toolbar compare-bar">
				<label class="picker">
					<span class="sr-only">{t('Metric')}</span>
					<select value={view.metric} onChange={(e) => show({ metric: e.currentTarget.value })}>
						{!offered.some((o) => o.name === view.metric) && <option value={view.metric}>{wordsOf(view.metric)}</option>}
						{offered.map((o) => <option key={o.name} value={o.name} selected={o.name === view.metric}>{o.words}</option>)}
					</select>
				</label>
				<Switch name={t('Aligned by')} value={view.align} of={[['time', t('Time')], ['start', t('Age')]]} choose={(align) => show({ align })} />
				<Switch name={t('Charts')} value={view.show} of={[['', t('Overlaid')], ['apart', t('Side by side')]]} choose={(apart) => show({ show: apart })} />
				<RangeControl shown={range} zoomed={view.zoom} choose={(r) => show({ range: r, zoom: null }, false)} zoom={(z) => show({ zoom: z }, false)} />
			</div>
			<Loaded resource={resource}>
				{(answer) => (
					<div class={pending ? 'pending' : ''}>
						<Verdicts answer={answer} />
						{answer.partial && <p class="stale" role="status">{t('Readings kept on {shards} are missing: they cannot be reached.', { shards: (answer.missing_shards ?? []).join(', ') })}</p>}
						<Charts answer={answer} apart={view.show === 'apart'} zoom={zoom} />
						<div class="compare-tools">
							<button type="button" class="button" onClick={() => save(answer, 'csv', csv(answer))}>CSV</button>
							<button type="button" class="button" onClick={() => save(answer, 'json', JSON.stringify(answer, null, '\t'))}>JSON</button>
							<CopyButton name={t('Copy API call')} what={t('The address that answers with these figures')}
								text={() => `curl -H "Authorization: Bearer $TOKEN" '${location.origin}/api/v1${pathOf(span.from, span.to)}'`} />
						</div>
						<FigureTable answer={answer} />
						<Beside answer={answer} />
					</div>
				)}
			</Loaded>
		</>
	);
}

function Switch<T extends string>({ name, value, of, choose }: { name: string; value: T; of: readonly (readonly [T, string])[]; choose: (value: T) => void }) {
	return (
		<div class="segments" role="group" aria-label={name}>
			{of.map(([id, word]) => <button type="button" key={id} aria-pressed={value === id} onClick={() => choose(id)}>{word}</button>)}
		</div>
	);
}

function Charts({ answer, apart, zoom }: { answer: CompareAnswer; apart: boolean; zoom: (from: number, to: number) => void }) {
	const at = useSignal<number | null>(null);
	const range = useMemo(() => rangeOf(answer.selections, answer.unit), [answer]);
	const lines: Line[] = answer.selections.map((of, colour) => ({ of, colour }));
	const shared = { answer, range, at, zoom };
	const name = wordsOf(answer.metric);
	if (!apart) return <figure class="chart tall"><BandPlot {...shared} lines={lines} name={name} /></figure>;
	return (
		<div class="compare-apart">
			{lines.map((line) => (
				<figure class="chart" key={line.of.name}>
					<figcaption class="clip" title={labelOf(line.of)}><strong>{labelOf(line.of)}</strong></figcaption>
					<BandPlot {...shared} lines={[line]} name={`${name}: ${labelOf(line.of)}`} />
				</figure>
			))}
		</div>
	);
}

/** What else tells them apart. */
function Beside({ answer }: { answer: CompareAnswer }) {
	const [first, ...others] = answer.selections as [CompareSelection, ...CompareSelection[]];
	const pairs = others.map((other, i) => ({ first, other, index: i + 1 }));
	return (
		<>
			<section class="part">
				<h2>{t('What they consist of')}</h2>
				{pairs.map((p) => <Dependencies key={p.other.name} {...p} />)}
			</section>
			<section class="part">
				<h2>{t('What their heaps hold')}</h2>
				{pairs.map((p) => <Heaps key={p.other.name} {...p} />)}
			</section>
		</>
	);
}

function save(answer: CompareAnswer, ending: string, text: string): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(new Blob([text], { type: ending === 'csv' ? 'text/csv' : 'application/json' }));
	link.download = `compare-${answer.metric}.${ending}`;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
