// Two fingerprints: which packages differ, the changed ones first.
import { useMemo } from 'preact/hooks';
import { usePages, useResource } from '../api/resource';
import type { FingerprintDiff, FingerprintRow } from '../api/types';
import { type DifferenceView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { count } from '../format/number';
import { CopyButton } from '../ui/copy';
import { None } from '../ui/none';
import { Search } from '../ui/search';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { useWindow } from '../ui/window';
import { Remarks } from './remarks';
import { type DiffRow, diffRows, diffSentence, diffText, fieldWords, filtered, labelOf } from './words';

const OTHERS = 200;

export function DifferencePage({ before, after, view }: { before: number; after: number; view: DifferenceView }) {
	const diff = useResource<FingerprintDiff>(`/fingerprints/diff?from=${before}&to=${after}`, []);
	const d = diff.data.value;
	useTitle(d ? `${d.from.service.name}: ${labelOf(d.from)} against ${labelOf(d.to)}` : 'Fingerprints');
	return <Loaded resource={diff} page>{(found) => <Difference diff={found} view={view} />}</Loaded>;
}

function Difference({ diff, view }: { diff: FingerprintDiff; view: DifferenceView }) {
	const { from, to } = diff;
	return (
		<>
			<header class="page-head service-head">
				<div>
					<p class="crumb"><a href={href.fingerprints(to.service.id)}>{to.service.name}: fingerprints</a></p>
					<h1>{labelOf(from)} against {labelOf(to)}</h1>
					<p class="lead">{diffSentence(diff)}{diff.is_cut && ' More differ than are listed, or a list is not whole.'}</p>
				</div>
			</header>
			<div class="pickers">
				<Pick label="Before" chosen={from} choose={(id) => go(href.difference(id, to.id, view))} />
				<button type="button" class="icon-button" aria-label="Swap before and after" title="Swap"
					onClick={() => go(href.difference(to.id, from.id, view))}>⇄</button>
				<Pick label="After" chosen={to} choose={(id) => go(href.difference(from.id, id, view))} />
			</div>
			<Fields diff={diff} />
			<Packages diff={diff} view={view} />
		</>
	);
}

function Pick({ label, chosen, choose }: { label: string; chosen: FingerprintRow; choose: (id: number) => void }) {
	const stored = usePages<FingerprintRow>(`/services/${chosen.service.id}/fingerprints`, { limit: OTHERS }, []).data.value ?? [];
	const rows = stored.some((r) => r.id === chosen.id) ? stored : [chosen, ...stored];
	return (
		<div class="pick-side">
			<label class="picker">
				<span>{label}</span>
				<select value={chosen.id} onChange={(e) => choose(Number(e.currentTarget.value))}>
					{rows.map((r) => <option key={r.id} value={r.id} selected={r.id === chosen.id}>{labelOf(r)}</option>)}
				</select>
			</label>
			<p class="quiet">
				first seen <Ago ms={chosen.first_seen_at_ms} />, runs on {count(chosen.instances)} now ·{' '}
				<a href={href.fingerprint(chosen.id)}>{count(chosen.packages)} packages</a>
			</p>
			<Remarks of={chosen} />
		</div>
	);
}

function Fields({ diff }: { diff: FingerprintDiff }) {
	if (diff.fields.length === 0) return null;
	return (
		<section class="part">
			<h2>What else differs</h2>
			<div class="scroll" tabIndex={0} role="region" aria-label="What else differs">
				<table class="grid compact fields-table">
					<thead><tr><th scope="col">Field</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
					<tbody>
						{diff.fields.map((f) => (
							<tr key={f.name}>
								<th scope="row">{fieldWords(f.name)}</th>
								<td class="mono">{f.from || <None />}</td>
								<td class="mono">{f.to || <None />}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</section>
	);
}

function Packages({ diff, view }: { diff: FingerprintDiff; view: DifferenceView }) {
	const all = useMemo(() => diffRows(diff), [diff]);
	const rows = useMemo(() => filtered(all, view), [all, view.q, view.show]);
	const { shown, rest } = useWindow(rows, `${diff.from.id}|${diff.to.id}|${view.q}|${view.show}`);
	const show = (changed: Partial<DifferenceView>) => go(href.difference(diff.from.id, diff.to.id, { ...view, ...changed }), { replace: true });
	const kinds = [['', 'All', all.length], ['changed', 'Changed', diff.changed.length], ['added', 'Added', diff.added.length],
		['removed', 'Removed', diff.removed.length]] as const;
	return (
		<section class="part">
			<div class="toolbar part-bar">
				<h2>Packages</h2>
				<div class="changes-tools">
					<div class="segments" role="group" aria-label="Which packages">
						{kinds.map(([id, name, n]) => (
							<button type="button" key={id} aria-pressed={view.show === id} onClick={() => show({ show: id })}>{name} {count(n)}</button>
						))}
					</div>
					<Search label="Find a package" value={view.q} set={(q) => show({ q })} />
					<CopyButton text={() => diffText(diff, rows)} name="Copy" what="These rows as lines of text" />
				</div>
			</div>
			{rows.length === 0 ? <p class="quiet" role="status">{all.length === 0 ? 'No package differs.' : 'No package matches.'}</p> : (
				<div class="scroll" tabIndex={0} role="region" aria-label="Packages">
					<table class="grid compact diff">
						<thead><tr><th scope="col">Package</th><th scope="col">What</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
						<tbody>{shown.map((r) => <Row key={`${r.kind}|${r.name}`} row={r} />)}</tbody>
					</table>
				</div>
			)}
			{rest}
		</section>
	);
}

const SIGNS = { changed: '~', added: '+', removed: '−' } as const;

function Row({ row: r }: { row: DiffRow }) {
	return (
		<tr class={`d-${r.kind}`}>
			<th scope="row"><a class="package" href={href.packages({ name: r.name })}>{r.name}</a></th>
			<td class="c-what"><span aria-hidden="true">{SIGNS[r.kind]} </span>{r.kind}</td>
			<td class="mono"><Versions name={r.name} of={r.from} /></td>
			<td class="mono"><Versions name={r.name} of={r.to} /></td>
		</tr>
	);
}

function Versions({ name, of }: { name: string; of: readonly string[] }) {
	if (of.length === 0) return <None />;
	return <>{of.map((version, i) => <span key={version}>{i > 0 && ', '}<a href={href.packages({ name, version })} title={`Who runs ${name}@${version}`}>{version}</a></span>)}</>;
}
