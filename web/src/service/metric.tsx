// One chart of the service: a metric over its instances, or its memory kind by kind.
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { get, query } from '../api/client';
import type { Finding, Instance, MemoryAnswer, Service } from '../api/types';
import type { ServiceView } from '../app/address';
import { stackModel } from '../chart/bands';
import { ChartBody } from '../chart/body';
import { Chart, type Crosshair } from '../chart/chart';
import { growing } from '../chart/forecast';
import { ChartMenu } from '../chart/menu';
import type { Level, Model, ModelOptions, MomentMark } from '../chart/model';
import { useStanding } from '../chart/shown';
import { Swatch } from '../chart/swatch';
import { memory } from '../format/number';
import { t } from '../words/words';
import { modelOf, useMetric } from './data';
import { surestFirst } from './findings';
import { type Choice, wordsOf } from './metrics';
import { type Shown, useSpanned } from './series';
import type { Span } from './span';

/** What runs against the limit. */
const MEMORY = /^(rss|rss_anon|cgroup_usage)_kb$/;

export interface Shared {
	service: Service;
	view: ServiceView;
	span: Span;
	ages: Span;
	instances: readonly Instance[];
	findings: readonly Finding[];
	crosshair: Signal<Crosshair | null>;
	colourOf: (versionId: number) => number;
	zoom: (from: number, to: number) => void;
	reset: () => void;
}

export function MetricChart({ metric, offered, choose, tools, tall = false, onModel, quiet = false, ...shared }: Shared & {
	metric: string;
	/** Without a choice its name stands there. */
	offered?: readonly Choice[];
	choose?: (metric: string) => void;
	tools?: ComponentChildren;
	tall?: boolean;
	onModel?: (model: Model) => void;
	/** Where nothing was read there is no chart. */
	quiet?: boolean;
}) {
	const { service, view, span, ages, instances, findings } = shared;
	const shown = useMetric(service, metric, view, span, ages);
	const data = shown.resource.data.value;
	const model = useMemo(() => data && modelOf(data, optionsOf(metric, view, instances, findings, shown.span === span)),
		[data, view.hide.join(), view.unmarked.join(), instances, findings]);
	if (quiet && (!model || isEmpty(model)) && !shown.resource.error.value) return null;
	const lives = data?.series?.lives;
	const notes = [
		data?.worst && !data.bands && t('The {n} worst of {all} instances', { n: data.series?.series.length ?? 0, all: service.instances }),
		lives && lives.all > lives.shown && t('{n} of {all} processes: of the others nothing is kept, or they are older', { n: lives.shown, all: lives.all }),
	].filter(Boolean);
	return (
		<Figure {...shared} shown={shown} model={model} name={wordsOf(metric)} path={data?.path} tools={tools} tall={tall}
			{...(onModel && { onModel })} notes={notes.join('. ')}>
			{offered && choose ? <MetricSelect metric={metric} offered={offered} choose={choose} /> : <strong>{wordsOf(metric)}</strong>}
		</Figure>
	);
}

/** Memory kind by kind, that adds up to RSS: of all instances together, or of one. */
export function KindsChart({ tools, children, ...shared }: Shared & { tools: ComponentChildren; children: ComponentChildren }) {
	const { service, view, span } = shared;
	const of = query({ instance: view.of });
	const shown = useSpanned(`kinds ${service.id}${of}`, span, async (asked) => {
		const path = `/services/${service.id}/memory${query({ instance: view.of, ...asked })}`;
		return { path, answer: await get<MemoryAnswer>(path) };
	});
	const data = shown.resource.data.value;
	const model = useMemo(() => data && stackModel(data.answer, { unmarked: view.unmarked }), [data, view.unmarked.join()]);
	const { all = 0, read = 0 } = data?.answer.instances ?? {};
	const notes = view.of === null && all > 1
		? read < all ? t('mean of {read} of {all} instances, evenly chosen', { read, all }) : t('mean of {all} instances', { all }) : '';
	return (
		<Figure {...shared} shown={shown} model={model} name={t('Memory by kind')} path={data?.path} tools={tools} tall notes={notes} colourOf={SAME}>
			{children}
			{model && <span class="flow-key">{model.lines.map((l) => (
				<span class="key" key={l.name}><Swatch index={l.version.id} light={l.light} /> {l.name}</span>))}</span>}
		</Figure>
	);
}

