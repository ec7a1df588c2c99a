// How storing goes: does it keep up, how far are agents and compaction behind, what takes room.
import '../styles/storage.css';
import { type Signal, useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import { AgentTabs } from '../agents/tabs';
import { type Resource, useResource } from '../api/resource';
import type { Storage } from '../api/types';
import { RANGES, STORAGE_HOURS, type StorageView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { ChartBody } from '../chart/body';
import { Chart, type Crosshair } from '../chart/chart';
import { linesModel } from '../chart/lines';
import { ChartMenu } from '../chart/menu';
import { Swatch } from '../chart/swatch';
import { bytes, count, digits } from '../format/number';
import { Loaded } from '../ui/states';
import { t } from '../words/words';
import { STAGES, type State, dayWords, states, title } from './words';

const HOURS: Record<StorageView['hours'], string> = { 1: RANGES['1h'].name, 24: RANGES['24h'].name, 168: RANGES['7d'].name };
const SAME = (id: number) => id;

export function StoragePage({ view }: { view: StorageView }) {
	useTitle(t('Storage'));
	const path = `/storage${view.hours === 1 ? '' : `?hours=${view.hours}`}`;
	const storage = useResource<Storage>(path, ['agents', 'samples']);
	return (
		<Loaded resource={storage} page>
			{(s) => (
				<>
					<header class="page-head">
						<h1>{title(s)}</h1>
						<Figures of={s} />
					</header>
					<AgentTabs current="storage" />
					<States of={s} />
					<Charts resource={storage} of={s} view={view} />
					<Stages of={s} />
					{s.ingest.collectors.length > 1 && <Collectors of={s} />}
				</>
			)}
		</Loaded>
	);
}

function Figures({ of: s }: { of: Storage }) {
	const ratio = s.chunks.bytes_per_value;
	return (
		<dl class="figures">
			<div><dt>{t('Readings a second')}</dt><dd>{digits(s.ingest.readings_per_s)}</dd></div>
			<div><dt>{t('Last transaction')}</dt><dd>{digits(s.ingest.commit_last_ms)}{'\u00a0'}ms</dd></div>
			<div><dt>{t('Database')}</dt><dd>{bytes(s.database_bytes)}</dd></div>
			<div><dt>{t('Bytes a value')}</dt><dd>{ratio === null ? '–' : ratio.toFixed(2)}</dd></div>
		</dl>
	);
}

function States({ of: s }: { of: Storage }) {
	return (
		<dl class="storage-states">
			{states(s).map((state) => <Line key={state.name} state={state} />)}
		</dl>
	);
}

/** The state has a shape, too, and bad ones a word for listeners. */
function Line({ state }: { state: State }) {
	return (
		<div>
			<dt class={state.good ? 'v-steady' : 'v-leak'}>
				<span aria-hidden="true">{state.good ? '●' : '▲'}</span>{' '}
				<span class="name">{state.name}</span>
				{!state.good && <span class="sr-only">{t(': needs attention')}</span>}
			</dt>
			<dd>
				{state.words}
				<p class="quiet">{state.help}</p>
			</dd>
		</div>
	);
}

type Line = 'readings_per_s' | 'commit_mean_ms' | 'commit_longest_ms' | 'backlog_bytes' | 'lag_ms';
const CHARTS: { name: string; unit: string; readings: [string, Line][] }[] = [
	{ name: t('Readings a second'), unit: '/s', readings: [[t('stored'), 'readings_per_s']] },
	{ name: t('Time of a transaction'), unit: 'ms', readings: [[t('mean'), 'commit_mean_ms'], [t('longest'), 'commit_longest_ms']] },
	{ name: t('In the spools of agents'), unit: 'bytes', readings: [[t('not sent'), 'backlog_bytes']] },
	{ name: t('The slowest agent is behind'), unit: 'ms', readings: [[t('behind'), 'lag_ms']] },
];

function Charts({ resource, of: s, view }: { resource: Resource<Storage>; of: Storage; view: StorageView }) {
	const crosshair = useSignal<Crosshair | null>(null);
	const known = s.history.readings_per_s.some((v) => v !== null);
	return (
		<section class="part" aria-label={t('History')}>
			<div class="storage-bar">
				<h2>{t('Lately')}</h2>
				<div class="segments" role="group" aria-label={t('Time range')}>
					{STORAGE_HOURS.map((hours) => (
						<button type="button" key={hours} aria-pressed={view.hours === hours} onClick={() => go(href.storage({ hours }))}>{HOURS[hours]}</button>
					))}
				</div>
			</div>
			{known ? (
				<div class="charts storage-charts">
					{CHARTS.map((c) => <One key={c.name} {...c} path={`/storage?hours=${view.hours}`} resource={resource} of={s} crosshair={crosshair} />)}
				</div>
			) : <p class="quiet">{t('Nothing was stored in this time. The first minute is shown when it is over.')}</p>}
		</section>
	);
}

function One({ path, resource, of: s, name, unit, readings, crosshair }: (typeof CHARTS)[number] & {
	path: string;
	resource: Resource<Storage>;
	of: Storage;
	crosshair: Signal<Crosshair | null>;
}) {
	const figure = useRef<HTMLElement>(null);
	const model = useMemo(() => {
		const { from_ms, step_ms, ...lines } = s.history;
		const to_ms = from_ms + step_ms * lines.readings_per_s.length;
		return linesModel({ unit, from_ms, to_ms, step_ms, readings: readings.map(([as, line]) => ({ name: as, values: lines[line] })) });
	}, [s]);
	if (readings.every(([, line]) => s.history[line].every((v) => !v)))
		return <figure class="chart"><figcaption><strong>{name}</strong></figcaption><p class="note">{t('Nothing in this time.')}</p></figure>;
	return (
		<figure ref={figure} class="chart">
			<figcaption>
				<strong>{name}</strong>
				{readings.length > 1 && readings.map(([as], i) => <span class="key" key={as}><Swatch index={i} /> {as}</span>)}
				<ChartMenu name={name} model={() => model} path={path} figure={figure} />
			</figcaption>
			<ChartBody resource={resource} data={model}>
				{(m) => <Chart name={name} model={m} crosshair={crosshair} colourOf={SAME} zoom={() => undefined} reset={() => undefined} />}
			</ChartBody>
		</figure>
	);
}

function Stages({ of: s }: { of: Storage }) {
	const most = Math.max(1, ...s.stages.map((stage) => stage.bytes));
	const words = dayWords(s);
	return (
		<section class="part">
			<h2>{t('Where readings are')}</h2>
			{words && <p class="lead">{words}</p>}
			<div class="scroll" tabIndex={0} role="region" aria-label={t('Where readings are')}>
				<table class="grid compact storage-stages">
					<thead>
						<tr>
							<th scope="col">{t('Stage')}</th>
							<th scope="col" class="num">{t('Rows')}</th>
							<th scope="col" class="num">{t('Room')}</th>
							<th scope="col" class="c-share"><span class="sr-only">{t('Share')}</span></th>
						</tr>
					</thead>
					<tbody>
						{s.stages.map((stage) => (
							<tr key={stage.name}>
								<th scope="row">{STAGES[stage.name].name}<p class="summary">{STAGES[stage.name].help}</p></th>
								<td class="num">{stage.rows === null ? '' : count(stage.rows)}</td>
								<td class="num">{bytes(stage.bytes)}</td>
								<td class="c-share">
									<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
										<rect width={Math.max(0.5, (100 * stage.bytes) / most)} height="8" />
									</svg>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</section>
	);
}

function Collectors({ of: s }: { of: Storage }) {
	return (
		<section class="part">
			<h2>{t('Servers that store')}</h2>
			<div class="scroll" tabIndex={0} role="region" aria-label={t('Servers that store')}>
				<table class="grid compact storage-stages">
					<thead><tr><th scope="col">{t('Server and process')}</th><th scope="col" class="num">{t('Readings a second')}</th></tr></thead>
					<tbody>
						{s.ingest.collectors.map((c) => (
							<tr key={c.name}><th scope="row">{c.name}</th><td class="num">{digits(c.readings_per_s)}</td></tr>
						))}
					</tbody>
				</table>
			</div>
		</section>
	);
}
