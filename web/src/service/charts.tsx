// Two charts of the service under one crosshair: memory, and what may explain it.
import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { useResource } from '../api/resource';
import type { Finding, Instance, Metric, Page, Service, SeriesAnswer } from '../api/types';
import { type RangeName, type ServiceView, type Zoom, makeZoom } from '../app/address';
import { ChartBody } from '../chart/body';
import { Chart, type ChartProps, type Crosshair } from '../chart/chart';
import { growing } from '../chart/forecast';
import { type Level, type MomentMark, buildModel, versionColours } from '../chart/model';
import { memory } from '../format/number';
import { surestFirst } from './findings';
import { Legend } from './legend';
import { type Choice, choices, wordsOf } from './metrics';
import { type Shown, useSeries, useSpan } from './series';

/** What runs against the limit. */
const MEMORY = /^(rss|rss_anon|cgroup_usage)_kb$/;

interface Props {
	service: Service;
	view: ServiceView;
	range: RangeName;
	instances: readonly Instance[];
	findings: readonly Finding[];
	show: (changed: Partial<ServiceView>) => void;
	zoom: (zoom: Zoom | null) => void;
	/** Shown beside the name of the first chart. */
	tools: ComponentChildren;
}

export function ServiceCharts({ service, view, range, instances, findings, show, zoom, tools }: Props) {
	// What nobody chose begins where there is something to see.
	const span = useSpan(range, view.zoom, view.range === null ? service.first_seen_ms : 0);
	const crosshair = useSignal<Crosshair | null>(null);
	const metrics = useResource<Page<Metric>>('/metrics', []).data.value?.items ?? [];
	const offered = useMemo(() => choices(metrics), [metrics]);
	const above = useSeries({ service: service.id }, view.metric, span);
	const below = useSeries({ service: service.id }, view.second, span);
	const drawn = above.resource.data.value;
	const colours = useMemo(() => versionColours(service.versions.map((v) => v.id),
		drawn?.series.map((s) => s.version.id)), [service, drawn]);
	const shared = {
		hide: view.hide, crosshair, findings, latest: view.zoom === null,
		colourOf: (id: number) => colours.get(id) ?? 0,
		zoom: (from: number, to: number) => zoom(makeZoom(from, to)),
		reset: () => zoom(null),
	};
	return (
		<section class="charts" aria-label="Charts">
			<MetricChart {...shared} shown={above} metric={view.metric} offered={offered} instances={instances}
				choose={(metric) => show({ metric })} tools={tools} tall />
			<MetricChart {...shared} shown={below} metric={view.second} offered={offered} instances={instances}
				choose={(second) => show({ second })} />
			<Legend service={service} answer={drawn} hide={view.hide} colourOf={shared.colourOf}
				setHide={(hide) => show({ hide })} />
		</section>
	);
}

function MetricChart({ shown, metric, offered, hide, instances, choose, tools, tall = false, ...shared }: {
	shown: Shown;
	metric: string;
	offered: readonly Choice[];
	hide: readonly number[];
	instances: readonly Instance[];
	findings: readonly Finding[];
	latest: boolean;
	choose: (metric: string) => void;
	tools?: ComponentChildren;
	tall?: boolean;
	crosshair: Signal<Crosshair | null>;
	colourOf: (versionId: number) => number;
	zoom: (from: number, to: number) => void;
	reset: () => void;
}) {
	const { resource, pending } = shown;
	return (
		<figure class={`chart ${tall ? 'tall' : ''} ${pending ? 'pending' : ''}`}>
			<figcaption>
				<MetricSelect metric={metric} offered={offered} choose={choose} />
				{tools}
			</figcaption>
			<ChartBody resource={resource}>
				{(answer) => <Drawn answer={answer} hide={hide} instances={instances} name={wordsOf(metric)} {...shared} />}
			</ChartBody>
		</figure>
	);
}

function Drawn({ answer, hide, instances, findings, latest, ...props }: {
	answer: SeriesAnswer;
	hide: readonly number[];
	instances: readonly Instance[];
	findings: readonly Finding[];
	/** It ends now: what comes is foretold. */
	latest: boolean;
} & Omit<ChartProps, 'model'>) {
	const model = useMemo(() => buildModel(answer, { hide, levels: levelsOf(answer, instances),
		growing: latest ? growing(instances) : [],
		...(MEMORY.test(answer.metric) ? { moment: onsetOf(findings) } : { untold: true }) }),
	[answer, hide.join(), instances, findings, latest]);
	return <Chart {...props} model={model} />;
}

/** Of the surest finding. */
function onsetOf(findings: readonly Finding[]): MomentMark | null {
	const [first] = surestFirst(findings).filter((f) => f.onset !== null);
	if (!first?.onset) return null;
	const { at_ms: at, low_ms: low, high_ms: high } = first.onset;
	return { at, low, high, calm: first.level === 'watch', text: 'growth begins' };
}

/** The limit that all instances share, where there is one. */
function levelsOf(answer: SeriesAnswer, instances: readonly Instance[]): Level[] {
	if (!MEMORY.test(answer.metric)) return [];
	const limits = new Set(instances.filter((i) => i.running).map((i) => i.limit_kb));
	const [limit] = [...limits];
	return limits.size === 1 && limit ? [{ value: limit, text: `limit ${memory(limit)}` }] : [];
}

function MetricSelect({ metric, offered, choose }: {
	metric: string;
	offered: readonly Choice[];
	choose: (metric: string) => void;
}) {
	const known = offered.some((c) => c.name === metric);
	const help = offered.find((c) => c.name === metric)?.help;
	return (
		<label class="metric-select" title={help}>
			<span class="sr-only">Metric</span>
			<select value={metric} onChange={(e) => choose(e.currentTarget.value)}>
				{!known && <option value={metric}>{wordsOf(metric)}</option>}
				{offered.map((c) => <option key={c.name} value={c.name}>{c.words}</option>)}
			</select>
		</label>
	);
}
