// The figures of one process: each with its unit and the time that it stands for.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Insides, Instance } from '../api/types';
import { count, digits, memory, quantity } from '../format/number';
import { None } from '../ui/none';
import { Ago } from '../ui/time';
import { VersionName } from '../ui/verdict';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { HeapScale } from './bars';
import { costSentence, perRequest, spaces } from './words';

export function Panel({ insides, instance }: { insides: Insides; instance: Instance }) {
	const v = insides.values;
	const kb = (key: string) => figure(v[key], (n) => memory(n));
	const of = (key: string, unit: string) => figure(v[key], (n) => quantity(n, unit));
	const rate = (key: string, say: (n: number) => string) => figure(insides.per_second[key], say);
	return (
		<section class="part runtime" aria-labelledby="runtime-title">
			<h2 id="runtime-title">{instance.host.name} #{instance.ordinal} <span class="quiet">
				<VersionName version={instance.version.version} /> · {rich('pid {pid} · read {when}', { pid: instance.pid, when: <Ago ms={insides.at_ms} /> })}</span></h2>
			<div class="heap-now">
				<p class="heap-figure">
					{insides.heap_pct === null ? <None /> : <>{digits(Math.round(insides.heap_pct * 10) / 10)}{'\u00a0'}%</>}
					<span class="quiet"> {t('of the heap’s limit in use')}</span>
				</p>
				<HeapScale insides={insides} />
			</div>
			<div class="tiles">
				<Tile name={t('Heap by space')} note={t('in use now')}><Spaces values={v} /></Tile>
				<Tile name={t('Outside the heap')} note={t('held by its objects')}>
					<Line name={t('External')}>{kb('external_kb')}</Line>
					<Line name={t('of which array buffers')}>{kb('array_buffers_kb')}</Line>
					<Line name={t('Contexts')}>{of('native_contexts', 'count')}</Line>
					<Line name={t('detached')} bad={(v['detached_contexts'] ?? 0) > 0}>{of('detached_contexts', 'count')}</Line>
				</Tile>
				<Tile name={t('Event loop')} note={t('since the reading before')}>
					<Line name={t('Delay, 99 %')}>{of('loop_delay_p99_us', 'us')}</Line>
					<Line name={t('Delay, longest')}>{of('loop_delay_max_us', 'us')}</Line>
					<Line name={t('Busy')}>{of('loop_busy_permille', '1/1000')}</Line>
				</Tile>
				<Tile name={t('Collections')} note={t('since it started')}>
					<Line name={t('All')}>{of('gc_count', 'count')}{beside(insides.per_second['gc_count'], (n) => t('{n}/min', { n: digits(n * 60) }))}</Line>
					<Line name={t('Full')}>{of('gc_full_count', 'count')}</Line>
					<Line name={t('Time')}>{of('gc_ms', 'ms')}{beside(insides.per_second['gc_ms'], (n) => t('{n} % of the time', { n: digits(n / 10) }))}</Line>
				</Tile>
				<Tile name={t('It holds')} note={t('now')}>
					<Line name={t('Resources')}>{of('resources', 'count')}</Line>
					<Line name={t('Timers')}>{of('timers', 'count')}</Line>
					<Line name={t('Most listeners on one event')}>{of('listeners', 'count')}</Line>
					<Line name={t('Connections in backlog')}>{of('backlog', 'count')}</Line>
				</Tile>
				<Tile name={t('Load')} note={t('over the last minutes')}>
					<Line name={t('Requests')}>{rate('requests', (n) => `${digits(n)}/s`)}</Line>
					<Line name={t('since it started')}>{figure(v['requests'], count)}</Line>
					<Line name={t('Memory kept per request')} help={t('Growth of memory by requests, both as of the last hours')}>{perRequest(instance.rate, insides.per_second['requests']) ?? <None />}</Line>
				</Tile>
			</div>
			<p class="quiet">{costSentence(insides)}</p>
			{insides.problem && <p class="stale">{said(insides.problem)}</p>}
		</section>
	);
}

/** What goes on now, beside a total. */
function beside(value: number | null | undefined, say: (value: number) => string): ComponentChildren {
	return typeof value === 'number' && <span class="quiet"> {say(value)}</span>;
}

function figure(value: number | null | undefined, say: (value: number) => string): ComponentChildren {
	return typeof value === 'number' ? say(value) : <None />;
}

/** Folded where there is little room; its first figure says whether to open it. */
function Tile({ name, note, children }: { name: string; note: string; children: ComponentChildren }) {
	const [wide] = useState(() => !matchMedia('(max-width: 600px)').matches);
	return (
		<details class="tile" open={wide}>
			<summary><h3>{name} <span class="quiet">{note}</span></h3></summary>
			<dl>{children}</dl>
		</details>
	);
}

function Line({ name, bad = false, help, children }: { name: string; bad?: boolean; help?: string; children: ComponentChildren }) {
	return <div><dt title={help}>{name}</dt><dd class={bad ? 'warn' : ''}>{children}</dd></div>;
}

function Spaces({ values }: { values: Insides['values'] }) {
	const known = spaces(values);
	const all = known.reduce((n, s) => n + s.kb, 0);
	if (known.length === 0) return <Line name={t('Spaces')}><None /></Line>;
	return (
		<>
			{known.map((s) => (
				<div key={s.name} class="space">
					<dt>{s.name}</dt>
					<dd><span class="bar share" aria-hidden="true"><span style={{ width: `${(s.kb / Math.max(all, 1)) * 100}%` }} /></span> {memory(s.kb)}</dd>
				</div>
			))}
		</>
	);
}
