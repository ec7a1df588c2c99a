import type { FingerprintRow } from '../api/types';
import { plural } from '../format/number';

/** What could not be read is said, not guessed. */
export function Remarks({ of: f, open = false }: { of: Pick<FingerprintRow, 'remarks' | 'is_cut' | 'packages'>; open?: boolean }) {
	const remarks = [...f.remarks, ...(f.is_cut ? [`only the first ${f.packages} packages are listed`] : [])];
	if (remarks.length === 0) return null;
	return (
		<details class="remarks" open={open}>
			<summary><span aria-hidden="true">! </span>{plural(remarks.length, 'remark')}<span class="sr-only"> on what was not read</span></summary>
			<ul>{remarks.map((r) => <li key={r}>{r}</li>)}</ul>
		</details>
	);
}
