// What is painted on the canvas besides lines and axes: lost spans, levels, marks.
import type uPlot from 'uplot';
import { type Colours, VERSION_COLOURS } from './colours';
import { between } from './between';
import { paintFuture } from './cone';
import { type Cluster, cluster } from './marks';
import { type Model, type Value, heights } from './model';

const CLOSEST_MARKS = 10; // CSS pixels
const LABEL_GAP = 6;

interface Surface {
	u: uPlot;
	c: CanvasRenderingContext2D;
	/** Device pixels per CSS pixel. */
	dpr: number;
	model: Model;
	colours: Colours;
	colourOf: (versionId: number) => number;
}

function surface(u: uPlot, model: Model, colours: Colours, colourOf: (versionId: number) => number): Surface {
	return { u, c: u.ctx, dpr: u.ctx.canvas.width / u.width, model, colours, colourOf };
}

function colourOf(s: Surface, version: number): string {
	return s.colours.lines[s.colourOf(version) % VERSION_COLOURS] as string;
}

function xOf(s: Surface, ms: number): number {
	return s.u.valToPos(ms / 1000, 'x', true);
}

function clipped(s: Surface, work: () => void): void {
	const { left, top, width, height } = s.u.bbox;
	s.c.save();
	s.c.beginPath();
	s.c.rect(left, top, width, height);
	s.c.clip();
	work();
	s.c.restore();
}

/** Below the lines: spans for which an agent said that it lost readings, the interval of the
 *  moment, and what is foretold. */
export function paintBelow(u: uPlot, model: Model, colours: Colours, versions: (versionId: number) => number): void {
	const s = surface(u, model, colours, versions);
	clipped(s, () => {
		paintExperiments(s);
		paintAreas(s);
		paintGaps(s);
		if (model.fill) paintFill(s);
		paintInterval(s);
		paintFuture(u, model, colours);
	});
}

/** Bands around medians, and the layers of a stack. */
function paintAreas(s: Surface): void {
	const { lines, stack } = s.model;
	const tops = stack ? heights(s.model) : [];
	lines.forEach((l, k) => {
		s.c.fillStyle = colourOf(s, l.version.id);
		if (stack) {
			s.c.globalAlpha = l.light ? 0.22 : 0.5;
			area(s, tops[k] as Value[], tops[k + 1]);
		} else if (l.band) {
			s.c.globalAlpha = lines.length > 8 ? 0.1 : 0.17;
			area(s, l.band.high, l.band.low);
		}
	});
	s.c.globalAlpha = 1;
}

/** Between two lines, or a line and zero; gaps part it. */
function area(s: Surface, high: readonly Value[], low: readonly Value[] | undefined): void {
	const x = (i: number) => s.u.valToPos(s.model.times[i] as number, 'x', true);
	const y = (v: number) => s.u.valToPos(v, 'y', true);
	let piece: number[] = [];
	const close = () => {
		s.c.beginPath();
		for (const i of piece) s.c.lineTo(x(i), y(high[i] as number));
		for (const i of piece.reverse()) s.c.lineTo(x(i), y(low ? low[i] as number : 0));
		s.c.fill();
		piece = [];
	};
	high.forEach((v, i) => {
		if (typeof v === 'number' && (!low || typeof low[i] === 'number')) piece.push(i);
		else if (v === null) close();
	});
	close();
}

/** How long experiments went. */
function paintExperiments(s: Surface): void {
	s.c.fillStyle = s.colours.drain;
	for (const m of s.model.marks) {
		if (m.kind !== 'experiment') continue;
		const from = xOf(s, m.at_ms);
		s.c.fillRect(from, s.u.bbox.top, xOf(s, m.to_ms ?? s.model.end) - from, s.u.bbox.height);
	}
}

