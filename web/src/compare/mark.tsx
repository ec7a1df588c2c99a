export function letterOf(index: number): string {
	return 'ABCD'[index] as string;
}

/** A selection's letter in its colour. */
export function Mark({ index }: { index: number }) {
	return <span class={`compare-mark series-${index + 1}`}>{letterOf(index)}</span>;
}
