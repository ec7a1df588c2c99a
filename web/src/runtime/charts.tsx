// The insides of one instance over time: the heap against its limit, and the event loop.
import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { get, query } from '../api/client';
import type { Instance, SeriesAnswer } from '../api/types';
import { type RuntimeView, type Zoom, makeZoom, usualRange } from '../app/address';
import { now } from '../app/now';
import { ChartBody } from '../chart/body';
import { Chart, type Crosshair } from '../chart/chart';
import { joined, linesModel } from '../chart/lines';
import { ChartMenu } from '../chart/menu';
import { Swatch } from '../chart/swatch';
import { memory } from '../format/number';
import { RangeControl } from '../service/range';
import { useSpan, useSpanned } from '../service/series';
import type { Span } from '../service/span';
import { t } from '../words/words';

type Metrics = readonly (readonly [metric: string, name: string])[];

const HEAP: Metrics = [['heap_used_kb', t('used')], ['heap_floor_kb', t('after full GC')], ['heap_total_kb', t('committed')],
	['external_kb', t('external')], ['heap_limit_kb', t('limit')]];
const LOOP: Metrics = [['loop_delay_p99_us', t('99th percentile')], ['loop_delay_max_us', t('longest')]];
const SAME = (id: number) => id;

interface Props {
	instance: Instance;
	span: Span;
	crosshair: Signal<Crosshair | null>;
	zoom: (zoom: Zoom | null) => void;
}

export function RuntimeCharts({ instance, view, show }: {
	instance: Instance;
	view: RuntimeView;
	show: (changed: Partial<RuntimeView>, replace?: boolean) => void;
}) {
	const range = view.range ?? usualRange(now.value - instance.started_at_ms);
	const zoom = (to: Zoom | null) => show({ zoom: to }, false);
	const shared: Props = { instance, zoom, crosshair: useSignal<Crosshair | null>(null),
		span: useSpan(range, view.zoom, view.range === null ? instance.started_at_ms : 0) };
	return (
		<section class="charts" aria-label={t('Charts')}>
			<Lines {...shared} name={t('Heap')} metrics={HEAP} tall
				tools={<RangeControl shown={range} zoomed={view.zoom} zoom={zoom} choose={(name) => show({ range: name, zoom: null }, false)} />} />
			<Lines {...shared} name={t('Event loop delay')} metrics={LOOP} />
		</section>
	);
}

function Lines({ instance, span, crosshair, zoom, name, metrics, tools, tall = false }: Props & {
	name: string;
	metrics: Metrics;
	tools?: ComponentChildren;
	tall?: boolean;
}) {
	const { resource, pending } = useSpanned(`${instance.id}|${name}`, span, (asked) =>
		Promise.all(metrics.map(([metric]) => get<SeriesAnswer>(`/series${query({ instance: instance.id, metric, ...asked })}`))));
	const answers = resource.data.value;
	const model = useMemo(() => answers && modelOf(answers, metrics), [answers]);
	const figure = useRef<HTMLElement>(null);
	const path = `/series${query({ instance: instance.id, metric: metrics[0]?.[0], ...span })}`;
	return (
		<figure ref={figure} class={`chart ${tall ? 'tall' : ''} ${pending ? 'pending' : ''}`}>
			<figcaption>
				<strong>{name}</strong>
				{model && <span class="flow-key">{model.lines.map((l) => (
					<span class="key" key={l.name}><Swatch index={l.version.id} /> {l.name}</span>))}</span>}
				{tools}
				<ChartMenu name={`${instance.host.name} ${name}`} model={() => model} path={path} figure={figure} />
			</figcaption>
			<ChartBody resource={resource} data={model}>
				{(m) => <Chart name={name} model={m} crosshair={crosshair} colourOf={SAME}
					zoom={(from, to) => zoom(makeZoom(from, to))} reset={() => zoom(null)} />}
			</ChartBody>
		</figure>
	);
}

/** What was left by the last full collection stands until the next, as long as anything is read. */
function carryFloor(read: { metric: string; values: (number | null)[] }[]): void {
	const used = read.find((r) => r.metric === 'heap_used_kb');
	const floor = read.find((r) => r.metric === 'heap_floor_kb');
	if (!used || !floor) return;
	let last: number | null = null;
	floor.values = floor.values.map((v, i) => {
		last = v ?? ((used.values[i] ?? 0) >= (last ?? Infinity) ? last : null);
		return last;
	});
}

/** One line for each metric that was read; the limit is a level. Pure. */
export function modelOf(answers: readonly SeriesAnswer[], metrics: Metrics) {
	const [first] = answers as [SeriesAnswer];
	const read = metrics.map(([metric, name], i) => ({ metric, name, values: joined(answers[i] as SeriesAnswer) }))
		.filter((r) => r.values.some((v) => v !== null));
	carryFloor(read);
	const limit = read.find((r) => r.metric === 'heap_limit_kb')?.values.findLast((v) => v !== null);
	return linesModel({
		unit: first.unit, from_ms: first.from_ms, to_ms: first.to_ms, step_ms: first.step_ms,
		readings: read.filter((r) => r.metric !== 'heap_limit_kb'),
		levels: typeof limit === 'number' ? [{ value: limit, text: t('limit {size}', { size: memory(limit) }) }] : [],
		marks: first.marks,
	});
}