const SAME = (id: number) => id;

function Figure<T>({ shown, model, name, path, tools, tall, notes, onModel, children, ...shared }: Shared & {
	shown: Shown<T>;
	model: Model | undefined;
	name: string;
	path: string | undefined;
	tools: ComponentChildren;
	tall: boolean;
	notes: string;
	onModel?: (model: Model) => void;
	children: ComponentChildren;
}) {
	const figure = useRef<HTMLElement>(null);
	const { resource, pending, span } = shown;
	const standing = useStanding(model, pending, span);
	const failed = model === undefined && resource.error.value !== undefined;
	useEffect(() => { if (model) onModel?.(model); }, [model]);
	return (
		<figure ref={figure} class={`chart ${tall ? 'tall' : ''} ${pending || !model ? 'pending' : ''}`}>
			<figcaption>
				{children}
				{notes && <span class="quiet">{notes}</span>}
				{tools}
				<ChartMenu name={`${shared.service.name} ${name}`} model={() => standing} path={path} figure={figure} />
			</figcaption>
			<ChartBody resource={resource} data={failed ? undefined : standing}>
				{(m) => <Chart name={name} model={m} crosshair={shared.crosshair} colourOf={shared.colourOf} zoom={shared.zoom} reset={shared.reset} />}
			</ChartBody>
		</figure>
	);
}

/** Nothing was read of any instance. */
function isEmpty(model: Model): boolean {
	return model.lines.every((line) => line.values.every((value) => value === null || value === undefined));
}

/** `now`: it ends now, so that what comes is foretold. */
function optionsOf(metric: string, view: ServiceView, instances: readonly Instance[], findings: readonly Finding[], now: boolean): ModelOptions {
	const options: ModelOptions = { hide: view.hide, unmarked: view.unmarked };
	if (view.align || view.growth) return options;
	const isMemory = MEMORY.test(metric);
	return { ...options, levels: isMemory ? levelsOf(instances) : metric === 'heap_ratio' ? [{ value: 1, text: t('limit') }] : [],
		growing: now && view.zoom === null && view.as !== 'kinds' && view.as !== 'hosts' ? growing(instances) : [], ...(isMemory ? { moment: onsetOf(findings) } : { untold: true }) };
}

/** Of the surest finding. */
function onsetOf(findings: readonly Finding[]): MomentMark | null {
	const [first] = surestFirst(findings).filter((f) => f.onset !== null);
	if (!first?.onset) return null;
	const { at_ms: at, low_ms: low, high_ms: high } = first.onset;
	return { at, low, high, calm: first.level === 'watch', text: t('growth begins') };
}

/** The limit that all instances share, where there is one. */
function levelsOf(instances: readonly Instance[]): Level[] {
	const limits = new Set(instances.filter((i) => i.running).map((i) => i.limit_kb));
	const [limit] = [...limits];
	return limits.size === 1 && limit ? [{ value: limit, text: t('limit {size}', { size: memory(limit) }) }] : [];
}

export function MetricSelect({ metric, offered, choose }: {
	metric: string;
	offered: readonly Choice[];
	choose: (metric: string) => void;
}) {
	const known = offered.some((c) => c.name === metric);
	const help = offered.find((c) => c.name === metric)?.help;
	return (
		<label class="metric-select" title={help}>
			<span class="sr-only">{t('Metric')}</span>
			<select value={metric} onChange={(e) => choose(e.currentTarget.value)}>
				{!known && <option value={metric}>{wordsOf(metric)}</option>}
				{offered.map((c) => <option key={c.name} value={c.name}>{c.words}</option>)}
			</select>
		</label>
	);
}
