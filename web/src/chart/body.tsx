import type { ComponentChildren } from 'preact';
import type { Resource } from '../api/resource';
import { Failure, Skeleton, Stale } from '../ui/states';
import { usePainter } from './painter';

/** The states of a chart; loading takes the room that the chart will take. `data`: what is
 *  drawn, where that is not the resource's own. */
export function ChartBody<R, T = R>(props: {
	resource: Resource<R>;
	data?: T | undefined;
	children: (answer: T) => ComponentChildren;
}) {
	const { resource, children } = props;
	usePainter(); // it loads while the figures do
	const answer = 'data' in props ? props.data : resource.data.value as T | undefined;
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