/** The names of outliers, at the ends of their lines. */
function paintNames(s: Surface): void {
	const { c, dpr, model } = s;
	const taken: number[] = [];
	c.textAlign = 'right';
	c.textBaseline = 'bottom';
	for (const l of model.lines) {
		const last = l.named ? l.values.findLastIndex((v) => typeof v === 'number') : -1;
		if (last < 0) continue;
		const at = s.u.valToPos(l.values[last] as number, 'y', true) - 3 * dpr;
		if (taken.some((t) => Math.abs(t - at) < 12 * dpr)) continue;
		taken.push(at);
		c.fillStyle = colourOf(s, l.version.id);
		const room = c.measureText(l.name).width;
		const x = Math.max(s.u.valToPos(model.times[last] as number, 'x', true), s.u.bbox.left + room);
		c.fillText(l.name.length > 28 ? `${l.name.slice(0, 27)}…` : l.name, x - 2 * dpr, Math.max(at, s.u.bbox.top + 12 * dpr));
	}
}

/** The room between the first two lines. */
function paintFill(s: Surface): void {
	const [first, second] = s.model.lines;
	if (!first || !second) return;
	const to = (at: number, value: number) => [s.u.valToPos(at, 'x', true), s.u.valToPos(value, 'y', true)] as const;
	for (const { over, edge } of between(s.model.times, first.values, second.values)) {
		s.c.beginPath();
		edge.forEach((e) => s.c.lineTo(...to(e.at, e.first)));
		[...edge].reverse().forEach((e) => s.c.lineTo(...to(e.at, e.second)));
		s.c.closePath();
		s.c.fillStyle = over ? s.colours.forecast : s.colours.drain;
		s.c.fill();
	}
}

/** Where the moment lies with 95 %. */
function paintInterval(s: Surface): void {
	const { moment } = s.model;
	if (!moment?.low || !moment.high) return;
	const from = xOf(s, moment.low);
	s.c.fillStyle = s.colours.onset;
	s.c.fillRect(from, s.u.bbox.top, Math.max(xOf(s, moment.high) - from, 2 * s.dpr), s.u.bbox.height);
}

