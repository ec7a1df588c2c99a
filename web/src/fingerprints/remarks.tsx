import type { FingerprintRow } from '../api/types';
import { said } from '../words/said';
import { rich, t } from '../words/words';

/** What could not be read is said, not guessed. */
export function Remarks({ of: f, open = false }: { of: Pick<FingerprintRow, 'remarks' | 'is_cut' | 'packages'>; open?: boolean }) {
	const remarks = [...f.remarks.map(said), ...(f.is_cut ? [t('only the first {n} packages are listed', { n: f.packages })] : [])];
	if (remarks.length === 0) return null;
	return (
		<details class="remarks" open={open}>
			<summary><span aria-hidden="true">! </span>{rich('{n, plural, one {# remark} other {# remarks}}<s> on what was not read</s>', { n: remarks.length, s: (x) => <span class="sr-only">{x}</span> })}</summary>
			<ul>{remarks.map((r) => <li key={r}>{r}</li>)}</ul>
		</details>
	);
}
