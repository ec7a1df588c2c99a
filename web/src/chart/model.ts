// From an answer of /series to what a chart draws and says. Pure.
import type { Mark, SeriesAnswer, SeriesLine } from '../api/types';
import { type Forecast, type Growing, foretell } from './forecast';

/** Readings may be late by a step or two; a hole longer than this is a gap. */
const LONGEST_BRIDGE_MS = 35_000;

/** null: a gap; undefined: no reading here, but none was missing. */
export type Value = number | null | undefined;

export interface Line {
	instance: number;
	/** "web-1", or "web-1 #2" where a host has several. */
	name: string;
	version: { id: number; version: string };
	/** Not the subject of this chart, only there for contrast. */
	faint: boolean;
	values: Value[];
	/** When its process started, where each has a line. */
	life?: number | undefined;
	/** It is the median of many: what lies between their 10th and 90th percentile. */
	band?: { low: Value[]; high: Value[]; n: readonly (number | null)[] };
	/** Its name is written on the chart. */
	named?: boolean;
	/** Less of its colour: a part that another line's colour stands for, too. */
	light?: boolean;
}

/** What a line is known by from one model to the next. */
export function lineKey(l: Line): string {
	return `${l.instance}-${l.version.id}-${l.life ?? ''}`;
}

export interface Level {
	value: number;
	text: string;
}

export interface Model {
	unit: string;
	from: number;
	/** Of the picture; behind `end`, the last step, lies only what is foretold. */
	to: number;
	end: number;
	step: number;
	/** Unix seconds, the middle of each step. */
	times: number[];
	lines: Line[];
	marks: Mark[];
	gaps: SeriesAnswer['gaps'];
	levels: Level[];
	/** A moment of its own, such as the onset of a leak, and where it lies with 95 %. */
	moment: MomentMark | null;
	forecasts: Forecast[];
	/** Lines are several readings of one thing, not instances and their versions. */
	plain?: boolean;
	/** The room between the first two lines is filled: alarming where the first is higher. */
	fill?: boolean;
	/** The lines stand on one another, the last one on the ground. */
	stack?: boolean;
	/** Times are ages of processes. */
	ages?: boolean;
}

export interface MomentMark {
	at: number;
	low?: number | null;
	high?: number | null;
	/** Only watched: nothing to be alarmed about. */
	calm?: boolean;
	text: string;
}

export interface ModelOptions {
	hide?: readonly number[];
	/** Instances that the chart is about; others are drawn faint. */
	subject?: ReadonlySet<number> | undefined;
	subjectVersions?: ReadonlySet<number> | undefined;
	levels?: readonly Level[];
	moment?: Model['moment'];
	/** What is foretold; the chart reaches into the future for it. */
	growing?: readonly Growing[];
	/** Kinds of marks that are not shown. */
	unmarked?: readonly Mark['kind'][];
	/** The future is left empty: this chart stands below one that foretells. */
	untold?: boolean;
}

/** Holes that are no gaps become undefined, and those that are stay null. */
export function bridge(values: readonly (number | null)[], step: number): Value[] {
	const out: Value[] = [...values];
	let before = -1;
	for (let i = 0; i < values.length; i++) {
		if (values[i] === null) continue;
		const hole = i - before - 1;
		if (before >= 0 && hole > 0 && hole * step < LONGEST_BRIDGE_MS) out.fill(undefined, before + 1, i);
		before = i;
	}
	return out;
}

/** "web-1.example.com" as "web-1" where no other host here is called so. */
export function shortNames(hosts: Iterable<string>): Map<string, string> {
	const all = [...new Set(hosts)];
	const shorten = (host: string) => /^[a-z][\w-]*\./i.test(host) ? host.slice(0, host.indexOf('.')) : host;
	const times = new Map<string, number>();
	for (const host of all) times.set(shorten(host), (times.get(shorten(host)) ?? 0) + 1);
	return new Map(all.map((host) => [host, times.get(shorten(host)) === 1 ? shorten(host) : host]));
}

