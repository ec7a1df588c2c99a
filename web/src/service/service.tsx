// One service: what is said of it, the charts that show it, its versions and instances.
import { useMemo, useState } from 'preact/hooks';
import { type Resource, useLatest, useResource } from '../api/resource';
import type { Finding, Instance, Page, Service } from '../api/types';
import { type ServiceView, type Zoom, href, usualRange } from '../app/address';
import { now } from '../app/now';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { versionColours } from '../chart/model';
import { count, memory } from '../format/number';
import { later } from '../ui/later';
import { Empty, Loaded, Stale } from '../ui/states';
import { When } from '../ui/time';
import { ALARMING, StateBadge, VerdictBadge, VersionName } from '../ui/verdict';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { ServiceCharts } from './charts';
import { worstPath } from './data';
import { Findings } from './findings';
import { InstanceTable } from './instances';
import { RangeControl } from './range';
import { ServiceTabs } from './tabs';
import { VersionTable, worstFirst } from './versions';

const Warnings = later(async () => (await import('./beside')).Warnings, true);
const Queues = later(async () => (await import('./beside')).Queues, true);
const Deploys = later(async () => (await import('./beside')).Deploys, true);

const PAGE = 100;
const MOST = 1000;
// The same each time, so that the charts are not made anew.
const NONE: readonly Finding[] = [];
const NOBODY: readonly Instance[] = [];

export function ServicePage({ id, view }: { id: number; view: ServiceView }) {
	const service = useResource<Service>(`/services/${id}`, ['verdicts', 'alerts']);
	useTitle(service.data.value?.name ?? t('Service'));
	return (
		<Loaded resource={service} page>
			{(s) => <ServiceView service={s} view={view} />}
		</Loaded>
	);
}

function ServiceView({ service, view }: { service: Service; view: ServiceView }) {
	const [wanted, want] = useState(PAGE);
	const instances = useResource<Page<Instance>>(worstPath(service.id, wanted), ['verdicts', 'samples']);
	const rows = useLatest(instances.data)?.items;
	const found = useResource<Page<Finding>>(`/findings?service=${service.id}&active=true`, ['verdicts', 'alerts']);
	const findings = found.data.value?.items ?? NONE;
	const colours = useMemo(() => versionColours(service.versions.map((v) => v.id)), [service]);
	const colourOf = (version: number) => colours.get(version) ?? 0;
	const range = view.range ?? usualRange(now.value - service.first_seen_ms);
	const show = (changed: Partial<ServiceView>, replace = true) =>
		go(href.service(service.id, { ...view, ...changed }), { replace });
	const tools = (
		<RangeControl shown={range} zoomed={view.align ? null : view.zoom} zoom={(to: Zoom | null) => show({ zoom: to }, false)}
			choose={(name) => show({ range: name, zoom: null, ages: null }, false)} ages={view.align ? view.ages : null} whole={() => show({ ages: null }, false)} />
	);
	return (
		<>
			<Head service={service} />
			<ServiceTabs service={service.id} current="overview" />
			<Findings service={service} findings={findings} />
			<ServiceCharts service={service} view={view} range={range} instances={rows ?? NOBODY} findings={findings} show={show} tools={tools} />
			<Warnings service={service} />
			<section class="part">
				<h2>{t('Versions')}</h2>
				<VersionTable versions={worstFirst(service)} colourOf={colourOf}
					open={(v) => ALARMING.includes(v.verdict) || service.versions.length === 1} />
			</section>
			<section class="part">
				<h2>{t('Instances')} {service.instances > PAGE && <span class="quiet">{t('the worst first')}</span>}</h2>
				{rows === undefined ? <Loaded resource={instances} rows={4}>{() => null}</Loaded> : (
					<>
						<Stale resource={instances as Resource<unknown>} />
						{rows.length === 0 ? <NoInstances /> : (
							<InstanceTable rows={rows} colourOf={colourOf} end={() => { if (rows.length === wanted && wanted < MOST) want(Math.min(MOST, wanted * 2)); }} />
						)}
						{rows.length >= MOST && <p class="quiet table-note">{t('The {n} worst of {all} instances', { n: MOST, all: service.instances })}</p>}
					</>
				)}
			</section>
			<Queues service={service} />
			<Deploys service={service} />
		</>
	);
}

function NoInstances() {
	return (
		<Empty title={t('No instance runs now')}>
			<p>{t('Processes of this service were seen before, but none is left.')}</p>
		</Empty>
	);
}

function Head({ service }: { service: Service }) {
	return (
		<header class="page-head service-head">
			<div>
				<p class="crumb"><a href={href.fleet()}>{t('Fleet')}</a></p>
				<h1>{service.name} <VerdictBadge verdict={service.verdict} /></h1>
				<p class="lead">{said(service.summary)}</p>
				<Alerts service={service} />
			</div>
			<dl class="figures">
				<div><dt>{t('Memory')}</dt><dd>{service.memory_kb > 0 ? memory(service.memory_kb) : '–'}</dd></div>
				<div><dt>{t('Instances')}</dt><dd>{count(service.instances)}</dd></div>
				<div><dt>{t('Hosts')}</dt><dd>{count(service.hosts)}</dd></div>
				<div><dt>{t('First seen')}</dt><dd><When ms={service.first_seen_ms} /></dd></div>
			</dl>
		</header>
	);
}

const ALERTS_SHOWN = 5;

function Alerts({ service }: { service: Service }) {
	const active = service.alerts.filter((a) => a.state !== 'resolved');
	const resolved = service.alerts.length - active.length;
	if (service.alerts.length === 0) return null;
	return (
		<ul class="alert-links">
			{active.slice(0, ALERTS_SHOWN).map((a) => (
				<li key={a.id}>
					<a href={href.alert(a.id)}>{rich('{state} Alert on {version}', { state: <StateBadge state={a.state} />, version: <VersionName version={a.version} /> })}</a>
				</li>
			))}
			{active.length > ALERTS_SHOWN && (
				<li><a href={href.alerts({ q: service.name })}>{t('{n, plural, one {# more alert} other {# more alerts}}', { n: active.length - ALERTS_SHOWN })}</a></li>
			)}
			{resolved > 0 && (
				<li><a href={href.alerts({ state: 'resolved', q: service.name })}>{t('{n, plural, one {# resolved alert} other {# resolved alerts}}', { n: resolved })}</a></li>
			)}
		</ul>
	);
}
