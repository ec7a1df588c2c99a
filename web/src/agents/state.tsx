import type { JSX } from 'preact';
import type { Agent } from '../api/types';
import { t } from '../words/words';

const SHAPES: Record<Agent['state'], JSX.Element> = {
	reporting: <circle cx="6" cy="6" r="4" fill="currentColor" />,
	silent: <path d="m2.5 2.5 7 7m0-7-7 7" class="stroke" />,
	never: <circle cx="6" cy="6" r="4" class="stroke" />,
	revoked: <path d="M2 6h8" class="stroke" />,
};
const WORDS: Record<Agent['state'], string> = {
	reporting: t('reporting'),
	silent: t('silent'),
	never: t('not heard yet'),
	revoked: t('revoked'),
};

export function AgentState({ state }: { state: Agent['state'] }) {
	return (
		<span class={`state a-${state}`}>
			<svg class="glyph" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{SHAPES[state]}</svg>
			{WORDS[state]}
		</span>
	);
}
