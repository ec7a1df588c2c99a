// What is painted of the future: cones from the newest readings to the limit.
import type uPlot from 'uplot';
import type { Colours } from './colours';
import type { Forecast, Point } from './forecast';
import type { Model } from './model';

/** Below the lines; the caller clips. */
export function paintFuture(u: uPlot, model: Model, colours: Colours): void {
	if (model.forecasts.length === 0) return;
	const c = u.ctx;
	const dpr = c.canvas.width / u.width;
	const now = Math.round(u.valToPos(model.end / 1000, 'x', true)) + 0.5;
	stroke(c, colours.grid, dpr, [], [[now, u.bbox.top], [now, u.bbox.top + u.bbox.height]]);
	for (const f of model.forecasts) paintCone(u, f, colours, dpr);
}

function place(u: uPlot, p: Point): [number, number] {
	return [u.valToPos(p.at / 1000, 'x', true), u.valToPos(p.value, 'y', true)];
}

function paintCone(u: uPlot, f: Forecast, colours: Colours, dpr: number): void {
	const c = u.ctx;
	c.beginPath();
	c.moveTo(...place(u, f.from));
	c.lineTo(...place(u, f.soonest));
	// Where the soonest way has met the limit, the cone goes along it.
	if (f.soonest.at < f.latest.at && f.soonest.value > f.latest.value)
		c.lineTo(...place(u, { at: f.latest.at, value: f.soonest.value }));
	c.lineTo(...place(u, f.latest));
	c.closePath();
	c.fillStyle = f.calm ? colours.onset : colours.forecast;
	c.fill();
	stroke(c, f.calm ? colours.watch : colours.level, 1.25 * dpr, [5 * dpr, 4 * dpr], [place(u, f.from), place(u, f.likely)]);
}

function stroke(c: CanvasRenderingContext2D, colour: string, width: number, dash: number[],
	points: [number, number][]): void {
	c.beginPath();
	c.setLineDash(dash);
	c.lineWidth = width;
	c.strokeStyle = colour;
	points.forEach((p, i) => (i === 0 ? c.moveTo(...p) : c.lineTo(...p)));
	c.stroke();
	c.setLineDash([]);
}
