// The insides of a service's processes: heap, event loop, what they hold; and the census.
import '../styles/insight.css';
import { usePages, useResource } from '../api/resource';
import type { Instance, Service } from '../api/types';
import { type RuntimeView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { ServiceTabs } from '../service/tabs';
import { Empty, Loaded } from '../ui/states';
import { VerdictBadge, byVerdict } from '../ui/verdict';
import { t } from '../words/words';
import { Census } from './census';
import { RuntimeCharts } from './charts';
import { HowTo } from './how';
import { type InsidesOf, useInsides } from './insides';
import { InstancePicker } from './instances';
import { Panel } from './panel';
import { isRead, runtimeKind } from './words';

/** Whose insides are read at once; the worst. */
const SHOWN = 12;

export function RuntimePage({ id, view }: { id: number; view: RuntimeView }) {
	const service = useResource<Service>(`/services/${id}`, ['verdicts', 'alerts']);
	const name = service.data.value?.name;
	useTitle(name === undefined ? t('Runtime') : t('Runtime of {name}', { name }));
	return <Loaded resource={service} page>{(s) => <Runtime service={s} view={view} />}</Loaded>;
}

function Runtime({ service, view }: { service: Service; view: RuntimeView }) {
	const pages = usePages<Instance>(`/services/${service.id}/instances`, { limit: 100 }, ['verdicts', 'samples']);
	const show = (changed: Partial<RuntimeView>, replace = true) => go(href.runtime(service.id, { ...view, ...changed }), { replace });
	return (
		<>
			<header class="page-head service-head">
				<div>
					<p class="crumb"><a href={href.fleet()}>{t('Fleet')}</a></p>
					<h1>{service.name} <VerdictBadge verdict={service.verdict} /></h1>
					<p class="lead">{t('What its runtime says of itself: heap, event loop, collections, and what its processes hold.')}</p>
				</div>
			</header>
			<ServiceTabs service={service.id} current="runtime" />
			<Loaded resource={pages} rows={6}>
				{(rows) => <Instances service={service} view={view} rows={shownOf(rows, view.instance)} all={rows.filter((r) => r.running).length} show={show} />}
			</Loaded>
			<Census service={service} view={view} show={show} />
		</>
	);
}

/** The running ones, worst first; the chosen one is always among them. Pure. */
export function shownOf(rows: readonly Instance[], chosen: number | null): Instance[] {
	const sorted = rows.filter((r) => r.running || r.id === chosen).sort(byVerdict);
	const first = sorted.slice(0, SHOWN);
	const missing = sorted.find((r) => r.id === chosen && !first.includes(r));
	return missing ? [...first.slice(0, SHOWN - 1), missing] : first;
}

function Instances({ service, view, rows, all, show }: {
	service: Service;
	view: RuntimeView;
	rows: readonly Instance[];
	all: number;
	show: (changed: Partial<RuntimeView>, replace?: boolean) => void;
}) {
	const insides = useInsides(rows.map((r) => r.id));
	if (rows.length === 0) return <Empty title={t('No instance runs now')}><p>{t('What its processes held before is in the census below.')}</p></Empty>;
	return (
		<Loaded resource={insides} rows={6}>
			{(known) => <Read service={service} view={view} rows={rows} all={all} known={known} show={show} />}
		</Loaded>
	);
}

function Read({ service, view, rows, all, known, show }: Parameters<typeof Instances>[0] & { known: InsidesOf }) {
	const runtime = runtimeKind(service.versions.map((v) => v.runtime));
	const readable = rows.filter((r) => isRead(known.get(r.id)));
	const chosen = rows.find((r) => r.id === view.instance) ?? readable[0];
	if (!chosen) return <HowTo service={service} runtime={runtime} rows={rows} known={known} />;
	const insides = known.get(chosen.id);
	return (
		<>
			<InstancePicker service={service} rows={rows} all={all} known={known} chosen={chosen.id} view={view} />
			{isRead(insides) ? (
				<>
					<Panel insides={insides} instance={chosen} />
					<RuntimeCharts instance={chosen} view={view} show={show} />
				</>
			) : <HowTo service={service} runtime={runtime} rows={rows} known={known} of={chosen} />}
		</>
	);
}
