import type { ConfigAgent, ConfigState } from '../api/config';
import { STATE_HELP, STATE_SHAPES, STATE_WORDS } from './words';

/** A shape and a word: never colour alone. */
export function ConfigStateBadge({ state }: { state: ConfigState | ConfigAgent['state'] }) {
	return (
		<span class={`state c-${state}`} title={STATE_HELP[state]}>
			<span aria-hidden="true">{STATE_SHAPES[state]}</span> {STATE_WORDS[state]}
		</span>
	);
}
