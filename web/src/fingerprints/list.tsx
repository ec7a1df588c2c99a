// What the versions of a service consist of; two of them can be compared.
import { usePages, useResource } from '../api/resource';
import type { FingerprintRow, Service } from '../api/types';
import { type FingerprintsView, href } from '../app/address';
import { useKeys } from '../app/keyboard';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { VersionKey } from '../chart/swatch';
import { versionColours } from '../chart/model';
import { count } from '../format/number';
import { ServiceTabs } from '../service/tabs';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { None } from '../ui/none';
import { focusedRow, useRowKeys } from '../ui/rows';
import { Empty, Loaded } from '../ui/states';
import { When } from '../ui/time';
import { VerdictBadge } from '../ui/verdict';
import { rich, t } from '../words/words';
import { Remarks } from './remarks';
import { inOrder, labelOf, packagesSaid, runtimeOf } from './words';

const PAGE = 200;

export function FingerprintsPage({ id, view }: { id: number; view: FingerprintsView }) {
	const service = useResource<Service>(`/services/${id}`, ['verdicts', 'alerts']);
	const name = service.data.value?.name;
	useTitle(name === undefined ? t('Fingerprints') : t('Fingerprints of {name}', { name }));
	return <Loaded resource={service} page>{(s) => <Fingerprints service={s} view={view} />}</Loaded>;
}

function Fingerprints({ service, view }: { service: Service; view: FingerprintsView }) {
	const pages = usePages<FingerprintRow>(`/services/${service.id}/fingerprints`, { limit: PAGE }, ['verdicts']);
	const rows = pages.data.value ?? [];
	const pick = (id: number) => go(href.fingerprints(service.id, { pick: picked(view.pick, id) }), { replace: true });
	const compare = compareLink(view.pick, rows);
	useListKeys(rows, pick, compare);
	return (
		<>
			<header class="page-head service-head">
				<div>
					<p class="crumb"><a href={href.fleet()}>{t('Fleet')}</a></p>
					<h1>{service.name} <VerdictBadge verdict={service.verdict} /></h1>
					<p class="lead">{t('What its versions consist of: the program, its runtime and every resolved dependency.')}</p>
				</div>
				<div class="actions">
					{compare ? <a class="button primary" href={compare}>{t('Compare')} <kbd aria-hidden="true">c</kbd></a>
						: rows.length > 1 && <span class="quiet actions-hint" role="status">{t(view.pick.length === 1 ? 'Tick one more to compare' : 'Tick two to compare')}</span>}
					{rows.length > 0 && <TableMenu name={t('Fingerprints')} path={`/services/${service.id}/fingerprints`} rows={() => rows} />}
					<a class="button" href={href.packages()}>{t('Find a package')}</a>
				</div>
			</header>
			<ServiceTabs service={service.id} current="fingerprints" />
			<Loaded resource={pages} rows={4}>
				{(all) => all.length === 0 ? <NoFingerprints service={service} />
					: <><FingerprintTable rows={all} service={service} picked={view.pick} pick={pick} /><More pages={pages} /></>}
			</Loaded>
		</>
	);
}

/** Two rows at most are ticked: a third takes the place of the one ticked first. Pure. */
export function picked(before: readonly number[], id: number): number[] {
	return before.includes(id) ? before.filter((p) => p !== id) : [...before, id].slice(-2);
}

function compareLink(pick: readonly number[], rows: readonly FingerprintRow[]): string | null {
	const [a, b] = pick.map((id) => rows.find((r) => r.id === id));
	return a && b ? href.difference(...inOrder(a, b)) : null;
}

function useListKeys(rows: readonly FingerprintRow[], pick: (id: number) => void, compare: string | null): void {
	useRowKeys('fingerprint');
	const onRow = () => {
		const id = Number(focusedRow()?.dataset['fingerprint']);
		if (rows.some((r) => r.id === id)) pick(id);
	};
	useKeys([
		{ keys: 'x', help: t('Tick the fingerprint'), group: t('Fingerprints'), run: onRow },
		{ keys: 'c', help: t('Compare the two ticked'), group: t('Fingerprints'), run: () => { if (compare) go(compare); } },
	]);
}

