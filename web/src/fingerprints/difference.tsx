// Two fingerprints: which packages differ, the changed ones first.
import { useMemo } from 'preact/hooks';
import { usePages, useResource } from '../api/resource';
import type { FingerprintDiff, FingerprintRow } from '../api/types';
import { type DifferenceView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { count } from '../format/number';
import { CopyButton } from '../ui/copy';
import { TableMenu } from '../ui/export';
import { None } from '../ui/none';
import { Search } from '../ui/search';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { useWindow } from '../ui/window';
import { rich, t } from '../words/words';
import { Remarks } from './remarks';
import { type DiffRow, diffRows, diffSentence, diffText, fieldWords, filtered, labelOf } from './words';

const OTHERS = 200;

export function DifferencePage({ before, after, view }: { before: number; after: number; view: DifferenceView }) {
	const diff = useResource<FingerprintDiff>(`/fingerprints/diff?from=${before}&to=${after}`, []);
	const d = diff.data.value;
	useTitle(d ? `${d.from.service.name}: ${against(d)}` : t('Fingerprints'));
	return <Loaded resource={diff} page>{(found) => <Difference diff={found} view={view} />}</Loaded>;
}

function against({ from, to }: FingerprintDiff): string {
	return t('{one} against {other}', { one: labelOf(from), other: labelOf(to) });
}

function Difference({ diff, view }: { diff: FingerprintDiff; view: DifferenceView }) {
	const { from, to } = diff;
	return (
		<>
			<header class="page-head service-head">
				<div>
					<p class="crumb"><a href={href.fingerprints(to.service.id)}>{t('{name}: fingerprints', to.service)}</a></p>
					<h1>{against(diff)}</h1>
					<p class="lead">{diffSentence(diff)}{diff.is_cut && ` ${t('More differ than are listed, or a list is not whole.')}`}</p>
				</div>
			</header>
			<div class="pickers">
				<Pick label={t('Before')} chosen={from} choose={(id) => go(href.difference(id, to.id, view))} />
				<button type="button" class="icon-button" aria-label={t('Swap before and after')} title={t('Swap')}
					onClick={() => go(href.difference(to.id, from.id, view))}>⇄</button>
				<Pick label={t('After')} chosen={to} choose={(id) => go(href.difference(from.id, id, view))} />
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
				{rich('first seen {ago}, {running, plural, =0 {runs nowhere now} one {# instance runs it now} other {# instances run it now}}',
					{ ago: <Ago ms={chosen.first_seen_at_ms} />, running: chosen.instances })} ·{' '}
				<a href={href.fingerprint(chosen.id)}>{t('{n, plural, one {# package} other {# packages}}', { n: chosen.packages })}</a>
			</p>
			<Remarks of={chosen} />
		</div>
	);
}

function Fields({ diff }: { diff: FingerprintDiff }) {
	if (diff.fields.length === 0) return null;
	return (
		<section class="part">
			<h2>{t('What else differs')}</h2>
			<div class="scroll" tabIndex={0} role="region" aria-label={t('What else differs')}>
				<table class="grid compact fields-table">
					<thead><tr><th scope="col">{t('Field')}</th><th scope="col">{t('Before')}</th><th scope="col">{t('After')}</th></tr></thead>
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
	const kinds = [['', t('All'), all.length], ['changed', t('Changed'), diff.changed.length], ['added', t('Added'), diff.added.length],
		['removed', t('Removed'), diff.removed.length]] as const;
	return (
		<section class="part">
			<div class="toolbar part-bar">
				<h2>{t('Packages')}</h2>
				<div class="changes-tools">
					<div class="segments" role="group" aria-label={t('Which packages')}>
						{kinds.map(([id, name, n]) => (
							<button type="button" key={id} aria-pressed={view.show === id} onClick={() => show({ show: id })}>{name} {count(n)}</button>
						))}
					</div>
					<Search label={t('Find a package')} value={view.q} set={(q) => show({ q })} />
					<CopyButton text={() => diffText(diff, rows)} name={t('Copy')} what={t('These rows as lines of text')} />
					<TableMenu name={t('Packages')} path={`/fingerprints/diff?from=${diff.from.id}&to=${diff.to.id}`} rows={() => rows} />
				</div>
			</div>
			{rows.length === 0 ? <p class="quiet" role="status">{t(all.length === 0 ? 'No package differs.' : 'No package matches.')}</p> : (
				<div class="scroll" tabIndex={0} role="region" aria-label={t('Packages')}>
					<table class="grid compact diff">
						<thead><tr><th scope="col">{t('Package')}</th><th scope="col">{t('What')}</th><th scope="col">{t('Before')}</th><th scope="col">{t('After')}</th></tr></thead>
						<tbody>{shown.map((r) => <Row key={`${r.kind}|${r.name}`} row={r} />)}</tbody>
					</table>
				</div>
			)}
			{rest}
		</section>
	);
}

const SIGNS = { changed: '~', added: '+', removed: '−' } as const;
const CHANGES = { changed: t('changed'), added: t('added'), removed: t('removed') } as const;

function Row({ row: r }: { row: DiffRow }) {
	return (
		<tr class={`d-${r.kind}`}>
			<th scope="row"><a class="package" href={href.packages({ name: r.name })}>{r.name}</a></th>
			<td class="c-what"><span aria-hidden="true">{SIGNS[r.kind]} </span>{CHANGES[r.kind]}</td>
			<td class="mono"><Versions name={r.name} of={r.from} /></td>
			<td class="mono"><Versions name={r.name} of={r.to} /></td>
		</tr>
	);
}

function Versions({ name, of }: { name: string; of: readonly string[] }) {
	if (of.length === 0) return <None />;
	return <>{of.map((version, i) => <span key={version}>{i > 0 && ', '}<a href={href.packages({ name, version })} title={t('Who runs {name}', { name: `${name}@${version}` })}>{version}</a></span>)}</>;
}
