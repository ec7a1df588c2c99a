// The one place that knows uPlot: a model in, a canvas out, a moving crosshair reported.
import uPlot from 'uplot';
import type { Zone } from '../format/time';
import { type Colours, VERSION_COLOURS, readColours } from './colours';
import { type Line, type Model, heights, lineKey } from './model';
import { paintAbove, paintBelow } from './paint';
import { ageLabels, steps, timeLabels, valueLabel, valueRange } from './ticks';

const AXIS_WIDTH = 72; // the same for all charts, so that their time axes line up
const AWAY = -1000; // a crosshair's height that is near no line, so that none stands out
const CROWD = 16; // lines that are still told apart
const FOCUS_UP_TO = 40; // lines; more would make the crosshair slow

export interface PlotOptions {
	zone: Zone;
	/** Index of a version's colour. */
	colourOf: (versionId: number) => number;
	/** The crosshair stands on step `index`, `left` pixels from the plot's edge; null: gone. */
	onCursor: (at: { index: number; left: number; top: number } | null) => void;
	/** The brush was drawn over a span, Unix ms. */
	onBrush: (from: number, to: number) => void;
	onReset: () => void;
}

export class Plot {
	private u: uPlot | undefined;
	private readonly root: HTMLElement;
	private readonly resized: ResizeObserver;
	private model: Model | undefined;
	private options: PlotOptions;
	private quiet = false;

	constructor(root: HTMLElement, options: PlotOptions) {
		this.root = root;
		this.options = options;
		this.resized = new ResizeObserver(() => this.u?.setSize(this.size()));
		this.resized.observe(root);
	}

	destroy(): void {
		this.resized.disconnect();
		this.u?.destroy();
		this.u = undefined;
	}

	/** Lines or colours may have changed: everything is laid out anew. */
	show(model: Model, options: PlotOptions): void {
		const left = this.u?.cursor.left ?? -1;
		const same = this.model !== undefined && this.u !== undefined
			&& this.options.zone === options.zone && sameLines(this.model, model);
		this.model = model;
		this.options = options;
		if (same && this.u) {
			this.u.batch(() => this.u?.setData(this.data(model), true));
		} else {
			this.u?.destroy();
			this.u = new uPlot(this.config(model, readColours(this.root)), this.data(model), this.root);
		}
		if (left >= 0) this.quietly(() => this.u?.setCursor({ left, top: AWAY }));
	}

	/** Colours have changed. */
	repaint(): void {
		if (!this.model) return;
		this.u?.destroy();
		this.u = undefined;
		this.show(this.model, this.options);
	}

	/** Moves the crosshair without reporting it; null takes it away. */
	follow(ms: number | null): void {
		const u = this.u;
		if (!u) return;
		this.quietly(() => u.setCursor({ left: ms === null ? -10 : u.valToPos(ms / 1000, 'x'), top: AWAY }));
	}

	/** Moves the crosshair to a step and reports it, as the pointer would. */
	stand(index: number): void {
		const time = this.model?.times[index];
		if (time !== undefined) this.u?.setCursor({ left: this.u.valToPos(time, 'x'), top: AWAY });
	}

	private quietly(work: () => void): void {
		this.quiet = true;
		work();
		this.quiet = false;
	}

	private size(): { width: number; height: number } {
		return { width: Math.max(this.root.clientWidth, 120), height: Math.max(this.root.clientHeight, 120) };
	}

	private data(model: Model): uPlot.AlignedData {
		return [model.times, ...heights(model)] as uPlot.AlignedData;
	}

	private config(model: Model, colours: Colours): uPlot.Options {
		const focus = !model.stack && model.lines.length > 1 && model.lines.length <= FOCUS_UP_TO;
		return {
			...this.size(),
			padding: [25, 8, 0, 0],
			legend: { show: false },
			cursor: {
				y: false,
				drag: { x: true, y: false, setScale: false },
				points: { size: 6, show: model.lines.length <= FOCUS_UP_TO },
				...(focus ? { focus: { prox: 30 } } : {}),
				bind: { dblclick: () => () => { this.options.onReset(); return null; } },
			},
			...(focus ? { focus: { alpha: 0.28 } } : {}),
			// Ages have no zone: zero is a round number.
			tzDate: (s) => this.options.zone === 'utc' || model.ages ? uPlot.tzDate(new Date(s * 1000), 'Etc/UTC') : new Date(s * 1000),
			scales: {
				x: { time: true, range: () => [(this.model?.from ?? 0) / 1000, (this.model?.to ?? 1) / 1000] },
				y: { range: (_, low, high) => this.yRange(low, high) },
			},
			axes: this.axes(model, colours),
			series: [{}, ...model.lines.map((l) => this.series(l, colours, model.lines.length))],
			hooks: {
				drawClear: [(u) => this.model && paintBelow(u, this.model, colours, this.options.colourOf)],
				draw: [(u) => this.model && paintAbove(u, this.model, colours, this.options.colourOf)],
				setCursor: [(u) => this.reportCursor(u)],
				setSelect: [(u) => this.reportBrush(u)],
			},
		};
	}

