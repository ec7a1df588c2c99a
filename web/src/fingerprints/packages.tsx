// Who runs a package: by its name, or by name and version.
import { query } from '../api/client';
import { usePages } from '../api/resource';
import type { PackageUse } from '../api/types';
import { type PackagesView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { count } from '../format/number';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { None } from '../ui/none';
import { useRowKeys } from '../ui/rows';
import { Search } from '../ui/search';
import { Empty, Loaded } from '../ui/states';
import { When } from '../ui/time';
import { VersionName } from '../ui/verdict';
import { rich, t } from '../words/words';
import { joinPackage, splitPackage } from './words';

const PAGE = 200;
const HOSTS_SHOWN = 4;

export function PackagesPage({ view }: { view: PackagesView }) {
	const asked = joinPackage(view);
	useTitle(asked ? t('Who runs {name}', { name: asked }) : t('Packages'));
	useRowKeys('service');
	return (
		<>
			<header class="page-head">
				<div>
					<h1>{asked ? rich('Who runs {name}', { name: <span class="package">{asked}</span> }) : t('Packages')}</h1>
					<p class="lead">{t('Every resolved dependency of every version that ever ran, on which hosts, and when.')}</p>
				</div>
			</header>
			<div class="toolbar package-bar">
				<Search label={t('Package, such as @pm2/io@4.2.1')} value={asked}
					set={(text) => go(href.packages(splitPackage(text)), { replace: true })} />
				{view.version !== '' && <a href={href.packages({ name: view.name })}>{t('All versions of {name}', { name: view.name })}</a>}
			</div>
			{view.name === '' ? <Hint /> : <Uses view={view} />}
		</>
	);
}

function Hint() {
	return (
		<Empty title={t('Which package?')}>
			<p>{rich('Type its name, or name and version, as npm writes them: {name}. Libraries of native programs count as packages: {library}.',
				{ name: <code>@pm2/io@4.2.1</code>, library: <code>libssl.so.3</code> })}</p>
		</Empty>
	);
}

function Uses({ view }: { view: PackagesView }) {
	const pages = usePages<PackageUse>('/packages', { name: view.name, version: view.version, limit: PAGE }, ['verdicts']);
	return (
		<Loaded resource={pages} rows={5}>
			{(rows) => rows.length === 0 ? (
				<Empty title={t('Nothing runs {name}', { name: joinPackage(view) })}>
					<p>{t('No version of any service, running or past, has it among its packages. The name must be whole.')}</p>
					{view.version !== '' && <p><a class="button" href={href.packages({ name: view.name })}>{t('Show all versions of it')}</a></p>}
				</Empty>
			) : (
				<>
					<div class="toolbar part-bar">
						<p class="quiet" role="status">{summary(rows)}</p>
						<TableMenu name={joinPackage(view)} path={`/packages${query({ ...view })}`} rows={() => rows} />
					</div>
					<UseTable rows={rows} one={view.version !== ''} />
					<More pages={pages} />
				</>
			)}
		</Loaded>
	);
}

/** "On 3 hosts in 2 services; 5 instances run it now." Pure. */
export function summary(rows: readonly PackageUse[]): string {
	const hosts = new Set(rows.flatMap((r) => r.hosts)).size;
	const services = new Set(rows.map((r) => r.service_id)).size;
	const running = rows.reduce((n, r) => n + r.running, 0);
	return t('On {hosts, plural, one {# host} other {# hosts}} in {services, plural, one {# service} other {# services}}; {running, plural, =0 {no instance runs it now} one {# instance runs it now} other {# instances run it now}}.',
		{ hosts, services, running });
}

function UseTable({ rows, one }: { rows: readonly PackageUse[]; one: boolean }) {
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={t('Who runs it')}>
			<table class="grid">
				<thead>
					<tr>
						<th scope="col">{t('Service')}</th>
						{!one && <th scope="col">{t('Package version')}</th>}
						<th scope="col">{t('Its version')}</th>
						<th scope="col">{t('Hosts')}</th>
						<th scope="col" class="num">{t('Running now')}</th>
						<th scope="col">{t('First seen')}</th>
						<th scope="col">{t('Last seen')}</th>
					</tr>
				</thead>
				<tbody>
					{rows.map((r) => (
						<tr key={`${r.fingerprint_id}|${r.version}`} data-row class={r.running === 0 ? 'past' : ''}>
							<th scope="row"><a class="row-link" href={href.service(r.service_id)}>{r.service}</a></th>
							{!one && <td class="mono"><a href={href.packages({ name: r.name, version: r.version })}>{r.version}</a></td>}
							<td><a href={href.fingerprint(r.fingerprint_id, { q: r.name })}><VersionName version={r.service_version} /></a></td>
							<td class="c-hosts"><Hosts of={r} /></td>
							<td class="num">{r.running > 0 ? count(r.running) : <None />}</td>
							<td class="c-when"><When ms={r.first_seen_at_ms} /></td>
							<td class="c-when"><When ms={r.last_seen_at_ms} /></td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

/** Those that run it now; after them those that did. */
function Hosts({ of }: { of: PackageUse }) {
	const past = of.hosts.filter((h) => !of.hosts_now.includes(h));
	return (
		<>
			<Names of={of.hosts_now} />
			{past.length > 0 && <span class="quiet">{of.hosts_now.length > 0 && '; '}{rich('earlier {names}', { names: <Names of={past} /> })}</span>}
		</>
	);
}

function Names({ of }: { of: readonly string[] }) {
	if (of.length <= HOSTS_SHOWN) return <>{of.join(', ')}</>;
	return (
		<details class="remarks">
			<summary>{t('{names} and {n} more', { names: of.slice(0, HOSTS_SHOWN - 1).join(', '), n: of.length - HOSTS_SHOWN + 1 })}</summary>
			<p>{of.slice(HOSTS_SHOWN - 1).join(', ')}</p>
		</details>
	);
}