function names(series: readonly SeriesLine[]): (line: SeriesLine) => string {
	const short = shortNames(series.map((s) => s.host));
	const seats = new Map<string, Set<number>>();
	for (const s of series) seats.set(s.host, (seats.get(s.host) ?? new Set()).add(s.instance));
	return (line) => {
		const name = short.get(line.host) ?? line.host;
		return (seats.get(line.host)?.size ?? 0) > 1 ? `${name} #${line.ordinal}` : name;
	};
}

/** Marks of shown kinds and instances. */
export function marksShown(marks: readonly Mark[], { unmarked = [] }: Pick<ModelOptions, 'unmarked'>): Mark[] {
	return marks.filter((m) => !unmarked.includes(m.kind));
}

export function timesOf(from: number, step: number, length: number): number[] {
	return Array.from({ length }, (_, i) => (from + (i + 0.5) * step) / 1000);
}

export function buildModel(answer: SeriesAnswer, options: ModelOptions = {}): Model {
	const { from_ms: from, to_ms: to, step_ms: step } = answer;
	const length = answer.series.reduce((n, s) => Math.max(n, s.values.length), 0);
	const name = names(answer.series);
	const hidden = new Set(options.hide ?? []);
	const shown = answer.series.filter((s) => !hidden.has(s.version.id));
	const instances = new Set(shown.map((s) => s.instance));
	const isFaint = (s: SeriesLine) => options.subject !== undefined
		&& !(options.subject.has(s.instance) && (options.subjectVersions?.has(s.version.id) ?? true));
	const lines = shown.map((s) => ({
		instance: s.instance, name: s.pid === undefined ? name(s) : `${name(s)} · ${s.pid}`, version: s.version, faint: isFaint(s),
		values: bridge(s.values, step), life: s.started_ms,
	}));
	const times = timesOf(from, step, length);
	const { forecasts, reach } = foretell(lines, times, options.growing ?? [], { from, to });
	return {
		unit: answer.unit,
		from, to: reach, end: to, step, times, lines,
		marks: marksShown(answer.marks, options).filter((m) => m.instance === 0 || instances.has(m.instance)),
		gaps: answer.gaps,
		levels: [...(options.levels ?? [])],
		moment: options.moment ?? null,
		forecasts: options.untold ? [] : forecasts,
		ages: answer.align !== undefined,
	};
}

/** A version keeps its colour on every page: the order in which versions came decides.
 *  `extra` are older ones that only a chart knows; they come after. */
export function versionColours(ids: readonly number[], extra: readonly number[] = []): Map<number, number> {
	const ordered = [...ids].sort((a, b) => a - b).concat([...extra].sort((a, b) => a - b));
	return new Map([...new Set(ordered)].map((id, i) => [id, i]));
}

export interface Figures {
	line: Line;
	first: number;
	highest: number;
	last: number;
}

/** The chart in figures, for those who cannot or do not want to see it. */
export function figures(model: Model): Figures[] {
	return model.lines.flatMap((line) => {
		const known = line.values.filter((v): v is number => typeof v === 'number');
		if (known.length === 0) return [];
		return [{ line, first: known[0] as number, highest: Math.max(...known), last: known.at(-1) as number }];
	}).sort((a, b) => b.last - a.last);
}

/** What is drawn: of a stack each line on those below it. */
export function heights(model: Model): Value[][] {
	const out = model.lines.map((l) => l.values);
	if (!model.stack) return out;
	for (let k = out.length - 2; k >= 0; k--)
		out[k] = (out[k] as Value[]).map((v, i) => (typeof v === 'number' ? v + (out[k + 1]?.[i] ?? 0) : v));
	return out;
}

/** The same, for the span that is asked for: what is known of it, until all of it is. */
export function cropped(model: Model, from: number, to: number): Model {
	return model.from === from && model.end === to ? model : { ...model, from, to, end: to, forecasts: [] };
}

/** The reading of each line at step `index`, or shortly before it; largest first. */
export function readings(model: Model, index: number): { line: Line; value: number }[] {
	return model.lines.flatMap((line) => {
		let at = index;
		while (at >= 0 && line.values[at] === undefined) at--;
		const value = line.values[at];
		return typeof value === 'number' ? [{ line, value }] : [];
	}).sort((a, b) => (model.stack ? 0 : b.value - a.value));
}
