// Small multiples: each instance by itself, all on one scale, the worst first.
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { get, query } from '../api/client';
import { useLatest, useResource } from '../api/resource';
import type { Instance, Page, SeriesAnswer } from '../api/types';
import { type ServiceView, href } from '../app/address';
import { zone } from '../app/preferences';
import { ChartBody } from '../chart/body';
import type { Crosshair } from '../chart/chart';
import { VERSION_COLOURS } from '../chart/colours';
import { ChartMenu } from '../chart/menu';
import { type Line, type Model, buildModel } from '../chart/model';
import { useStanding } from '../chart/shown';
import { valueRange } from '../chart/ticks';
import { quantity } from '../format/number';
import { clock, date } from '../format/time';
import { VerdictGlyph, VERDICT_WORDS, VersionName } from '../ui/verdict';
import { said } from '../words/said';
import { t } from '../words/words';
import { worstPath } from './data';
import { MetricSelect, type Shared } from './metric';
import { type Choice, wordsOf } from './metrics';
import { useSpanned } from './series';

const FIRST = 12;
const STEP = 24;
const MOST = 300;
const WIDTH = 240;
const HEIGHT = 64;
/** Finer steps would not be seen at this size. */
const POINTS = 120;

export function Multiples({ metric, offered, choose, tools, show, ...shared }: Shared & {
	metric: string;
	offered: readonly Choice[];
	choose: (metric: string) => void;
	tools: ComponentChildren;
	show: (changed: Partial<ServiceView>, replace?: boolean) => void;
}) {
	const { service, span, view } = shared;
	const [length, setLength] = useState(FIRST);
	const page = useResource<Page<Instance>>(worstPath(service.id, length), ['verdicts']);
	const rows = useLatest(page.data)?.items ?? [];
	const instance = rows.map((i) => i.id).join(',');
	const shown = useSpanned(`hosts ${instance} ${metric} ${view.growth}`, span, async (asked) => {
		const path = `/series${query({ instance, metric, from: asked.from, to: asked.to, points: Math.min(asked.points, POINTS), delta: view.growth ? 'true' : undefined })}`;
		return { path, answer: instance === '' ? undefined : await get<SeriesAnswer>(path) };
	});
	const data = shown.resource.data.value;
	const built = useMemo(() => (data?.answer ? buildModel(data.answer, { hide: view.hide }) : undefined), [data, view.hide.join()]);
	const model = useStanding(built, shown.pending, shown.span);
	const figure = useRef<HTMLElement>(null);
	return (
		<figure ref={figure} class={`chart ${shown.pending ? 'pending' : ''}`}>
			<figcaption>
				<MetricSelect metric={metric} offered={offered} choose={choose} />
				{tools}
				<ChartMenu name={`${service.name} ${wordsOf(metric)}`} model={() => model} path={data?.path} figure={figure} />
			</figcaption>
			<ChartBody resource={shown.resource} data={model}>
				{(m) => <Tiles model={m} rows={rows} {...shared} />}
			</ChartBody>
			{rows.length < Math.min(service.instances, MOST) && rows.length >= length && (
				<p class="more">
					<button type="button" class="button" onClick={() => setLength(Math.min(length + STEP, MOST))}>
						{t('Show {n} more of {all}', { n: Math.min(STEP, service.instances - length), all: service.instances })}
					</button>
				</p>
			)}
		</figure>
	);
}

function Tiles({ model, rows, service, view, crosshair, colourOf }: Shared & { model: Model; rows: readonly Instance[] }) {
	const [low, high] = useMemo(() => {
		const all = model.lines.flatMap((l) => l.values.filter((v): v is number => typeof v === 'number'));
		return valueRange(all.reduce((a, b) => Math.min(a, b), Infinity), all.reduce((a, b) => Math.max(a, b), -Infinity), model.unit);
	}, [model]);
	const format = (v: number) => (v === 0 ? '0' : quantity(v, model.unit));
	return (
		<>
			<p class="quiet">{t('All from {low} to {high}.', { low: format(low), high: format(high) })}</p>
			<ul class="multiples">
				{rows.map((i) => {
					const lines = model.lines.filter((l) => l.instance === i.id);
					return <Tile key={i.id} instance={i} lines={lines} model={model} low={low} high={high} crosshair={crosshair} colourOf={colourOf}
						to={href.service(service.id, { ...view, as: 'kinds', of: i.id })} />;
				})}
			</ul>
		</>
	);
}

