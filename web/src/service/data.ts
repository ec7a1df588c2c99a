// What the charts of a service are made of: lines of instances while they are few, bands of
// versions with some lines when they are many.
import { get, query } from '../api/client';
import type { BandsAnswer, Instance, Page, SeriesAnswer, Service } from '../api/types';
import type { ServiceView } from '../app/address';
import { bandsModel } from '../chart/bands';
import { type Model, type ModelOptions, buildModel } from '../chart/model';
import { type Shown, useSpanned } from './series';
import type { Span } from './span';

/** More lines than these are told as bands. */
export const FEW = 24;
/** More instances than these are not asked for by name of the service: the worst stand for them. */
const ALL = 300;
const WORST = 100;
/** Of so many the outliers are looked for. */
const LOOKED_AT = 24;

export interface Drawn {
	series?: SeriesAnswer;
	bands?: BandsAnswer;
	/** Where `series` is only of the worst. */
	worst: boolean;
	/** The request behind it, for who wants to ask again. */
	path: string;
}

export function worstPath(service: number, limit: number): string {
	return `/services/${service}/instances${query({ sort: 'worst', limit })}`;
}

async function worst(service: number, limit: number): Promise<string> {
	return (await get<Page<Instance>>(worstPath(service, limit))).items.map((i) => i.id).join(',');
}

/** Which of the two it is. Pure. */
export function asBands(service: Pick<Service, 'instances'>, view: Pick<ServiceView, 'as' | 'align' | 'growth'>): boolean {
	if (view.align || view.growth || view.as === 'lines') return false;
	return view.as === 'bands' || service.instances > FEW;
}

const STEADY = 300_000;
/** Values of all lines together: more are not seen, and make a zoom slow. */
const VALUES = 60_000;
const LEAST = 120;

/** A week of steps of bands: finer ones would only be more. */
const BAND_POINTS = 240;

export function useMetric(service: Service, metric: string, view: ServiceView, span: Span, ages: Span): Shown<Drawn> {
	const bands = asBands(service, view);
	const align = view.align && metric !== '';
	const delta = view.growth && !/_ratio$|^requests$|_ms$|_count$|_faults$|oom_kills$/.test(metric);
	const many = service.instances > ALL;
	// Ages do not move with the clock: who ran in the last hours changes slowly.
	const ran = { from: Math.floor(span.from / STEADY) * STEADY, to: Math.ceil(span.to / STEADY) * STEADY };
	const load = async (asked: Span): Promise<Drawn> => {
		const time = align ? { ...ran, points: asked.points, align: 'start', age_from: asked.from, age_to: asked.to } : { ...asked };
		if (bands) {
			const path = `/services/${service.id}/bands${query({ metric, ...time, points: Math.min(asked.points, BAND_POINTS) })}`;
			const [answer, instance] = await Promise.all([get<BandsAnswer>(path), worst(service.id, LOOKED_AT)]);
			const series = instance === '' ? undefined
				: await get<SeriesAnswer>(`/series${query({ instance, metric, ...time, points: Math.min(asked.points, BAND_POINTS) })}`);
			return { bands: answer, ...(series && { series }), worst: true, path };
		}
		const points = Math.min(asked.points, Math.max(LEAST, Math.floor(VALUES / Math.max(1, many ? WORST : service.instances))));
		const of = many ? { instance: await worst(service.id, WORST) } : { service: service.id };
		const path = `/series${query({ ...of, metric, ...time, points, delta: delta ? 'true' : undefined })}`;
		return { series: await get<SeriesAnswer>(path), worst: many, path };
	};
	return useSpanned(query({ of: service.id, metric, bands: String(bands), align: align ? ran.to - ran.from : '', delta: String(delta), many: String(many) }),
		align ? ages : span, load);
}

export function modelOf(data: Drawn, options: ModelOptions): Model {
	if (data.bands) return bandsModel(data.bands, data.series, options);
	return buildModel(data.series as SeriesAnswer, options);
}
