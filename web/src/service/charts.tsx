// The charts of the service under one crosshair: memory first, then what may explain it.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useResource } from '../api/resource';
import type { Finding, Instance, Mark, Metric, Page, Service } from '../api/types';
import { RANGES, type RangeName, type ServiceView, makeZoom } from '../app/address';
import type { Crosshair } from '../chart/chart';
import { type Model, versionColours } from '../chart/model';
import { later } from '../ui/later';
import { t } from '../words/words';
import { asBands } from './data';
import { BandKey, Legend, MarkLegend } from './legend';
import { KindsChart, MetricChart, type Shared } from './metric';
import { choices } from './metrics';
import { useSpan } from './series';
import { aligned } from './span';
import { KindsOf, Modes } from './tools';

const Multiples = later(async () => (await import('./multiples')).Multiples, true);
const MoreCharts = later(async () => (await import('./morecharts')).MoreCharts, true);

interface Props {
	service: Service;
	view: ServiceView;
	range: RangeName;
	instances: readonly Instance[];
	findings: readonly Finding[];
	show: (changed: Partial<ServiceView>, replace?: boolean) => void;
	/** Shown beside the name of the first chart. */
	tools: ComponentChildren;
}

export function ServiceCharts({ service, view, range, instances, findings, show, tools }: Props) {
	// What nobody chose begins where there is something to see.
	const span = useSpan(range, view.zoom, view.range === null ? service.first_seen_ms : 0);
	const ages = useMemo(() => (view.ages ? aligned(view.ages.from, view.ages.to) : aligned(0, RANGES[range].ms)), [view.ages?.from, view.ages?.to, range]);
	const crosshair = useSignal<Crosshair | null>(null);
	const metrics = useResource<Page<Metric>>('/metrics', []).data.value?.items ?? [];
	const offered = useMemo(() => choices(metrics), [metrics]);
	const [drawn, setDrawn] = useState<Model>();
	const [seen, see] = useState<ReadonlySet<Mark['kind']>>(new Set());
	const colours = useMemo(() => versionColours(service.versions.map((v) => v.id), drawn?.lines.map((l) => l.version.id)), [service, drawn]);
	const shared: Shared = {
		service, view, span, ages, instances, findings, crosshair,
		colourOf: (id) => colours.get(id) ?? 0,
		// Each zoom is a step of its own: Back undoes it.
		zoom: (from, to) => show(view.align ? { ages: makeZoom(Math.max(0, from), to) } : { zoom: makeZoom(from, to) }, false),
		reset: () => show(view.align ? { ages: null } : { zoom: null }, false),
	};
	const onModel = (model: Model) => {
		setDrawn(model);
		if (model.marks.some((m) => !seen.has(m.kind))) see(new Set([...seen, ...model.marks.map((m) => m.kind)]));
	};
	const select = { metric: view.metric, offered, choose: (metric: string) => show({ metric }) };
	const bands = asBands(service, view);
	const alone = view.as === 'kinds' || view.as === 'hosts';
	return (
		<section class="charts" aria-label={t('Charts')}>
			<Modes service={service} view={view} show={show} />
			{view.as === 'kinds' ? (
				<KindsChart {...shared} tools={tools}><KindsOf instances={instances} view={view} show={show} /></KindsChart>
			) : view.as === 'hosts' ? (
				<Multiples {...shared} {...select} tools={tools} show={show} />
			) : (
				<MetricChart {...shared} {...select} tools={tools} tall onModel={onModel} />
			)}
			<MetricChart {...shared} metric={view.second} offered={offered} choose={(second) => show({ second })} {...(alone && { onModel })} />
			<div class="legends">
				<Legend service={service} model={drawn} hide={view.hide} colourOf={shared.colourOf} setHide={(hide) => show({ hide })} />
				{bands && <BandKey />}
				{!view.align && <MarkLegend kinds={seen} unmarked={view.unmarked} set={(unmarked) => show({ unmarked })} />}
			</div>
			<MoreCharts {...shared} to={drawn && !view.zoom && !drawn.ages ? drawn.to : undefined} />
		</section>
	);
}

