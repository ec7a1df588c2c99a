// A chart with all that belongs to it: crosshair and readout, keys, figures as text.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useId, useMemo, useRef } from 'preact/hooks';
import { paint, zone } from '../app/preferences';
import { FigureTable } from './figures';
import { t } from '../words/words';
import type { Model } from './model';
import { usePainter } from './painter';
import type { Plot, PlotOptions } from './plot';
import { Readout, type Standing, spoken } from './readout';

/** The moment that several charts point at, and which of them the pointer is on. */
export interface Crosshair {
	at: number;
	owner: string;
}

export interface ChartProps {
	/** For those who hear the page. */
	name: string;
	model: Model;
	colourOf: (versionId: number) => number;
	crosshair: Signal<Crosshair | null>;
	zoom: (from: number, to: number) => void;
	reset: () => void;
}

export function Chart(props: ChartProps) {
	const { model, crosshair } = props;
	const id = useId();
	const root = useRef<HTMLDivElement>(null);
	const plot = useRef<Plot | null>(null);
	const standing = useSignal<Standing | null>(null);
	const latest = useRef(props);
	latest.current = props;
	const options = useMemo((): PlotOptions => ({
		zone: zone.value,
		colourOf: (version) => latest.current.colourOf(version),
		onCursor(at) {
			standing.value = at;
			const time = at && latest.current.model.times[at.index];
			crosshair.value = time ? { at: time * 1000, owner: id } : null;
		},
		onBrush: (from, to) => latest.current.zoom(from, to),
		onReset: () => latest.current.reset(),
	}), [zone.value]);
	const painter = usePainter();
	useEffect(() => {
		if (!root.current || !painter) return;
		plot.current = new painter(root.current, options);
		return () => plot.current?.destroy();
	}, [painter]);
	useEffect(() => plot.current?.show(model, options), [model, options, painter]);
	const painted = paint.value;
	useEffect(() => plot.current?.repaint(), [painted]);
	useEffect(() => crosshair.subscribe((c) => {
		if (c?.owner === id) return;
		standing.value = null;
		plot.current?.follow(c ? c.at : null);
	}), [crosshair]);
	const index = standing.value?.index ?? model.times.length - 1;
	// The crosshair moves often; the table need not be made anew each time.
	const table = useMemo(() => <FigureTable model={model} name={props.name} colourOf={props.colourOf} />, [model]);
	return (
		<>
			<div class="chart-stage">
				<div ref={root} class="plot" role="slider" tabIndex={0} aria-label={t('{name}: moment', { name: props.name })}
					aria-describedby={`${id}-keys`} aria-orientation="horizontal"
					aria-valuemin={0} aria-valuemax={Math.max(0, model.times.length - 1)}
					aria-valuenow={Math.max(0, index)} aria-valuetext={spoken(model, index, zone.value)}
					onKeyDown={(e) => onKey(e, model, index, plot.current, props)}
					onBlur={() => { crosshair.value = null; standing.value = null; plot.current?.follow(null); }} />
				{standing.value && <Readout model={model} standing={standing.value} colourOf={props.colourOf} />}
				{model.lines.length === 0 && <p class="plot-empty">{t('Nothing was read in this span.')}</p>}
			</div>
			<p id={`${id}-keys`} class="sr-only">
				{t('Left and right move, plus and minus zoom, Escape shows the whole range again.')}
			</p>
			{table}
		</>
	);
}

function onKey(event: KeyboardEvent, model: Model, index: number, plot: Plot | null,
	{ zoom, reset }: Pick<ChartProps, 'zoom' | 'reset'>): void {
	const last = model.times.length - 1;
	const stride = event.shiftKey ? 10 : 1;
	const go: Record<string, number> = {
		ArrowLeft: index - stride, ArrowRight: index + stride,
		PageDown: index - 30, PageUp: index + 30, Home: 0, End: last,
	};
	const target = go[event.key];
	if (target !== undefined) plot?.stand(Math.min(Math.max(target, 0), last));
	else if (event.key === '+' || event.key === 'Enter') zoomBy(0.5, model, index, zoom);
	else if (event.key === '-') zoomBy(2, model, index, zoom);
	else if (event.key === 'Escape') reset();
	else return;
	event.preventDefault();
}

function zoomBy(factor: number, model: Model, index: number, zoom: ChartProps['zoom']): void {
	const half = ((model.end - model.from) * factor) / 2;
	const middle = (model.times[index] ?? model.end / 1000) * 1000;
	const to = factor > 1 ? middle + half : Math.min(Math.max(middle + half, model.from + 2 * half), model.end);
	zoom(to - 2 * half, to);
}

