import { href } from '../app/address';
import { t } from '../words/words';

/** The pages of one service. */
export function ServiceTabs({ service, current }: { service: number; current: 'overview' | 'fingerprints' | 'runtime' | 'snapshots' | 'detection' }) {
	const tabs = [['overview', t('Overview'), href.service(service)], ['fingerprints', t('Fingerprints'), href.fingerprints(service)],
		['runtime', t('Runtime'), href.runtime(service)], ['snapshots', t('Snapshots'), href.snapshots(service)],
		['detection', t('Detection'), href.detection(service)]] as const;
	return (
		<nav class="filter tabs" aria-label={t('Pages of the service')}>
			{tabs.map(([id, name, to]) => (
				<a key={id} class="chip" href={to} aria-current={id === current ? 'page' : undefined}>{name}</a>
			))}
		</nav>
	);
}
