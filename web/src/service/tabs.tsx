import { href } from '../app/address';

/** The pages of one service. */
export function ServiceTabs({ service, current }: { service: number; current: 'overview' | 'fingerprints' | 'runtime' | 'snapshots' | 'detection' }) {
	const tabs = [['overview', 'Overview', href.service(service)], ['fingerprints', 'Fingerprints', href.fingerprints(service)],
		['runtime', 'Runtime', href.runtime(service)], ['snapshots', 'Snapshots', href.snapshots(service)],
		['detection', 'Detection', href.detection(service)]] as const;
	return (
		<nav class="filter tabs" aria-label="Pages of the service">
			{tabs.map(([id, name, to]) => (
				<a key={id} class="chip" href={to} aria-current={id === current ? 'page' : undefined}>{name}</a>
			))}
		</nav>
	);
}
