// Models of charts whose lines are no instances: several readings of one thing. Pure.
import type { Mark, SeriesAnswer } from '../api/types';
import { type Level, type Model, bridge, timesOf } from './model';

export interface Reading {
	name: string;
	values: readonly (number | null)[];
}

export function linesModel({ unit, from_ms: from, to_ms: to, step_ms: step, readings, levels = [], marks = [], fill = false }: {
	unit: string;
	from_ms: number;
	to_ms: number;
	step_ms: number;
	readings: readonly Reading[];
	levels?: Level[];
	marks?: readonly Mark[];
	/** The room between the first two is filled: alarming where the first is higher. */
	fill?: boolean;
}): Model {
	// What was never read has no line; each keeps its colour.
	const lines = readings.map((r, i) => ({ instance: i, name: r.name, version: { id: i, version: '' }, faint: false, values: bridge(r.values, step) }))
		.filter((l) => l.values.some((v) => typeof v === 'number'));
	const length = readings.reduce((n, r) => Math.max(n, r.values.length), 0);
	return {
		unit, from, to, end: to, step, levels, marks: [...marks], gaps: [], moment: null, forecasts: [], plain: true, fill: fill && lines.length > 1,
		times: timesOf(from, step, length),
		lines,
	};
}

/** The lives of one instance as one line. */
export function joined(answer: SeriesAnswer): (number | null)[] {
	const [first, ...rest] = answer.series.map((s) => s.values);
	return (first ?? []).map((v, i) => v ?? rest.find((values) => typeof values[i] === 'number')?.[i] ?? null);
}
