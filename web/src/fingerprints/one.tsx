// One fingerprint: all that is known of a version, and its packages.
import { useMemo } from 'preact/hooks';
import { get, query } from '../api/client';
import { Pages, useRefreshed, useResource } from '../api/resource';
import type { Fingerprint, Package } from '../api/types';
import { type FilterView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { count } from '../format/number';
import { More } from '../ui/more';
import { None } from '../ui/none';
import { Search } from '../ui/search';
import { Loaded } from '../ui/states';
import { When } from '../ui/time';
import { useWindow } from '../ui/window';
import { t } from '../words/words';
import { Remarks } from './remarks';
import { fieldWords, labelOf, packagesSaid, runtimeOf } from './words';

const PAGE = 1000;

export function FingerprintPage({ id, view }: { id: number; view: FilterView }) {
	const fingerprint = useResource<Fingerprint>(`/fingerprints/${id}?limit=1`, ['verdicts']);
	const f = fingerprint.data.value;
	useTitle(f ? `${f.service.name} ${labelOf(f)}` : t('Fingerprint'));
	return (
		<Loaded resource={fingerprint} page>
			{(found) => (
				<>
					<header class="page-head service-head">
						<div>
							<p class="crumb"><a href={href.fingerprints(found.service.id)}>{t('{name}: fingerprints', found.service)}</a></p>
							<h1>{found.service.name} {labelOf(found)}</h1>
							<p class="lead">{packagesSaid(found)}</p>
						</div>
						<dl class="figures">
							<div><dt>{t('Hosts')}</dt><dd>{count(found.hosts)}</dd></div>
							<div><dt>{t('Running now')}</dt><dd>{count(found.instances)}</dd></div>
							<div><dt>{t('First seen')}</dt><dd><When ms={found.first_seen_at_ms} /></dd></div>
							<div><dt>{t('Last seen')}</dt><dd><When ms={found.last_seen_at_ms} /></dd></div>
						</dl>
					</header>
					<Remarks of={found} open />
					<div class="columns">
						<div class="column-main"><PackageList of={found} view={view} /></div>
						<aside class="column-side" aria-label={t('What it consists of')}><Parts of={found} /></aside>
					</div>
				</>
			)}
		</Loaded>
	);
}

function Parts({ of: f }: { of: Fingerprint }) {
	const rows: [string, string][] = [['app', f.app], ['app_version', f.app_version], ['runtime', runtimeOf(f)], ['git_head', f.git_head],
		['build_id', f.build_id], ['image', f.image], ['source', f.source]];
	return (
		<section class="part">
			<h2>{t('What it is')}</h2>
			<dl class="facts">
				{rows.map(([name, value]) => <div key={name}><dt>{fieldWords(name)}</dt><dd>{value || <None />}</dd></div>)}
				<div><dt>{t('Environment')}</dt><dd>{f.environment.length === 0 ? <None /> : f.environment.map((e) => <p key={e}><code>{e}</code></p>)}</dd></div>
				<div><dt>{t('Hash')}</dt><dd><code>{f.hash}</code></dd></div>
			</dl>
		</section>
	);
}

function usePackages(id: number, filter: string): Pages<Package> {
	const [pages, refresh] = useMemo(() => {
		const p = new Pages<Package>(`/fingerprints/${id}`, { filter, limit: PAGE }, async (path) => {
			const { package_list: items, next } = await get<Fingerprint>(path);
			return next === undefined ? { items } : { items, next };
		});
		return [p, () => void p.refresh()] as const;
	}, [id, filter]);
	useRefreshed(refresh, []);
	return pages;
}

function PackageList({ of: f, view }: { of: Fingerprint; view: FilterView }) {
	const pages = usePackages(f.id, view.q);
	return (
		<section class="part">
			<div class="toolbar part-bar">
				<h2>{t('Packages')}</h2>
				<Search label={t('Find a package')} value={view.q} set={(q) => go(href.fingerprint(f.id, { q }), { replace: true })} />
			</div>
			<Loaded resource={pages} rows={8}>
				{(rows) => rows.length === 0
					? <p class="quiet" role="status">{view.q ? t('No package has “{q}” in its name.', { q: view.q }) : t('No packages are known of this version.')}</p>
					: <><List rows={rows} keyed={`${f.id}${query({ q: view.q })}`} /><More pages={pages} /></>}
			</Loaded>
		</section>
	);
}

function List({ rows, keyed }: { rows: readonly Package[]; keyed: string }) {
	const { shown, rest } = useWindow(rows, keyed);
	return (
		<>
			<ul class="packages">
				{shown.map((p) => (
					<li key={`${p.name}@${p.version}`}>
						<a href={href.packages(p)} title={t('Who runs it')}><span class="package">{p.name}</span> <span class="mono quiet">{p.version}</span></a>
					</li>
				))}
			</ul>
			{rest}
		</>
	);
}
