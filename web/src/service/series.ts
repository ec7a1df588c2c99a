// The series of a chart: read again when samples come and when time moves on. What is on
// the chart stays until its successor has come.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { get, query } from '../api/client';
import { Resource, useRefreshed } from '../api/resource';
import type { SeriesAnswer } from '../api/types';
import type { RangeName, Zoom } from '../app/address';
import { now } from '../app/now';
import { MINUTE } from '../format/time';
import { type Span, spanOf } from './span';

export interface Shown<T = SeriesAnswer> {
	resource: Resource<T>;
	/** The answer at hand is of another span than asked for. */
	pending: boolean;
	/** What is asked for. */
	span: Span;
}

/** The span that the address asks for; it moves along with the clock, a step at a time. */
export function useSpan(range: RangeName, zoom: Zoom | null, since: number): Span {
	const span = spanOf(range, zoom, now.value, since);
	return useMemo(() => span, [span.from, span.to]);
}

/** `of` names the service or the instances: {service: 7}. */
export function useSeries(of: Record<string, string | number>, metric: string, span: Span): Shown {
	return useSpanned(query({ ...of, metric }), span,
		(asked) => get<SeriesAnswer>(`/series${query({ ...of, metric, ...asked })}`));
}

/** What `load` reads of a span; `key` names all that it reads beside that. */
export function useSpanned<T>(key: string, span: Span, load: (span: Span) => Promise<T>): Shown<T> {
	const wanted = useRef(span);
	const shown = useRef<Span | undefined>(undefined);
	wanted.current = span;
	const [resource, follow] = useMemo(() => {
		const r = new Resource<T>(async () => {
			const asked = wanted.current;
			const answer = await load(asked);
			shown.current = asked;
			return answer;
		});
		// A week of steps does not change visibly with every sample.
		const pace = () => Math.min(MINUTE, (wanted.current.to - wanted.current.from) / wanted.current.points / 2);
		return [r, () => { if (Date.now() - r.at.peek() > pace()) void r.refresh(); }] as const;
	}, [key]);
	const first = useRef(true);
	useRefreshed(follow, ['samples']);
	useEffect(() => {
		if (!first.current) void resource.refresh();
		first.current = false;
	}, [span]);
	return { resource, span, pending: resource.data.value !== undefined && shown.current !== span };
}