/** Broken at gaps. */
function path(line: Line, model: Model, low: number, high: number): string {
	let out = '';
	let pen = false;
	line.values.forEach((v, i) => {
		if (v === null) pen = false;
		if (typeof v !== 'number') return;
		const x = (((model.times[i] as number) * 1000 - model.from) / (model.end - model.from)) * WIDTH;
		const y = HEIGHT - ((v - low) / (high - low)) * (HEIGHT - 4) - 2;
		out += `${pen ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
		pen = true;
	});
	return out;
}

function Tile({ instance: i, lines, model, low, high, crosshair, colourOf, to }: {
	instance: Instance;
	lines: readonly Line[];
	model: Model;
	low: number;
	high: number;
	crosshair: Signal<Crosshair | null>;
	colourOf: (versionId: number) => number;
	to: string;
}) {
	const paths = useMemo(() => lines.map((l) => path(l, model, low, high)), [lines.length, model, low, high]);
	const known = lines.flatMap((l) => l.values.filter((v): v is number => typeof v === 'number'));
	const last = known.at(-1);
	const name = `${lines[0]?.name ?? i.host.name}`;
	const marks = model.marks.filter((m) => m.instance === i.id && m.at_ms >= model.from && m.at_ms <= model.end);
	const gaps = model.gaps.filter((g) => g.host === i.host.name);
	const x = (ms: number) => ((ms - model.from) / (model.end - model.from)) * WIDTH;
	const move = (event: PointerEvent) => {
		const box = (event.currentTarget as Element).getBoundingClientRect();
		crosshair.value = { at: model.from + ((event.clientX - box.left) / box.width) * (model.end - model.from), owner: 'tiles' };
	};
	return (
		<li>
			<a href={to} class={`multiple v-${i.verdict}`} title={said(i.summary)}>
				<span class="multiple-head">
					<VerdictGlyph verdict={i.verdict} />
					<span class="who" title={i.host.name}>{name}</span>
					<span class="sr-only">{VERDICT_WORDS[i.verdict]}</span>
					<span class="quiet"><VersionName version={i.version.version} /></span>
				</span>
				<svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" onPointerMove={move} onPointerLeave={() => { crosshair.value = null; }}>
					{gaps.map((g) => <rect key={g.from_ms} class="lost" x={x(g.from_ms)} width={Math.max(2, x(g.to_ms) - x(g.from_ms))} y="0" height={HEIGHT} />)}
					{paths.map((d, k) => <path key={k} d={d} class={`line-${(colourOf(lines[k]?.version.id ?? 0) % VERSION_COLOURS) + 1}`} />)}
					{marks.map((m, k) => <line key={k} class={`m-${m.kind}`} x1={x(m.at_ms)} x2={x(m.at_ms)} y1="0" y2={m.kind === 'restart' ? 6 : HEIGHT} />)}
					<Cross crosshair={crosshair} x={x} />
				</svg>
				<Said lines={lines} model={model} crosshair={crosshair} last={last} />
			</a>
		</li>
	);
}

function Cross({ crosshair, x }: { crosshair: Signal<Crosshair | null>; x: (ms: number) => number }) {
	const at = crosshair.value;
	return at && <line class="cross" x1={x(at.at)} x2={x(at.at)} y1="0" y2={HEIGHT} />;
}

/** The value under the crosshair, else the last one. */
function Said({ lines, model, crosshair, last }: { lines: readonly Line[]; model: Model; crosshair: Signal<Crosshair | null>; last: number | undefined }) {
	const at = crosshair.value?.at;
	const index = at === undefined ? -1 : Math.floor((at / 1000 - (model.times[0] ?? 0)) / (model.step / 1000) + 0.5);
	const value = index < 0 ? last : lines.map((l) => l.values[index]).find((v) => typeof v === 'number');
	return (
		<span class="multiple-foot">
			<strong>{typeof value === 'number' ? quantity(value, model.unit) : t('no reading')}</strong>
			<span class="quiet">{at === undefined ? t('last') : `${date(at, zone.value)} ${clock(at, zone.value)}`}</span>
		</span>
	);
}
