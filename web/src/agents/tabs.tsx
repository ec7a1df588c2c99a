import { href } from '../app/address';
import { isLimited } from '../session/session';
import { t } from '../words/words';

/** The pages about how readings come and stay. */
export function AgentTabs({ current }: { current: 'agents' | 'configuration' | 'storage' }) {
	const tabs = [['agents', t('Agents'), href.agents()], ['configuration', t('Configuration'), href.configuration()], ['storage', t('Storage'), href.storage()]] as const;
	return (
		<nav class="filter tabs" aria-label={t('Agents, configuration and storage')}>
			{tabs.filter(([id]) => id !== 'configuration' || !isLimited()).map(([id, name, to]) => <a key={id} class="chip" href={to} aria-current={id === current ? 'page' : undefined}>{name}</a>)}
		</nav>
	);
}
