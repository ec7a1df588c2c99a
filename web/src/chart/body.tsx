import type { ComponentChildren } from 'preact';
import type { Resource } from '../api/resource';
import type { SeriesAnswer } from '../api/types';
import { Failure, Skeleton, Stale } from '../ui/states';
import { usePainter } from './painter';

/** The states of a chart; loading takes the room that the chart will take. */
export function ChartBody({ resource, children }: {
	resource: Resource<SeriesAnswer>;
	children: (answer: SeriesAnswer) => ComponentChildren;
}) {
	usePainter(); // it loads while the figures do
	const answer = resource.data.value;
	const error = resource.error.value;
	if (answer === undefined) {
		return (
			<div class="plot-room">
				{error ? <Failure error={error} retry={() => void resource.refresh()} /> : <Skeleton rows={1} />}
			</div>
		);
	}
	return (
		<>
			<Stale resource={resource as Resource<unknown>} />
			{children(answer)}
		</>
	);
}