function paintGaps(s: Surface): void {
	const { c, dpr, u } = s;
	const hosts = new Set(s.model.lines.map((l) => l.name.replace(/ #\d+$/, '')));
	// With many hosts a lost span of one must not cover what the others say.
	const height = hosts.size > 1 && !s.model.stack ? 10 * dpr : u.bbox.height;
	const bottom = u.bbox.top + u.bbox.height;
	c.strokeStyle = s.colours.hatch;
	c.lineWidth = dpr;
	for (const gap of s.model.gaps) {
		const from = Math.max(xOf(s, gap.from_ms), u.bbox.left);
		const to = Math.min(xOf(s, gap.to_ms), u.bbox.left + u.bbox.width);
		const width = Math.max(to - from, 2 * dpr);
		c.save();
		c.beginPath();
		c.rect(from, bottom - height, width, height);
		c.clip();
		c.beginPath();
		for (let x = from - height; x < from + width; x += 6 * dpr) {
			c.moveTo(x, bottom);
			c.lineTo(x + height, bottom - height);
		}
		c.stroke();
		c.restore();
	}
}

/** Above the lines: levels, the moment, deploys, restarts and kills. */
export function paintAbove(u: uPlot, model: Model, colours: Colours, versions: (versionId: number) => number): void {
	const s = surface(u, model, colours, versions);
	s.c.font = `${11 * s.dpr}px ${getComputedStyle(u.root).fontFamily}`;
	clipped(s, () => {
		paintLevels(s);
		paintMoment(s);
		paintNames(s);
	});
	const clusters = cluster(model.marks, (ms) => xOf(s, ms), CLOSEST_MARKS * s.dpr)
		.filter((c) => c.x >= u.bbox.left - s.dpr && c.x <= u.bbox.left + u.bbox.width + s.dpr);
	for (const c of clusters) paintMark(s, c);
	paintLabels(s, clusters);
}

function paintLevels(s: Surface): void {
	const { c, dpr, u } = s;
	c.textAlign = 'right';
	for (const level of s.model.levels) {
		const y = Math.round(u.valToPos(level.value, 'y', true)) + 0.5;
		if (y < u.bbox.top) continue;
		line(s, u.bbox.left, y, u.bbox.left + u.bbox.width, y, s.colours.level, [6, 4]);
		c.fillStyle = s.colours.level;
		// Below the line where there is no room above it.
		const above = y - u.bbox.top > 16 * dpr;
		c.textBaseline = above ? 'bottom' : 'top';
		c.fillText(level.text, u.bbox.left + u.bbox.width - 4 * dpr, y + (above ? -2 : 3) * dpr);
	}
}

function line(s: Surface, x1: number, y1: number, x2: number, y2: number, colour: string, dash: number[]): void {
	s.c.beginPath();
	s.c.setLineDash(dash.map((d) => d * s.dpr));
	s.c.lineWidth = s.dpr;
	s.c.strokeStyle = colour;
	s.c.moveTo(x1, y1);
	s.c.lineTo(x2, y2);
	s.c.stroke();
	s.c.setLineDash([]);
}

function paintMark(s: Surface, mark: Cluster): void {
	const { top, height } = s.u.bbox;
	const x = Math.round(mark.x) + 0.5;
	if (mark.kind === 'restart') {
		// A tick at the rim only: a service that is restarted often must stay readable.
		triangle(s, x, top, s.colours.mark);
		return;
	}
	if (mark.kind === 'snapshot') {
		diamond(s, x, top - 3.5 * s.dpr);
		return;
	}
	const colour = mark.kind === 'oom' ? s.colours.oom : s.colours.mark;
	line(s, x, top - 7 * s.dpr, x, top + height, colour, mark.kind === 'oom' ? [2, 3] : []);
}

function triangle(s: Surface, x: number, y: number, colour: string): void {
	const size = 3.5 * s.dpr;
	s.c.beginPath();
	s.c.fillStyle = colour;
	s.c.moveTo(x - size, y - size * 1.6);
	s.c.lineTo(x + size, y - size * 1.6);
	s.c.lineTo(x, y);
	s.c.fill();
}

function diamond(s: Surface, x: number, y: number): void {
	const r = 4 * s.dpr;
	s.c.beginPath();
	s.c.fillStyle = s.colours.watch;
	for (const [dx, dy] of [[0, -r], [r, 0], [0, r], [-r, 0]] as const) s.c.lineTo(x + dx, y + dy);
	s.c.fill();
}

/** Inside the plot, where no deploy can take its place. */
function paintMoment(s: Surface): void {
	const { c, dpr, u } = s;
	const { moment } = s.model;
	if (!moment) return;
	const x = Math.round(xOf(s, moment.at)) + 0.5;
	const colour = moment.calm ? s.colours.watch : s.colours.level;
	line(s, x, u.bbox.top, x, u.bbox.top + u.bbox.height, colour, [1, 3]);
	c.textAlign = 'left';
	c.textBaseline = 'bottom';
	c.fillStyle = colour;
	c.fillText(moment.text, x + 4 * dpr, u.bbox.top + u.bbox.height - 4 * dpr);
}

/** From left to right; a label that finds no room is left out, its line stays. */
function paintLabels(s: Surface, clusters: readonly Cluster[]): void {
	const { c, dpr, u } = s;
	const right = u.bbox.left + u.bbox.width;
	let free = -Infinity;
	c.textBaseline = 'bottom';
	c.textAlign = 'left'; // uPlot leaves the alignment of its axes behind
	const labels = clusters.filter((m) => m.label !== '').map((m) => ({
		x: m.x, text: m.label, colour: m.kind === 'oom' ? s.colours.oom : s.colours.ink }));
	for (const label of labels.sort((a, b) => a.x - b.x)) {
		const width = c.measureText(label.text).width;
		const x = Math.min(label.x - 1 * dpr, right - width);
		if (x < free) continue;
		c.fillStyle = label.colour;
		c.fillText(label.text, x, u.bbox.top - 8 * dpr);
		free = x + width + LABEL_GAP * dpr;
	}
}
