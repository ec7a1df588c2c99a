// Models of many instances together: how they are spread in each version, with those outside
// as lines of their own; and of memory kind by kind. Pure.
import type { BandsAnswer, MemoryAnswer, MemoryKind, SeriesAnswer } from '../api/types';
import { t } from '../words/words';
import { type Line, type Model, type ModelOptions, type Value, bridge, buildModel, marksShown, timesOf } from './model';

/** More names would cover one another. */
const OUTLIERS = 5;
/** So many widths of the band outside of it, on average: an outlier. */
const FAR = 0.5;

/** A line on the steps of another answer: the greatest of each. */
export function regrid(values: readonly Value[], of: { from: number; step: number }, to: { from: number; step: number; length: number }): (number | null)[] {
	const out = new Array<number | null>(to.length).fill(null);
	values.forEach((v, i) => {
		const at = Math.floor((of.from + (i + 0.5) * of.step - to.from) / to.step);
		if (typeof v === 'number' && at >= 0 && at < to.length) out[at] = Math.max(out[at] ?? -Infinity, v);
	});
	return out;
}

/** How far outside the band the line runs, in widths of the band. */
export function farOutside(values: readonly Value[], band: NonNullable<Line['band']>): number {
	let sum = 0;
	let n = 0;
	values.forEach((v, i) => {
		const low = band.low[i];
		const high = band.high[i];
		if (typeof v !== 'number' || typeof low !== 'number' || typeof high !== 'number') return;
		sum += Math.max(0, v - high, low - v) / Math.max(high - low, high * 0.02, 1e-9);
		n++;
	});
	return n === 0 ? 0 : sum / n;
}

/** `some`: lines of instances, of which the outliers are drawn. */
export function bandsModel(answer: BandsAnswer, some: SeriesAnswer | undefined, options: ModelOptions = {}): Model {
	const { from_ms: from, to_ms: to, step_ms: step } = answer;
	const length = Math.round((to - from) / step);
	const shown = answer.versions.filter((v) => !options.hide?.includes(v.version.id));
	const medians = shown.map((v): Line => ({
		instance: 0, name: t('median'), version: v.version, faint: false, values: bridge(v.median, step),
		band: { low: bridge(v.p10, step), high: bridge(v.p90, step), n: v.n },
	}));
	const grid = { from, step, length };
	const outside = some ? buildModel(some, options).lines.flatMap((l) => {
		const band = medians.find((m) => m.version.id === l.version.id)?.band;
		const values = bridge(regrid(l.values, { from: some.from_ms, step: some.step_ms }, grid), step);
		const far = band ? farOutside(values, band) : 0;
		return far > FAR ? [{ far, line: { ...l, values, named: true } }] : [];
	}).sort((a, b) => b.far - a.far).slice(0, OUTLIERS).map((o) => o.line) : [];
	return {
		unit: answer.unit, from, to, end: to, step, times: timesOf(from, step, length), lines: [...medians, ...outside],
		marks: marksShown(answer.marks, options), gaps: some?.gaps ?? [], levels: [...(options.levels ?? [])],
		moment: options.moment ?? null, forecasts: [],
	};
}

/** From the top of the stack to its ground; the colour of each, and whether it is the lighter of
 *  two. */
const KINDS: readonly (readonly [MemoryKind, string, number, boolean?])[] = [
	['shm', t('Shared memory'), 4],
	['file', t('File-backed memory'), 5],
	['native', t('Native: the rest'), 1],
	['external', t('External memory'), 2],
	['array_buffers', t('Array buffers'), 3],
	['heap_free', t('Heap, committed and free'), 0, true],
	['heap_used', t('Heap used'), 0],
];

export function stackModel(answer: MemoryAnswer, options: ModelOptions = {}): Model {
	const { from_ms: from, to_ms: to, step_ms: step } = answer;
	const noHeap = !answer.kinds.some((k) => k.kind === 'heap_used');
	const lines = KINDS.flatMap(([kind, words, colour, light = false]): Line[] => {
		const values = answer.kinds.find((k) => k.kind === kind)?.values;
		// Where no runtime tells of a heap, nothing is the rest of anything.
		const name = kind === 'native' && noHeap ? t('Anonymous memory') : words;
		return values ? [{ instance: KINDS.findIndex((k) => k[0] === kind), name, version: { id: colour, version: '' }, faint: false, light, values: bridge(values, step) }] : [];
	});
	return {
		unit: answer.unit, from, to, end: to, step, times: timesOf(from, step, answer.rss.length), lines,
		marks: marksShown(answer.marks, options), gaps: answer.gaps, levels: [...(options.levels ?? [])], moment: null, forecasts: [],
		plain: true, stack: true,
	};
}
