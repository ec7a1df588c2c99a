import { href } from '../app/address';

/** The pages about how readings come and stay. */
export function AgentTabs({ current }: { current: 'agents' | 'storage' }) {
	const tabs = [['agents', 'Agents', href.agents()], ['storage', 'Storage', href.storage()]] as const;
	return (
		<nav class="filter tabs" aria-label="Agents and storage">
			{tabs.map(([id, name, to]) => <a key={id} class="chip" href={to} aria-current={id === current ? 'page' : undefined}>{name}</a>)}
		</nav>
	);
}
