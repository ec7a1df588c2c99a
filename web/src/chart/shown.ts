// What stands on a chart while its successor is on its way: the span that is asked for, with
// what is known of it.
import { useMemo, useRef } from 'preact/hooks';
import type { Span } from '../service/span';
import { type Model, cropped } from './model';

/** `model` undefined: another thing was asked for, and the last one stays, dimmed. */
export function useStanding(model: Model | undefined, pending: boolean, span: Span): Model | undefined {
	const last = useRef<Model | undefined>(undefined);
	if (model) last.current = model;
	const standing = last.current;
	return useMemo(() => standing && (pending && model ? cropped(standing, span.from, span.to) : standing), [standing, pending, span, model]);
}
