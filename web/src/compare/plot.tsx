// Medians with their bands, over the clock or over age: drawn without the library of the other
// charts, which knows neither bands nor ages that several charts share.
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { CompareAnswer, CompareSelection } from '../api/compare';
import { zone } from '../app/preferences';
import { Mark } from './mark';
import { steps, timeLabels, valueLabel, valueRange } from '../chart/ticks';
import { quantity } from '../format/number';
import { DAY, MINUTE, duration, when } from '../format/time';
import { t } from '../words/words';
import { between, labelOf } from './words';

const HEIGHT = 1000; // of the drawing's own units; it is stretched to its place
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((n) => n * MINUTE).concat([1, 2, 7, 14, 30, 90].map((n) => n * DAY));

export interface Line {
	of: CompareSelection;
	colour: number;
}

/** The range that all charts share, so that heights compare. */
export function rangeOf(selections: readonly CompareSelection[], unit: string): [number, number] {
	const values = selections.flatMap((s) => [...s.p10, ...s.p90]).filter((v): v is number => v !== null);
	return valueRange(Math.min(...values), Math.max(...values), unit);
}

/** How many steps there is something to see in: ages end before the span does. */
export function stepsOf(a: CompareAnswer): number {
	const all = Math.max(1, ...a.selections.map((s) => s.median.length));
	if (a.align === 'time') return all;
	return Math.max(2, ...a.selections.map((s) => s.median.findLastIndex((v) => v !== null) + 1));
}

/** Runs of known values: a gap is a gap. */
export function runs(values: readonly (number | null)[]): [number, number][] {
	const found: [number, number][] = [];
	for (let i = 0; i < values.length; i++) {
		if (values[i] === null) continue;
		const last = found.at(-1);
		if (last && last[1] === i) last[1] = i + 1;
		else found.push([i, i + 1]);
	}
	return found;
}

interface Props {
	answer: CompareAnswer;
	lines: readonly Line[];
	range: [number, number];
	name: string;
	/** The step that all charts point at. */
	at: Signal<number | null>;
	/** A span was drawn, Unix ms. */
	zoom: (from: number, to: number) => void;
}

export function BandPlot({ answer, lines, range, name, at, zoom }: Props) {
	const stage = useRef<HTMLDivElement>(null);
	const [pressed, press] = useState<number | null>(null);
	const count = stepsOf(answer);
	const byAge = answer.align === 'start';
	const index = at.value === null ? null : Math.min(at.value, count - 1);
	const stepAt = (e: PointerEvent) => {
		const box = (stage.current as HTMLElement).getBoundingClientRect();
		return Math.min(count - 1, Math.max(0, Math.floor(((e.clientX - box.left) / box.width) * count)));
	};
	const spanned = (a: number, b: number) => zoom(answer.from_ms + Math.min(a, b) * answer.step_ms, answer.from_ms + (Math.max(a, b) + 1) * answer.step_ms);
	const release = (e: PointerEvent) => {
		const end = stepAt(e);
		if (pressed !== null && Math.abs(end - pressed) > 1 && !byAge) spanned(pressed, end);
		press(null);
	};
	const onKey = (e: KeyboardEvent) => {
		const stride = e.shiftKey ? 10 : 1;
		const from = index ?? count - 1;
		const go = ({ ArrowLeft: from - stride, ArrowRight: from + stride, Home: 0, End: count - 1 } as Record<string, number>)[e.key];
		if (go !== undefined) at.value = Math.min(count - 1, Math.max(0, go));
		else if (e.key === 'Escape') at.value = null;
		else return;
		e.preventDefault();
	};
	return (
		<div class="band-plot">
			<div class="band-stage" ref={stage} role="slider" tabIndex={0} aria-label={t('{name}: moment', { name })} aria-orientation="horizontal"
				aria-valuemin={0} aria-valuemax={count - 1} aria-valuenow={index ?? count - 1} aria-valuetext={spoken(answer, lines, index ?? count - 1)}
				onKeyDown={onKey} onBlur={() => { at.value = null; }} onPointerMove={(e) => { at.value = stepAt(e); }}
				onPointerLeave={() => { at.value = null; press(null); }} onPointerDown={(e) => press(stepAt(e))} onPointerUp={release}>
				<Axes answer={answer} range={range} count={count} />
				<Drawing lines={lines} range={range} count={count} />
				{lines.length > 1 && ends(lines, range, count).map(({ colour, left, bottom }) => (
					<span class="band-end" key={colour} aria-hidden="true" style={{ left: `${left}%`, bottom: `${bottom}%` }}><Mark index={colour} /></span>
				))}
				{pressed !== null && index !== null && !byAge && <span class="band-brush" style={across(Math.min(pressed, index), Math.abs(pressed - index) + 1, count)} />}
				{index !== null && <span class="band-cursor" style={{ left: `${((index + 0.5) / count) * 100}%` }} />}
				{index !== null && <Readout answer={answer} lines={lines} index={index} isLate={index > count / 2} at={((index + 0.5) / count) * 100} />}
				{lines.every((l) => l.of.lives === 0) && <p class="plot-empty">{t('Nothing was read in this span.')}</p>}
			</div>
		</div>
	);
}

const APART = 7; // per cent of the height: the room of a letter

