// What may explain memory, where it is known: how full the heap is, the load, the queues.
import { useMemo, useRef } from 'preact/hooks';
import { get, query } from '../api/client';
import { useResource } from '../api/resource';
import type { Page, Queue, QueueSeries } from '../api/types';
import { href } from '../app/address';
import { ChartBody } from '../chart/body';
import { Chart } from '../chart/chart';
import { linesModel } from '../chart/lines';
import { ChartMenu } from '../chart/menu';
import { useNear } from '../chart/seen';
import { useStanding } from '../chart/shown';
import { FlowKey } from '../queues/flow';
import { t } from '../words/words';
import { MetricChart, type Shared } from './metric';
import { useSpanned } from './series';

/** The busiest of many. */
const QUEUES = 3;
/** Runtimes that tell of their heap and requests. */
const TELLS = /^(node|bun|deno|java|jvm|openjdk|hotspot)/i;

/** `to`: how far the charts above reach, so that their time axes are one. */
export function MoreCharts({ to, ...shared }: Shared & { to: number | undefined }) {
	const { ref, near } = useNear<HTMLDivElement>();
	const { service, view } = shared;
	const tells = service.versions.some((v) => TELLS.test(v.runtime));
	const shownTwice = (metric: string) => view.metric === metric || view.second === metric;
	return (
		<div ref={ref} class="charts">
			{near && tells && !shownTwice('heap_ratio') && <MetricChart {...shared} metric="heap_ratio" quiet />}
			{near && tells && !shownTwice('requests') && <MetricChart {...shared} metric="requests" quiet />}
			{near && !view.align && <QueueCharts {...shared} to={to} />}
		</div>
	);
}

function QueueCharts({ to, ...shared }: Shared & { to: number | undefined }) {
	const rows = useResource<Page<Queue>>(`/services/${shared.service.id}/queues`, ['queues']).data.value?.items ?? [];
	const busiest = [...rows].sort((a, b) => (b.in_per_min ?? 0) - (a.in_per_min ?? 0)).slice(0, QUEUES);
	return <>{busiest.map((q) => <QueueChart key={q.id} queue={q} to={to} {...shared} />)}</>;
}

/** Out is cool, in is warm. */
const FLOW = (id: number) => 1 - id;

function QueueChart({ queue, to, span, crosshair, zoom, reset }: Shared & { queue: Queue; to: number | undefined }) {
	const path = `/queues/${queue.id}/series`;
	const shown = useSpanned(path, span, (asked) => get<QueueSeries>(`${path}${query({ ...asked })}`));
	const answer = shown.resource.data.value;
	const built = useMemo(() => answer && linesModel({ ...answer, unit: '/min', fill: true,
		readings: [{ name: t('in'), values: answer.in_per_min }, { name: t('out'), values: answer.out_per_min }] }), [answer]);
	const standing = useStanding(built, shown.pending, shown.span);
	const model = useMemo(() => standing && { ...standing, to: Math.max(standing.to, to ?? 0) }, [standing, to]);
	const figure = useRef<HTMLElement>(null);
	const name = t('Queue {name}: in against out', { name: queue.name });
	return (
		<figure ref={figure} class={`chart ${shown.pending ? 'pending' : ''}`}>
			<figcaption><strong><a href={href.queue(queue.id)}>{name}</a></strong><FlowKey colourOf={FLOW} />
				<ChartMenu name={name} model={() => model} path={`${path}${query({ ...span })}`} figure={figure} /></figcaption>
			<ChartBody resource={shown.resource} data={model}>
				{(m) => <Chart name={name} model={m} crosshair={crosshair} colourOf={FLOW} zoom={zoom} reset={reset} />}
			</ChartBody>
		</figure>
	);
}
