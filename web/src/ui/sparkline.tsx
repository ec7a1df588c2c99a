// Memory of the last hours in the height of a line of text.
import type { Sparkline as Trend, Verdict } from '../api/types';
import { memory } from '../format/number';
import { duration } from '../format/time';
import { t } from '../words/words';

const WIDTH = 120;
const HEIGHT = 26;
const EDGE = 2;
const SHORTEST = 10; // steps over the whole width at least

/** The line as an SVG path that is broken at gaps. What is not known before the first value
 *  is left out, so that a young service is not a dot at the edge. Pure. */
export function strokes(values: readonly (number | null)[]): { line: string; end: [number, number] | null } {
	const known = values.filter((v): v is number => v !== null);
	if (known.length === 0) return { line: '', end: null };
	const top = Math.max(...known);
	// From zero, unless that would flatten all there is to see.
	const low = Math.min(...known);
	const bottom = low > top * 0.6 ? Math.min(low - (top - low) * 0.15, top * 0.8) : 0;
	const height = Math.max(top - bottom, 1);
	const first = Math.max(0, Math.min(values.findIndex((v) => v !== null), values.length - SHORTEST));
	const x = (i: number) => EDGE + ((i - first) / Math.max(1, values.length - 1 - first)) * (WIDTH - 2 * EDGE);
	const y = (v: number) => HEIGHT - EDGE - ((v - bottom) / height) * (HEIGHT - 2 * EDGE);
	let line = '';
	let end: [number, number] | null = null;
	let pen = false;
	values.forEach((v, i) => {
		if (v === null) {
			pen = false;
			return;
		}
		end = [round(x(i)), round(y(v))];
		line += `${pen ? 'L' : 'M'}${end[0]} ${end[1]}`;
		pen = true;
	});
	return { line, end };
}

function round(n: number): number {
	return Math.round(n * 10) / 10;
}

export function Sparkline({ trend, verdict }: { trend: Trend | null; verdict: Verdict }) {
	if (!trend) return <span class="spark-none">{t('no trend yet')}</span>;
	const { line, end } = strokes(trend.values);
	const known = trend.values.filter((v): v is number => v !== null);
	const span = duration(trend.step_ms * trend.values.length);
	const text = known.length === 0 ? t('no memory read')
		: t('memory over {span}: {first} to {last}', { span, first: memory(known[0] as number), last: memory(known.at(-1) as number) });
	return (
		<svg class={`spark v-${verdict}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT}
			role="img" aria-label={text}>
			<path d={line} class="spark-line" />
			{end && <circle cx={end[0]} cy={end[1]} r="1.8" class="spark-end" />}
		</svg>
	);
}
