// Long tables: the first rows, and more of them when they are wanted.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../format/number';
import { t } from '../words/words';

const FIRST = 50;
const STEP = 250;

/** `key` changes when the rows are others: the table begins anew. */
export function useWindow<T>(rows: readonly T[], key: string, first = FIRST): { shown: readonly T[]; rest: ComponentChildren } {
	const [at, set] = useState({ key, length: first });
	const length = at.key === key ? at.length : first;
	const left = rows.length - length;
	const rest = left > 0 && (
		<p class="more">
			<button type="button" class="button" onClick={() => set({ key, length: length + STEP })}>
				{t('Show {n} more of {all}', { n: count(Math.min(left, STEP)), all: count(rows.length) })}
			</button>
		</p>
	);
	return { shown: rows.slice(0, length), rest };
}
