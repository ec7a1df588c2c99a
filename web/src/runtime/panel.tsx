// The figures of one process: each with its unit and the time that it stands for.
import type { ComponentChildren } from 'preact';
import type { Insides, Instance } from '../api/types';
import { count, digits, memory, quantity } from '../format/number';
import { None } from '../ui/none';
import { Ago } from '../ui/time';
import { VersionName } from '../ui/verdict';
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
				<VersionName version={instance.version.version} /> · pid {instance.pid} · read <Ago ms={insides.at_ms} /></span></h2>
			<div class="heap-now">
				<p class="heap-figure">
					{insides.heap_pct === null ? <None /> : <>{digits(Math.round(insides.heap_pct * 10) / 10)}{'\u00a0'}%</>}
					<span class="quiet"> of the heap's limit in use</span>
				</p>
				<HeapScale insides={insides} />
			</div>
			<div class="tiles">
				<Tile name="Heap by space" note="in use now"><Spaces values={v} /></Tile>
				<Tile name="Outside the heap" note="held by its objects">
					<Line name="External">{kb('external_kb')}</Line>
					<Line name="of which array buffers">{kb('array_buffers_kb')}</Line>
					<Line name="Contexts">{of('native_contexts', 'count')}</Line>
					<Line name="detached" bad={(v['detached_contexts'] ?? 0) > 0}>{of('detached_contexts', 'count')}</Line>
				</Tile>
				<Tile name="Event loop" note="since the reading before">
					<Line name="Delay, 99 %">{of('loop_delay_p99_us', 'us')}</Line>
					<Line name="Delay, longest">{of('loop_delay_max_us', 'us')}</Line>
					<Line name="Busy">{of('loop_busy_permille', '1/1000')}</Line>
				</Tile>
				<Tile name="Collections" note="since it started">
					<Line name="All">{of('gc_count', 'count')}{beside(insides.per_second['gc_count'], (n) => `${digits(n * 60)}/min`)}</Line>
					<Line name="Full">{of('gc_full_count', 'count')}</Line>
					<Line name="Time">{of('gc_ms', 'ms')}{beside(insides.per_second['gc_ms'], (n) => `${digits(n / 10)}\u00a0% of the time`)}</Line>
				</Tile>
				<Tile name="It holds" note="now">
					<Line name="Resources">{of('resources', 'count')}</Line>
					<Line name="Timers">{of('timers', 'count')}</Line>
					<Line name="Most listeners on one event">{of('listeners', 'count')}</Line>
					<Line name="Connections in backlog">{of('backlog', 'count')}</Line>
				</Tile>
				<Tile name="Load" note="over the last minutes">
					<Line name="Requests">{rate('requests', (n) => `${digits(n)}/s`)}</Line>
					<Line name="since it started">{figure(v['requests'], count)}</Line>
					<Line name="Memory kept per request" help="Growth of memory by requests, both as of the last hours">{perRequest(instance.rate, insides.per_second['requests']) ?? <None />}</Line>
				</Tile>
			</div>
			<p class="quiet">{costSentence(insides)}</p>
			{insides.problem && <p class="stale">{insides.problem}</p>}
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

function Tile({ name, note, children }: { name: string; note: string; children: ComponentChildren }) {
	return (
		<section class="tile">
			<h3>{name} <span class="quiet">{note}</span></h3>
			<dl>{children}</dl>
		</section>
	);
}

function Line({ name, bad = false, help, children }: { name: string; bad?: boolean; help?: string; children: ComponentChildren }) {
	return <div><dt title={help}>{name}</dt><dd class={bad ? 'warn' : ''}>{children}</dd></div>;
}

function Spaces({ values }: { values: Insides['values'] }) {
	const known = spaces(values);
	const all = known.reduce((n, s) => n + s.kb, 0);
	if (known.length === 0) return <Line name="Spaces"><None /></Line>;
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
