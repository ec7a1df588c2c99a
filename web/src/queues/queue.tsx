// One queue: in against out, depth and age over time, and whose it is.
import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { get, query } from '../api/client';
import { type Resource, useResource } from '../api/resource';
import type { Page, Queue, QueueSeries, Source } from '../api/types';
import { type SpanView, type Zoom, href, makeZoom } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { ChartBody } from '../chart/body';
import { Chart, type Crosshair } from '../chart/chart';
import { linesModel } from '../chart/lines';
import { ChartMenu } from '../chart/menu';
import { count } from '../format/number';
import { duration } from '../format/time';
import { RangeControl } from '../service/range';
import { useSpan, useSpanned } from '../service/series';
import { None } from '../ui/none';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { rich, t } from '../words/words';
import { FlowKey } from './flow';
import { SourceState } from './sources';
import { Drain, Net, Services } from './table';
import { flowSentence, grows, kindWords, perMinute } from './words';

const SAME = (id: number) => id;
/** Out is cool, in is warm. */
const FLOW = (id: number) => 1 - id;

export function QueuePage({ id, view }: { id: number; view: SpanView }) {
	const queue = useResource<Queue>(`/queues/${id}`, ['queues', 'samples']);
	useTitle(queue.data.value?.name ?? t('Queue'));
	return <Loaded resource={queue} page>{(q) => <Shown queue={q} view={view} />}</Loaded>;
}

function Shown({ queue, view }: { queue: Queue; view: SpanView }) {
	return (
		<>
			<header class="page-head service-head">
				<div>
					<p class="crumb"><a href={href.queues()}>{t('Queues')}</a></p>
					<h1>{queue.name}</h1>
					<p class={`lead ${grows(queue) ? 'grows' : ''}`}>{flowSentence(queue)}</p>
				</div>
				<dl class="figures">
					<div><dt>{t('In')}</dt><dd>{perMinute(queue.in_per_min) ?? '–'}</dd></div>
					<div><dt>{t('Out')}</dt><dd>{perMinute(queue.out_per_min) ?? '–'}</dd></div>
					<div><dt>{t('Net')}</dt><dd><Net queue={queue} /></dd></div>
					<div><dt>{t('Time to drain')}</dt><dd><Drain queue={queue} /></dd></div>
				</dl>
			</header>
			<div class="columns">
				<div class="column-main"><Charts queue={queue} view={view} /></div>
				<aside class="column-side" aria-label={t('Figures and services')}><Figures queue={queue} /><Whose queue={queue} /></aside>
			</div>
		</>
	);
}

function Charts({ queue, view }: { queue: Queue; view: SpanView }) {
	const path = `/queues/${queue.id}/series`;
	const { resource, pending } = useSpanned(path, useSpan(view.range ?? '1h', view.zoom, 0),
		(span) => get<QueueSeries>(`${path}${query({ ...span })}`));
	const answer = resource.data.value;
	const crosshair = useSignal<Crosshair | null>(null);
	const show = (changed: Partial<SpanView>) => go(href.queue(queue.id, { ...view, ...changed }));
	const zoom = (to: Zoom | null) => show({ zoom: to });
	const shared = { path, resource, answer, crosshair, zoom, pending };
	return (
		<section class="charts" aria-label={t('Charts')}>
			<One {...shared} name={t('In against out')} unit="/min" tall fill colourOf={FLOW}
				readings={[[t('in'), 'in_per_min'], [t('out'), 'out_per_min']]}
				tools={<RangeControl shown={view.range ?? '1h'} zoomed={view.zoom} zoom={zoom} choose={(range) => show({ range, zoom: null })} />} />
			<One {...shared} name={t('Depth')} unit="count" colourOf={SAME} readings={[[t('not done'), 'depth']]} />
			<One {...shared} name={t('Age of the oldest item')} unit="ms" colourOf={SAME} readings={[[t('oldest'), 'oldest_ms']]} />
		</section>
	);
}

type Column = 'in_per_min' | 'out_per_min' | 'depth' | 'oldest_ms';

