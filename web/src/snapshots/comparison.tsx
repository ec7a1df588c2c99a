// Two snapshots side by side: of one process, of two hosts, of two versions.
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
	useTitle('Comparison');
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
		return runtimes ? 'Snapshots of two runtimes: their classes have nothing in common, not even where a name is the same.'
			: `${c.same_process ? `The same process, ${apart} apart. ` : ''}One of them is shallow: counts and own sizes are compared, `
				+ 'and what is retained is not known.';
	if (c.same_process) {
		const how = c.growth && after.kind !== 'jvm' ? 'The objects themselves were compared as well.' : 'Compared class by class.';
		return `The same process, ${apart} apart. ${how}`;
	}
	const other = [
		before.service.id !== after.service.id && 'services', before.version.id !== after.version.id && 'versions',
		before.host.id !== after.host.id && 'hosts'].filter(Boolean);
	const what = other.length > 0 ? `Two ${other.join(' and ')}` : 'Two processes';
	return `${what}: classes are matched by name and by where they are written.`;
}

function Head({ comparison: c, view }: { comparison: Comparison; view: ComparisonView }) {
	const { before, after } = c;
	return (
		<header class="page-head">
			<div>
				<p class="crumb"><a href={href.snapshots(after.service.id)}>{after.service.name}: snapshots</a></p>
				<h1>{after.service.name}: what has changed</h1>
				<p class="lead">{compared(c)}</p>
				<Pickers before={before} after={after} view={view} />
			</div>
		</header>
	);
}

/** The two as wholes. */
function Sides({ comparison: { before, after } }: { comparison: Comparison }) {
	const sizes = signedBytes(after.total_bytes - before.total_bytes);
	const of = (row: SnapshotRow) => ({
		Taken: <a href={href.snapshot(row.id)}><When ms={row.taken_at_ms} /></a>,
		Instance: <>{seat(row)}, process {row.pid}</>,
		Version: <VersionName version={row.version.version} />,
		Kind: <Kind kind={row.kind} />,
		Heap: bytes(row.total_bytes),
		Objects: count(row.node_count),
		'Up for': row.uptime_ms === null ? <None /> : duration(row.uptime_ms),
		Requests: row.requests === null ? <None /> : count(row.requests),
	});
	const [left, right] = [of(before), of(after)];
	const deltas: Record<string, string> = { Heap: sizes, Objects: signedCount(after.node_count - before.node_count) };
	return (
		<div class="scroll part" tabIndex={0} role="region" aria-label="The two snapshots">
			<table class="grid compact sides">
				<thead>
					<tr>
						<td />
						<th scope="col">Before</th>
						<th scope="col">After</th>
						<th scope="col" class="num">Difference</th>
					</tr>
				</thead>
				<tbody>
					{(Object.keys(left) as (keyof typeof left)[]).map((name) => (
						<tr key={name}>
							<th scope="row">{name}</th>
							<td>{left[name]}</td>
							<td>{right[name]}</td>
							<td class="num">{deltas[name] ?? ''}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