/** Where each line ends, with room between the letters that say which it is. */
export function ends(lines: readonly Line[], [low, high]: [number, number], count: number): { colour: number; left: number; bottom: number }[] {
	const found = lines.flatMap(({ of, colour }) => {
		const last = of.median.findLastIndex((v) => v !== null);
		const value = of.median[last] ?? null;
		return value === null ? [] : [{ colour, left: (Math.min(last + 0.5, count) / count) * 100, bottom: ((value - low) / (high - low)) * 100 }];
	}).sort((a, b) => a.bottom - b.bottom);
	found.forEach((end, i) => {
		const below = found[i - 1];
		if (below && Math.abs(below.left - end.left) < APART && end.bottom - below.bottom < APART) end.bottom = below.bottom + APART;
	});
	return found;
}

function across(from: number, length: number, count: number) {
	return { left: `${(from / count) * 100}%`, width: `${(length / count) * 100}%` };
}

/** Painted once; the crosshair moves above it. */
function Drawing({ lines, range: [low, high], count }: { lines: readonly Line[]; range: [number, number]; count: number }) {
	const y = (v: number) => (HEIGHT * (1 - (v - low) / (high - low))).toFixed(1);
	// A reading that stands alone is as wide as its step.
	const path = (values: readonly (number | null)[], [from, to]: [number, number]) => (to - from === 1
		? `${from},${y(values[from] as number)} ${to},${y(values[from] as number)}`
		: Array.from({ length: to - from }, (_, i) => `${from + i + 0.5},${y(values[from + i] as number)}`).join(' '));
	return (
		<svg viewBox={`0 0 ${count} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
			{lines.map(({ of, colour }) => {
				const parts = runs(of.median.slice(0, count));
				return (
					<g key={of.name} class={`series-${colour + 1}`}>
						{parts.map((r) => <polygon key={r[0]} class="band" points={`${path(of.p10, r)} ${path(of.p90, r).split(' ').reverse().join(' ')}`} />)}
						{parts.map((r) => <polyline key={r[0]} class={`median dash-${colour}`} points={path(of.median, r)} vector-effect="non-scaling-stroke" />)}
					</g>
				);
			})}
		</svg>
	);
}

function Axes({ answer: a, range: [low, high], count }: { answer: CompareAnswer; range: [number, number]; count: number }) {
	const rise = steps(a.unit).find((s) => (high - low) / s <= 6) ?? high - low;
	const values = Array.from({ length: Math.floor(high / rise) - Math.ceil(low / rise) + 1 }, (_, i) => (Math.ceil(low / rise) + i) * rise);
	const length = count * a.step_ms;
	const from = a.align === 'start' ? 0 : a.from_ms;
	const stride = TIME_STEPS.find((s) => length / s <= 8) ?? length;
	// Ticks of hours and days stand where the reader's clock has them.
	const shift = a.align === 'start' || zone.value === 'utc' ? 0 : new Date(from).getTimezoneOffset() * MINUTE;
	const first = Math.ceil((from - shift) / stride) * stride + shift;
	const times = Array.from({ length: Math.max(0, Math.floor((from + length - first) / stride) + 1) }, (_, i) => first + i * stride);
	const labels = a.align === 'start' ? times.map((ms) => (ms === 0 ? '0' : duration(ms))) : timeLabels(times.map((ms) => ms / 1000), stride / 1000, zone.value);
	return (
		<div class="band-axes" aria-hidden="true">
			{values.map((v) => <div class="y" key={v} style={{ bottom: `${((v - low) / (high - low)) * 100}%` }}><span>{valueLabel(v, a.unit)}</span></div>)}
			{times.map((ms, i) => <span class="x" key={ms} style={{ left: `${((ms - from) / length) * 100}%` }}>{labels[i]}</span>)}
		</div>
	);
}

/** Where a step of a selection lies: its moment, or the age of its processes. */
function momentOf(a: CompareAnswer, of: CompareSelection, index: number): string {
	if (a.align === 'start') return t('{span} after the start', { span: duration((index + 0.5) * a.step_ms) });
	return when(of.from_ms + (index + 0.5) * a.step_ms, a.to_ms, zone.value);
}

function spoken(a: CompareAnswer, lines: readonly Line[], index: number): string {
	return lines.map(({ of }) => {
		const value = of.median[index];
		return `${labelOf(of)}, ${momentOf(a, of, index)}: ${value === null || value === undefined ? t('no reading') : quantity(value, a.unit)}`;
	}).join('; ');
}

function Readout({ answer: a, lines, index, isLate, at }: { answer: CompareAnswer; lines: readonly Line[]; index: number; isLate: boolean; at: number }) {
	const apart = a.align === 'time' && lines.some((l) => l.of.offset_ms);
	const rows: ComponentChildren = lines.map(({ of, colour }) => {
		const [value, low, high] = [of.median[index] ?? null, of.p10[index] ?? 0, of.p90[index] ?? 0];
		return (
			<li key={of.name} class={value === null ? 'faint' : ''}>
				<Mark index={colour} />
				<span class="who">{labelOf(of)}</span>
				{apart && <span class="quiet">{momentOf(a, of, index)}</span>}
				<span class="figure">{value === null ? t('no reading') : quantity(value, a.unit)}</span>
				{value !== null && (of.n[index] ?? 0) > 1 && <span class="quiet">{between(low, high, a.unit)}</span>}
			</li>
		);
	});
	return (
		<div class={`readout ${isLate ? 'before' : 'after'}`} aria-hidden="true" style={{ '--x': `${at}%` }}>
			{!apart && lines[0] && <p class="moment">{momentOf(a, lines[0].of, index)}</p>}
			<ul>{rows}</ul>
		</div>
	);
}