	private yRange(low: number | null, high: number | null): [number, number] {
		const unit = this.model?.unit ?? '';
		for (const { band } of this.model?.lines ?? []) {
			if (!band) continue;
			low = least(low, band.low, Math.min);
			high = least(high, band.high, Math.max);
		}
		const [from, to] = valueRange(this.model?.stack ? 0 : low ?? Infinity, high ?? -Infinity, unit);
		// A level that is near belongs to the picture; a far one would flatten it.
		const near = (this.model?.levels ?? []).filter((l) => l.value <= to * 1.6).map((l) => l.value * 1.06);
		near.push(...(this.model?.forecasts ?? []).map((f) => Math.min(f.likely.value * 1.06, to * 1.6)));
		return [from, Math.max(to, ...near)];
	}

	private axes(model: Model, colours: Colours): uPlot.Axis[] {
		const font = `11px ${getComputedStyle(this.root).fontFamily}`;
		const line = { stroke: colours.grid, width: 1 };
		return [
			{
				stroke: colours.axis, font, size: 28, gap: 6, space: this.root.clientWidth < 480 ? 56 : 84, grid: { show: false },
				ticks: { ...line, size: 4 },
				// The corner below the value axis is taken.
				values: (u, ticks, _i, _space, step) => (model.ages ? ageLabels(ticks) : timeLabels(ticks, step, this.options.zone))
					.map((label, i) => (u.valToPos(ticks[i] as number, 'x') < 16 ? '' : label)),
			},
			{
				stroke: colours.axis, font, size: AXIS_WIDTH, gap: 8, space: this.root.clientHeight > 220 ? 44 : 30, grid: line,
				ticks: { show: false }, incrs: steps(model.unit),
				values: (_u, ticks) => ticks.map((t) => valueLabel(t, this.model?.unit ?? '')),
			},
		];
	}

	private series(line: Line, colours: Colours, among: number): uPlot.Series {
		const isCrowd = among > CROWD && !line.band && !line.named;
		const stroke = colours.lines[this.options.colourOf(line.version.id) % VERSION_COLOURS] as string;
		return {
			label: line.name,
			stroke,
			width: line.faint || isCrowd || line.named ? 1 : line.band ? 2 : 1.5,
			// In a crowd the dense places show, not the line drawn last.
			alpha: isCrowd ? Math.max(0.22, CROWD / among) * (line.faint ? 0.5 : 1) : line.faint ? 0.55 : 1,
			spanGaps: false,
			// Only readings that stand alone need a dot to be seen.
			points: {
				show: true, size: 3, width: 0, fill: stroke,
				filter: (u, i) => lonely(u.data[i] as Line['values']),
			},
		};
	}

	private reportCursor(u: uPlot): void {
		if (this.quiet) return;
		const { idx, left = -1, top = 0 } = u.cursor;
		const gone = left < 0 || idx === null || idx === undefined;
		this.options.onCursor(gone ? null : { index: idx, left: left + AXIS_WIDTH, top });
	}

	private reportBrush(u: uPlot): void {
		const { left, width } = u.select;
		if (width < 4) return;
		const from = u.posToVal(left, 'x') * 1000;
		const to = u.posToVal(left + width, 'x') * 1000;
		u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
		this.options.onBrush(from, Math.min(to, this.model?.end ?? to));
	}
}

/** `part` of a value that may not be there and the known ones of a line. */
function least(value: number | null, values: Line['values'], part: (...values: number[]) => number): number | null {
	const known = values.filter((v): v is number => typeof v === 'number');
	if (value !== null) known.push(value);
	return known.length > 0 ? part(...known) : value;
}

function sameLines(a: Model, b: Model): boolean {
	return a.unit === b.unit && a.ages === b.ages && a.stack === b.stack && a.lines.length === b.lines.length && a.lines.every((l, i) => {
		const other = b.lines[i];
		return other !== undefined && lineKey(other) === lineKey(l) && other.faint === l.faint && !other.band === !l.band;
	});
}

/** Indices of readings with a gap on both sides. */
function lonely(values: Line['values']): number[] {
	return values.flatMap((v, i) =>
		typeof v === 'number' && typeof values[i - 1] !== 'number' && typeof values[i + 1] !== 'number' ? [i] : []);
}
