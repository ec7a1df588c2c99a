/** A selection's letter in its colour: A to D. */
export function Mark({ index }: { index: number }) {
	return <span class={`compare-mark series-${index + 1}`}>{'ABCD'[index]}</span>;
}
