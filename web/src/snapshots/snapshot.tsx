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
import { rich, t } from '../words/words';
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
	useTitle(snapshot ? t('Snapshot of {name}', snapshot.service) : t('Snapshot'));
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
					<Holders title={t('Accumulators')} rows={s.accumulators}
						help={t('Objects that keep many others of one class alive: if those grow, here is where.')} />
					<Holders title={t('Fan-out')} rows={s.fanout}
						help={t('Objects that refer to many of one class, whether or not others do too.')} />
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
				<p class="crumb"><a href={href.snapshots(s.service.id)}>{t('{name}: snapshots', s.service)}</a></p>
				<h1>{rich('Heap of {name}, {when}', { name: s.service.name, when: <When ms={s.taken_at_ms} /> })}</h1>
				<p class="lead">
					{rich('{seat}, version {version}, process {pid} · {cause}',
						{ seat: seat(s), version: <VersionName version={s.version.version} />, pid: s.pid, cause: causeWords(s.cause) })}
				</p>
			</div>
			<dl class="figures">
				<div><dt>{t('Heap')}</dt><dd>{bytes(s.total_bytes)}</dd></div>
				<div><dt>{t('Objects')}</dt><dd>{count(s.node_count)}</dd></div>
				<div><dt>{t('Classes')}</dt><dd>{count(s.class_count)}</dd></div>
				<div><dt>{t('Pause it cost')}</dt><dd>{s.pause_ms === null ? '–' : pause(s.pause_ms)}</dd></div>
			</dl>
		</header>
	);
}

/** How far the numbers can be trusted. */
function Mode({ snapshot: s }: { snapshot: Snapshot }) {
	return (
		<p class={`mode ${s.kind === 'v8-shallow' ? 'notice' : ''}`}>
			<strong class="mode-kind"><Kind kind={s.kind} /></strong>
			{s.kind === 'v8' && t(': every object and reference was read.')}
			{s.kind === 'v8-shallow' && `${t(': objects were counted, references were not followed.')} ${sentence(s.why_shallow)}`}
			{s.kind === 'jvm' && t(': live objects by class, as the JVM counts them.')}
			{s.rules !== '' && ` ${t('Numbers as {rules} shows them.', { rules: s.rules })}`}
		</p>
	);
}

function InFull({ snapshot: s }: { snapshot: Snapshot }) {
	if (s.growth?.before == null) return null;
	return <p><a class="button" href={href.comparison(s.growth.before, s.id)}>{t('Compare class by class')}</a></p>;
}

const WORDS = {
	process: t('the same process, before'), version: t('another version'), host: t('another host') } as const;

function CompareWith({ snapshot: s }: { snapshot: Snapshot }) {
	const rows = usePages<SnapshotRow>(`/services/${s.service.id}/snapshots`, { limit: OTHERS }, ['snapshots']).data.value;
	const offered = suggestions(s, rows ?? []);
	if (offered.length === 0) return null;
	return (
		<nav class="compare-with" aria-label={t('Compare with')}>
			<span class="quiet">{t('Compare with')}</span>
			{offered.map(({ why, row }) => (
				<a key={why} class="chip" href={href.comparison(row.id, s.id)}>
					{WORDS[why]}
					<span class="n">
						{why === 'version' ? row.version.version || t('unknown') : why === 'host' ? row.host.name : ''}{' '}
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
		[t('Runtime'), s.runtime || undefined],
		[t('Taken'), routeWords(s.route)],
		[t('Process up for'), s.uptime_ms === null ? undefined : duration(s.uptime_ms)],
		[t('Requests served'), s.requests === null ? undefined : count(s.requests)],
		[t('Heap in use'), size(s.heap_used_bytes)],
		[t('Heap limit'), size(s.heap_limit_bytes)],
		[t('External memory'), size(s.external_bytes)],
		[t('Peak of the process'), size(s.peak_rss_bytes)],
		[t('References'), s.edge_count > 0 ? count(s.edge_count) : undefined],
		[t('Snapshot streamed'), s.stream_bytes > 0 ? bytes(s.stream_bytes) : undefined],
		[t('Read in'), s.analysis_ms === null ? undefined : pause(s.analysis_ms)],
	];
	return (
		<section class="part">
			<h2>{t('The capture')}</h2>
			<dl class="facts">
				{facts.map(([name, value]) => value !== undefined && <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
			</dl>
		</section>
	);
}
