// Memory and processors of a host under one crosshair.
import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { get, query } from '../api/client';
import type { HostPage } from '../api/fleet';
import type { SeriesAnswer } from '../api/types';
import { type SpanView, href, makeZoom } from '../app/address';
import { go } from '../app/router';
import { ChartBody } from '../chart/body';
import { Chart, type Crosshair } from '../chart/chart';
import { joined, linesModel } from '../chart/lines';
import type { Model } from '../chart/model';
import { memory } from '../format/number';
import { RangeControl } from '../service/range';
import { type Shown, useSpan, useSpanned } from '../service/series';
import type { Span } from '../service/span';
import { t } from '../words/words';

const SAME = (id: number) => id;

function useHostSeries(id: number, metric: string, span: Span): Shown {
	const path = `/hosts/${id}/series`;
	return useSpanned(`${path} ${metric}`, span, (asked) => get<SeriesAnswer>(`${path}${query({ metric, ...asked })}`));
}

export function HostCharts({ host, view }: { host: HostPage; view: SpanView }) {
	const range = view.range ?? '1h';
	const span = useSpan(range, view.zoom, 0);
	const crosshair = useSignal<Crosshair | null>(null);
	const total = host.agent?.mem_total_kb ?? null;
	const show = (changed: Partial<SpanView>) => go(href.host(host.id, { ...view, ...changed }));
	const shared = { crosshair, show };
	return (
		<section class="charts" aria-label={t('Charts')}>
			<One {...shared} name={t('Memory in use')} shown={useHostSeries(host.id, 'mem_available_kb', span)}
				model={(a) => usedModel(a, total)}
				tools={<RangeControl shown={range} zoomed={view.zoom} zoom={(zoom) => show({ zoom })} choose={(to) => show({ range: to, zoom: null })} />} />
			<One {...shared} name={t('Processors, busy share')} shown={useHostSeries(host.id, 'cpu_ratio', span)}
				model={(a) => linesModel({ ...a, readings: [{ name: t('busy'), values: joined(a) }] })} />
		</section>
	);
}

/** The kernel tells what is available; people think of what is used. Without the whole of it,
 *  what is available is drawn. */
function usedModel(a: SeriesAnswer, total: number | null): Model {
	const values = joined(a);
	if (total === null) return linesModel({ ...a, readings: [{ name: t('available'), values }] });
	return linesModel({ ...a, readings: [{ name: t('in use'), values: values.map((v) => (v === null ? null : Math.max(0, total - v))) }],
		levels: [{ value: total, text: t('all of it: {memory}', { memory: memory(total) }) }] });
}

function One({ name, shown, model, crosshair, show, tools }: {
	name: string;
	shown: Shown;
	model: (answer: SeriesAnswer) => Model;
	crosshair: Signal<Crosshair | null>;
	show: (changed: Partial<SpanView>) => void;
	tools?: ComponentChildren;
}) {
	const { resource, pending } = shown;
	const answer = resource.data.value;
	const drawn = useMemo(() => answer && model(answer), [answer]);
	return (
		<figure class={`chart ${pending ? 'pending' : ''}`}>
			<figcaption><strong>{name}</strong>{tools}</figcaption>
			<ChartBody resource={resource} data={drawn}>
				{(m) => <Chart name={name} model={m} crosshair={crosshair} colourOf={SAME}
					zoom={(from, to) => show({ zoom: makeZoom(from, to) })} reset={() => show({ zoom: null })} />}
			</ChartBody>
		</figure>
	);
}
