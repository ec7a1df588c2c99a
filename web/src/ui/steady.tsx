// Lists that do not move under the cursor: while a row has the focus, is ticked or has a menu
// open, what is inside the rows follows, and rows neither come nor go nor change places. A
// quiet chip says that there is more, and takes it.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useHeld } from '../alerts/held';
import { t } from '../words/words';

/** A row of the list on screen is in use. */
const inUse = signal(false);

function look(): void {
	inUse.value = document.activeElement?.closest('[data-row]') != null || document.querySelector('[data-row] [open]') !== null;
}

/** Once, at the start. */
export function watchRows(): void {
	for (const event of ['focusin', 'focusout', 'toggle']) document.addEventListener(event, () => setTimeout(look), true);
}

/** `busy`: rows are ticked. `key`: another one is another list, as after a search. `chip` stands above the list; it is always there, for who listens. */
export function useSteady<T extends { id: number }>(rows: readonly T[], busy = false, key = ''): { shown: readonly T[]; chip: ComponentChildren } {
	const held = useHeld(rows, busy || inUse.value, key);
	const chip = (
		<div class="list-update" aria-live="polite">
			{held.waiting > 0 && (
				<button type="button" class="chip" onClick={held.release}>
					{t('{n, plural, one {# change} other {# changes}}: show', { n: held.waiting })}
				</button>
			)}
		</div>
	);
	return { shown: held.rows, chip };
}
