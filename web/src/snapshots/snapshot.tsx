// One snapshot: where and when, what grows, what it consists of, its classes and holders.
import { usePages, useResource } from '../api/resource';
import type { Snapshot, SnapshotRow } from '../api/types';
import { type ClassesView, href } from '../app/address';
import { useTitle } from '../app/title';
import { bytes, count } from '../format/number';
import { duration } from '../format/time';
import { mayAct } from '../session/session';
import { Loaded } from '../ui/states';
import { When } from '../ui/time';
import { VersionName } from '../ui/verdict';
import { Classes } from './classes';
import { Kind } from './heap';
import { Holders } from './holders';
import { RawPanel } from './raw';
import { Statistics } from './statistics';
import { suggestions } from './suggest';
import { GrowthVerdict, NotCompared } from './verdict';
import { causeWords, pause, routeWords, seat, sentence } from './words';

const OTHERS = 200;

export function SnapshotPage({ id, view }: { id: number; view: ClassesView }) {
	const resource = useResource<Snapshot>(`/snapshots/${id}`, ['snapshots']);
	const snapshot = resource.data.value;
	useTitle(snapshot ? `Snapshot of ${snapshot.service.name}` : 'Snapshot');
	return (
		<Loaded resource={resource} page>
			{(s) => (
				<>
					<Head snapshot={s} />
					<Mode snapshot={s} />
					{s.growth ? <GrowthVerdict growth={s.growth} kind={s.kind}><InFull snapshot={s} /></GrowthVerdict>
						: s.kind !== 'v8-shallow' && <NotCompared instance={s.instance} service={s.service.id} kind={s.kind} mayTake={mayAct()} />}
					<CompareWith snapshot={s} />
					<Statistics snapshot={s} />
					<Classes snapshot={s} view={view} />
					<Holders title="Accumulators" rows={s.accumulators}
						help="Objects that keep many others of one class alive: if those grow, here is where." />
					<Holders title="Fan-out" rows={s.fanout}
						help="Objects that refer to many of one class, whether or not others do too." />
					<div class="two-parts">
						<RawPanel snapshot={s} changed={(after) => resource.set(after)} />
						<Facts snapshot={s} />
					</div>
				</>
			)}
		</Loaded>
	);
}

function Head({ snapshot: s }: { snapshot: Snapshot }) {
	return (
		<header class="page-head service-head">
			<div>
				<p class="crumb"><a href={href.snapshots(s.service.id)}>{s.service.name}: snapshots</a></p>
				<h1>Heap of {s.service.name}, <When ms={s.taken_at_ms} /></h1>
				<p class="lead">
					{seat(s)}, version <VersionName version={s.version.version} />, process {s.pid}
					{' '}· {causeWords(s.cause)}
				</p>
			</div>
			<dl class="figures">
				<div><dt>Heap</dt><dd>{bytes(s.total_bytes)}</dd></div>
				<div><dt>Objects</dt><dd>{count(s.node_count)}</dd></div>
				<div><dt>Classes</dt><dd>{count(s.class_count)}</dd></div>
				<div><dt>Pause it cost</dt><dd>{s.pause_ms === null ? '–' : pause(s.pause_ms)}</dd></div>
			</dl>
		</header>
	);
}

/** How far the numbers can be trusted. */
function Mode({ snapshot: s }: { snapshot: Snapshot }) {
	return (
		<p class={`mode ${s.kind === 'v8-shallow' ? 'notice' : ''}`}>
			<strong class="mode-kind"><Kind kind={s.kind} /></strong>
			{s.kind === 'v8' && ': every object and reference was read.'}
			{s.kind === 'v8-shallow' && `: objects were counted, references were not followed. ${sentence(s.why_shallow)}`}
			{s.kind === 'jvm' && ': live objects by class, as the JVM counts them.'}
			{s.rules !== '' && <> Numbers as {s.rules} shows them.</>}
		</p>
	);
}

function InFull({ snapshot: s }: { snapshot: Snapshot }) {
	if (s.growth?.before == null) return null;
	return <p><a class="button" href={href.comparison(s.growth.before, s.id)}>Compare class by class</a></p>;
}

const WORDS = {
	process: 'the same process, before', version: 'another version', host: 'another host' } as const;

function CompareWith({ snapshot: s }: { snapshot: Snapshot }) {
	const rows = usePages<SnapshotRow>(`/services/${s.service.id}/snapshots`, { limit: OTHERS }, ['snapshots']).data.value;
	const offered = suggestions(s, rows ?? []);
	if (offered.length === 0) return null;
	return (
		<nav class="compare-with" aria-label="Compare with">
			<span class="quiet">Compare with</span>
			{offered.map(({ why, row }) => (
				<a key={why} class="chip" href={href.comparison(row.id, s.id)}>
					{WORDS[why]}
					<span class="n">
						{why === 'version' ? row.version.version || 'unknown' : why === 'host' ? row.host.name : ''}{' '}
						<When ms={row.taken_at_ms} />
					</span>
				</a>
			))}
		</nav>
	);
}

function Facts({ snapshot: s }: { snapshot: Snapshot }) {
	const size = (value: number | null) => value === null ? undefined : bytes(value);
	const facts: [string, string | undefined][] = [
		['Runtime', s.runtime || undefined],
		['Taken', routeWords(s.route)],
		['Process up for', s.uptime_ms === null ? undefined : duration(s.uptime_ms)],
		['Requests served', s.requests === null ? undefined : count(s.requests)],
		['Heap in use', size(s.heap_used_bytes)],
		['Heap limit', size(s.heap_limit_bytes)],
		['External memory', size(s.external_bytes)],
		['Peak of the process', size(s.peak_rss_bytes)],
		['References', s.edge_count > 0 ? count(s.edge_count) : undefined],
		['Snapshot streamed', s.stream_bytes > 0 ? bytes(s.stream_bytes) : undefined],
		['Read in', s.analysis_ms === null ? undefined : pause(s.analysis_ms)],
	];
	return (
		<section class="part">
			<h2>The capture</h2>
			<dl class="facts">
				{facts.map(([name, value]) => value !== undefined && <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
			</dl>
		</section>
	);
}
