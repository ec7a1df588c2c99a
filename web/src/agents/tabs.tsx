import { href } from '../app/address';
import { t } from '../words/words';

/** The pages about how readings come and stay. */
export function AgentTabs({ current }: { current: 'agents' | 'storage' }) {
	const tabs = [['agents', t('Agents'), href.agents()], ['storage', t('Storage'), href.storage()]] as const;
	return (
		<nav class="filter tabs" aria-label={t('Agents and storage')}>
			{tabs.map(([id, name, to]) => <a key={id} class="chip" href={to} aria-current={id === current ? 'page' : undefined}>{name}</a>)}
		</nav>
	);
}
