// Two snapshots side by side: of one process, of two hosts, of two versions.
import type { ComponentChildren } from 'preact';
import { useResource } from '../api/resource';
import { query } from '../api/client';
import type { Comparison, SnapshotRow } from '../api/types';
import { type ComparisonView, href } from '../app/address';
import { useTitle } from '../app/title';
import { bytes, count } from '../format/number';
import { duration } from '../format/time';
import { Loaded } from '../ui/states';
import { None } from '../ui/none';
import { When } from '../ui/time';
import { VersionName } from '../ui/verdict';
import { t } from '../words/words';
import { Arithmetic } from './arithmetic';
import { Changes } from './changes';
import { Kind } from './heap';
import { Pickers } from './pick';
import { GrowthVerdict } from './verdict';
import { seat, signedBytes, signedCount } from './words';

const LIMIT = 1000;

export function ComparisonPage({ before, after, view }: { before: number; after: number; view: ComparisonView }) {
	const path = `/snapshots/${after}/compare${query({ with: before, limit: LIMIT })}`;
	const resource = useResource<Comparison>(path, []);
	useTitle(t('Comparison'));
	return (
		<Loaded resource={resource} page>
			{(c) => (
				<>
					<Head comparison={c} view={view} />
					{c.growth && <GrowthVerdict growth={c.growth} kind={c.after.kind} />}
					{c.arithmetic && <Arithmetic of={c.arithmetic} />}
					<Sides comparison={c} />
					<Changes comparison={c} view={view} />
				</>
			)}
		</Loaded>
	);
}

/** What kind of comparison this is, in a sentence. Pure. */
export function compared(c: Pick<Comparison, 'before' | 'after' | 'same_process' | 'growth'>): string {
	const { before, after } = c;
	const apart = duration(Math.abs(after.taken_at_ms - before.taken_at_ms));
	const runtimes = before.kind === 'jvm' || after.kind === 'jvm';
	if (before.kind !== after.kind)
		return runtimes ? t('Snapshots of two runtimes: their classes have nothing in common, not even where a name is the same.')
			: (c.same_process ? `${t('The same process, {apart} apart.', { apart })} ` : '')
				+ t('One of them is shallow: counts and own sizes are compared, and what is retained is not known.');
	if (c.same_process) {
		const how = t(c.growth && after.kind !== 'jvm' ? 'The objects themselves were compared as well.' : 'Compared class by class.');
		return `${t('The same process, {apart} apart.', { apart })} ${how}`;
	}
	const other = [
		before.service.id !== after.service.id && t('services'), before.version.id !== after.version.id && t('versions'),
		before.host.id !== after.host.id && t('hosts')].filter(Boolean);
	const what = other.join(` ${t('and')} `) || t('processes');
	return t('Two {what}: classes are matched by name and by where they are written.', { what });
}

function Head({ comparison: c, view }: { comparison: Comparison; view: ComparisonView }) {
	const { before, after } = c;
	return (
		<header class="page-head">
			<div>
				<p class="crumb"><a href={href.snapshots(after.service.id)}>{t('{name}: snapshots', after.service)}</a></p>
				<h1>{t('{name}: what has changed', after.service)}</h1>
				<p class="lead">{compared(c)}</p>
				<Pickers before={before} after={after} view={view} />
			</div>
		</header>
	);
}

/** The two as wholes. */
function Sides({ comparison: { before, after } }: { comparison: Comparison }) {
	const sizes = signedBytes(after.total_bytes - before.total_bytes);
	const rows: [string, (row: SnapshotRow) => ComponentChildren, string?][] = [
		[t('Taken'), (row) => <a href={href.snapshot(row.id)}><When ms={row.taken_at_ms} /></a>],
		[t('Instance'), (row) => `${seat(row)}, ${t('process {pid}', { pid: row.pid })}`],
		[t('Version'), (row) => <VersionName version={row.version.version} />],
		[t('Kind'), (row) => <Kind kind={row.kind} />],
		[t('Heap'), (row) => bytes(row.total_bytes), sizes],
		[t('Objects'), (row) => count(row.node_count), signedCount(after.node_count - before.node_count)],
		[t('Up for'), (row) => row.uptime_ms === null ? <None /> : duration(row.uptime_ms)],
		[t('Requests'), (row) => row.requests === null ? <None /> : count(row.requests)],
	];
	return (
		<div class="scroll part" tabIndex={0} role="region" aria-label={t('The two snapshots')}>
			<table class="grid compact sides">
				<thead>
					<tr>
						<td />
						<th scope="col">{t('Before')}</th>
						<th scope="col">{t('After')}</th>
						<th scope="col" class="num">{t('Difference')}</th>
					</tr>
				</thead>
				<tbody>
					{rows.map(([name, of, delta]) => (
						<tr key={name}>
							<th scope="row">{name}</th>
							<td>{of(before)}</td>
							<td>{of(after)}</td>
							<td class="num">{delta}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
