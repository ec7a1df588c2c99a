// Which rows of a list are ticked. Pure.

/** Ticks or unticks `id`; with `from`, all between as well, as `id` becomes. */
export function ticked(now: ReadonlySet<number>, order: readonly number[], id: number, from: number | null): Set<number> {
	const next = new Set(now);
	const on = !now.has(id);
	const a = from === null ? -1 : order.indexOf(from);
	const b = order.indexOf(id);
	const range = a < 0 || b < 0 ? [id] : order.slice(Math.min(a, b), Math.max(a, b) + 1);
	for (const each of range) {
		if (on) next.add(each);
		else next.delete(each);
	}
	return next;
}

/** Without what is no longer there. */
export function still(now: ReadonlySet<number>, order: readonly number[]): ReadonlySet<number> {
	const there = new Set(order);
	return [...now].every((id) => there.has(id)) ? now : new Set([...now].filter((id) => there.has(id)));
}