function One({ path, resource, answer, name, unit, readings, crosshair, zoom, colourOf, tools, pending, tall = false, fill = false }: {
	path: string;
	resource: Resource<QueueSeries>;
	answer: QueueSeries | undefined;
	name: string;
	unit: string;
	readings: readonly (readonly [string, Column])[];
	crosshair: Signal<Crosshair | null>;
	zoom: (zoom: Zoom | null) => void;
	colourOf: (id: number) => number;
	tools?: ComponentChildren;
	pending: boolean;
	tall?: boolean;
	fill?: boolean;
}) {
	const model = useMemo(() => answer && linesModel({ ...answer, unit, fill,
		readings: readings.map(([as, column]) => ({ name: as, values: answer[column] })) }), [answer]);
	const figure = useRef<HTMLElement>(null);
	const call = answer && `${path}${query({ from: answer.from_ms, to: answer.to_ms })}`;
	// What a source never tells is not "not read".
	const told = !answer || answer.depth.every((v) => v === null)
		|| readings.some(([, column]) => answer[column].some((v) => v !== null));
	if (!told)
		return <figure class="chart"><figcaption><strong>{name}</strong>{tools}</figcaption><p class="note">{t('This source did not tell it in this span.')}</p></figure>;
	return (
		<figure ref={figure} class={`chart ${tall ? 'tall' : ''} ${pending ? 'pending' : ''}`}>
			<figcaption>
				<strong>{name}</strong>
				{fill && <FlowKey colourOf={colourOf} />}
				{tools}
				<ChartMenu name={name} model={() => model} path={call} figure={figure} />
			</figcaption>
			<ChartBody resource={resource} data={model}>
				{(m) => <Chart name={name} model={m} crosshair={crosshair} colourOf={colourOf}
					zoom={(from, to) => zoom(makeZoom(from, to))} reset={() => zoom(null)} />}
			</ChartBody>
		</figure>
	);
}

function Figures({ queue: q }: { queue: Queue }) {
	const rows: [string, number | null, string?][] = [
		[t('Not done'), q.depth, t('Waiting, active and delayed together')], [t('Waiting'), q.waiting], [t('Active'), q.active],
		[t('Delayed'), q.delayed, t('Wait for their time')],
		[t('Overdue'), q.overdue, t('Active far longer than the others of their type: never marked done')],
		[t('Failed, kept'), q.failed], [t('Workers attached'), q.attached]];
	return (
		<section class="part">
			<h2>{t('Now')}</h2>
			<dl class="facts">
				{rows.map(([name, value, help]) => (
					<div key={name}><dt title={help}>{name}</dt><dd class={value && value === q.overdue && name === t('Overdue') ? 'warn' : ''}>{value === null ? <None /> : count(value)}</dd></div>
				))}
				<div><dt>{t('Oldest item')}</dt><dd>{q.oldest_ms === null ? <None /> : duration(q.oldest_ms)}</dd></div>
				<div><dt>{t('Read')}</dt><dd><Ago ms={q.at_ms} /></dd></div>
			</dl>
		</section>
	);
}

function Whose({ queue: q }: { queue: Queue }) {
	const sources = useResource<Page<Source>>('/sources', ['queues', 'samples']).data.value?.items;
	const source = sources?.find((s) => s.name === q.source && s.host.id === q.host.id);
	return (
		<section class="part">
			<h2>{t('Whose it is')}</h2>
			<dl class="facts">
				<div><dt>{t('Producers')}</dt><dd><Services of={q.producers} none={t('not known')} /></dd></div>
				<div><dt>{t('Workers')}</dt><dd><Services of={q.workers} none={t('not known')} /></dd></div>
				<div><dt>{t('Source')}</dt><dd>{q.source} <span class="quiet">({kindWords(q.kind)})</span></dd></div>
				<div><dt>{t('Read on')}</dt><dd>{q.host.name}</dd></div>
				{source && <div><dt>{t('State')}</dt><dd><SourceState source={source} /></dd></div>}
			</dl>
			{q.producers.length + q.workers.length === 0 && (
				<p class="quiet table-note">{rich('Name them as {producers} and {workers} in {section} of the agent.',
					{ producers: <code>producers</code>, workers: <code>workers</code>, section: <code>[queue {q.source}]</code> })}</p>
			)}
		</section>
	);
}
