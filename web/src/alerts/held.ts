// Rows that stay where they are while somebody works on them.
import { useRef, useState } from 'preact/hooks';

export interface Held<T> {
	rows: readonly T[];
	/** Rows that have come, or go, once they are let. */
	waiting: number;
	/** Ids that are in the list only because it is held. */
	gone: ReadonlySet<number>;
	/** Lets come what waits, and what an own step brings in the next moments. */
	release: () => void;
}

const OWN_MS = 4000;

/** `rows` in the order in which they stood when they were last let move: what is inside a row
 *  changes, rows do not come, go or move while `hold` is true. Another `key` is another list;
 *  null: not known yet. */
export function useHeld<T extends { id: number }>(rows: readonly T[], hold: boolean, key: string | null): Held<T> {
	const state = useRef({ order: rows, seen: rows, letUntil: 0, key }).current;
	const [, again] = useState(0);
	const isOther = key !== null && key !== state.key;
	if (isOther) state.key = key;
	if (isOther || !hold || (rows !== state.seen && Date.now() < state.letUntil)) state.order = rows;
	state.seen = rows;
	const held = standing(state.order, rows);
	state.order = held.rows;
	return { ...held, release: () => {
		state.order = rows;
		state.letUntil = Date.now() + OWN_MS;
		again((n) => n + 1);
	} };
}

/** What comes after the last row that is known moves nothing, and is let in. Pure. */
export function standing<T extends { id: number }>(before: readonly T[], now: readonly T[]): Omit<Held<T>, 'release'> {
	if (before === now) return { rows: now, waiting: 0, gone: new Set() };
	const byId = new Map(now.map((r) => [r.id, r]));
	const known = new Set(before.map((r) => r.id));
	const end = now.findLastIndex((r) => known.has(r.id)) + 1;
	const gone = new Set(before.filter((r) => !byId.has(r.id)).map((r) => r.id));
	const waiting = now.slice(0, end).filter((r) => !known.has(r.id)).length + gone.size;
	return { rows: [...before.map((r) => byId.get(r.id) ?? r), ...(end > 0 || before.length === 0 ? now.slice(end) : [])], gone,
		waiting: end > 0 || before.length === 0 ? waiting : now.length + gone.size };
}