function FingerprintTable({ rows, service, picked: ticked, pick }: {
	rows: readonly FingerprintRow[];
	service: Service;
	picked: readonly number[];
	pick: (id: number) => void;
}) {
	const colours = versionColours(service.versions.map((v) => v.id), rows.map((r) => r.id));
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={t('Fingerprints')}>
			<table class="grid fingerprints">
				<thead>
					<tr>
						<th scope="col"><span class="sr-only">{t('Compare')}</span></th>
						<th scope="col">{t('Version')}</th>
						<th scope="col">{t('Verdict')}</th>
						<th scope="col">{t('Runtime')}</th>
						<th scope="col">{t('Packages')}</th>
						<th scope="col" class="num">{t('Hosts')}</th>
						<th scope="col" class="num">{t('Running now')}</th>
						<th scope="col">{t('First seen')}</th>
						<th scope="col">{t('Last seen')}</th>
					</tr>
				</thead>
				<tbody>
					{rows.map((f, i) => (
						<Row key={f.id} of={f} before={rows[i + 1]} colour={colours.get(f.id) ?? 0} ticked={ticked.includes(f.id)} pick={() => pick(f.id)}
							verdict={service.versions.find((v) => v.id === f.id)?.verdict} />
					))}
				</tbody>
			</table>
		</div>
	);
}

function Row({ of: f, before, colour, ticked, pick, verdict }: {
	of: FingerprintRow;
	/** The one below: usually what ran before. */
	before: FingerprintRow | undefined;
	colour: number;
	ticked: boolean;
	pick: () => void;
	verdict: Service['verdict'] | undefined;
}) {
	const label = labelOf(f);
	return (
		<tr data-row data-fingerprint={f.id} class={`${ticked ? 'picked' : ''} ${f.instances === 0 ? 'past' : ''}`}>
			<td class="c-tick"><input type="checkbox" checked={ticked} aria-label={t('Compare {name}', { name: label })} onChange={pick} /></td>
			<th scope="row">
				<a class="row-link" href={href.fingerprint(f.id)}><VersionKey colour={colour} version={f.label} /></a>
				<Facts of={f} />
				<Remarks of={f} />
			</th>
			<td>{verdict ? <VerdictBadge verdict={verdict} /> : <None />}</td>
			<td class="c-runtime">{runtimeOf(f) || <None />}</td>
			<td>
				<a href={href.fingerprint(f.id)}>{packagesSaid(f)}</a>
				{before?.is_known && f.is_known && (
					<p class="summary"><a href={href.difference(before.id, f.id)}>{t('against {name}', { name: labelOf(before) })}</a></p>
				)}
			</td>
			<td class="num">{count(f.hosts)}</td>
			<td class="num" data-unit={t('running now')}>{f.instances > 0 ? count(f.instances) : <None />}</td>
			<td class="c-when"><When ms={f.first_seen_at_ms} /></td>
			<td class="c-when"><When ms={f.last_seen_at_ms} /></td>
		</tr>
	);
}

/** What tells versions of one name apart. */
function Facts({ of: f }: { of: FingerprintRow }) {
	const facts = [
		f.app && f.app_version && f.app_version !== f.version ? `${f.app} ${f.app_version}` : f.app,
		f.git_head && `git ${f.git_head.slice(0, 10)}`, f.build_id && `build ${f.build_id.slice(0, 10)}`, f.image].filter(Boolean);
	return facts.length > 0 ? <p class="summary">{facts.join(' · ')}</p> : null;
}

function NoFingerprints({ service }: { service: Service }) {
	return (
		<Empty title={t('No fingerprint has come yet')}>
			<p>{t('The agent reads one whenever a process starts: package.json, the lock file or node_modules, the runtime; of native programs the mapped libraries. It comes with the next minute.')}</p>
			<p>{rich('On the host, {command} shows what can be read, and what cannot and why.',
				{ command: <code>tidemark-agent fingerprint {service.name}</code> })}</p>
		</Empty>
	);
}
