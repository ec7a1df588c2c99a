// All services, worst first.
import { useLatest, usePages, useResource } from '../api/resource';
import type { Fleet, ServiceRow } from '../api/types';
import { type FleetView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { More } from '../ui/more';
import { useRowKeys } from '../ui/rows';
import { Search } from '../ui/search';
import { Failure, Loaded, Skeleton, Stale } from '../ui/states';
import { NoServices, NothingFound } from './empty';
import { Figures, headline } from './figures';
import { ServiceTable } from './table';
import { VerdictFilter } from './verdicts';

const PAGE = 100;

export function FleetPage({ view }: { view: FleetView }) {
	useTitle('Fleet');
	useRowKeys('service');
	const fleet = useResource<Fleet>('/fleet', ['verdicts', 'alerts', 'agents']);
	const show = (changed: Partial<FleetView>) => go(href.fleet({ ...view, ...changed }), { replace: true });
	return (
		<Loaded resource={fleet} rows={8} page>
			{(f) => (
				<>
					<header class="page-head">
						<h1>{headline(f)}</h1>
						<Figures fleet={f} />
					</header>
					{f.services === 0 ? <NoServices hosts={f.hosts} /> : (
						<>
							<div class="toolbar">
								<VerdictFilter fleet={f} chosen={view.verdict} choose={(verdict) => show({ verdict })} />
								<Search label="Find a service" value={view.q} set={(q) => show({ q })} />
							</div>
							<Services view={view} />
						</>
					)}
				</>
			)}
		</Loaded>
	);
}

function Services({ view }: { view: FleetView }) {
	const pages = usePages<ServiceRow>('/services',
		{ q: view.q, verdict: view.verdict, limit: PAGE }, ['verdicts', 'alerts']);
	const rows = useLatest(pages.data);
	if (!rows && pages.error.value)
		return <Failure error={pages.error.value} retry={() => void pages.refresh()} />;
	if (!rows) return <Skeleton rows={8} />;
	const pending = pages.data.value === undefined;
	if (rows.length === 0 && !pending) return <NothingFound view={view} />;
	return (
		<div class={pending ? 'pending' : ''}>
			<Stale resource={pages} />
			<ServiceTable rows={rows} />
			<More pages={pages} />
		</div>
	);
}
