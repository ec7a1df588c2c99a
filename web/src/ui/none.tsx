/** Not known, or nothing of it. */
export function None() {
	return <span class="unknown">–</span>;
}
