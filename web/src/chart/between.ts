// The room between two lines, in pieces: where the first runs above the second, and where
// below it. Pure.
import type { Value } from './model';

export interface Piece {
	/** The first line is the higher one. */
	over: boolean;
	edge: { at: number; first: number; second: number }[];
}

/** Pieces end at gaps and where the lines cross. */
export function between(times: readonly number[], first: readonly Value[], second: readonly Value[]): Piece[] {
	const pieces: Piece[] = [];
	let piece: Piece | null = null;
	let before: Piece['edge'][number] | null = null;
	times.forEach((at, i) => {
		const a = first[i];
		const b = second[i];
		if (a === undefined || b === undefined) return;
		if (a === null || b === null) {
			piece = before = null;
			return;
		}
		const here = { at, first: a, second: b };
		const was: number = before ? before.first - before.second : a - b;
		const is = a - b;
		if (before && was * is < 0) {
			const part = was / (was - is);
			const value = before.first + part * (a - before.first);
			const crossing = { at: before.at + part * (at - before.at), first: value, second: value };
			piece?.edge.push(crossing);
			piece = { over: is > 0, edge: [crossing] };
			pieces.push(piece);
		} else if (!piece || (was === 0 && is !== 0 && piece.over !== is > 0)) {
			piece = { over: is > 0, edge: before ? [before] : [] };
			pieces.push(piece);
		}
		piece.edge.push(here);
		before = here;
	});
	return pieces.filter((p) => p.edge.length > 1 && p.edge.some((e) => e.first !== e.second));
}
