// Rows of a table of which only those near the screen are drawn, so that twenty thousand
// scroll as smoothly as twenty. Heights may differ and are measured as rows come by; what
// was never drawn counts as the mean of what was. The page scrolls, not a box inside it.
//
// What is lost: the browser's own search finds only what is drawn, which is why every list
// has a filter. Up to PLAIN rows all are drawn and nothing is lost. The row that has the
// focus stays drawn, so that j and k go on from it.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export const PLAIN = 120;
const ESTIMATE = 52;
/** Drawn beyond either edge of the screen, in pixels. */
const BEYOND = 600;
const FIRST_SCREEN = 1600;

/** Which rows meet [top, bottom), of rows whose heights are known or `mean`. Pure. */
export function rowsWithin(heights: readonly (number | undefined)[], length: number, mean: number, top: number, bottom: number): { from: number; to: number } {
	let at = 0;
	let from = -1;
	for (let i = 0; i < length; i++) {
		if (from >= 0 && at >= bottom) return { from, to: i };
		at += heights[i] ?? mean;
		if (from < 0 && at > top) from = i;
	}
	// All of them lie above, as after a filter: the last one.
	return { from: from < 0 ? Math.max(0, length - 1) : from, to: length };
}

/** The body of a table: `draw` makes the row, a <tr> with a key. `end` is called when the last
 *  rows come near, for lists that are read page by page. */
export function Windowed<T>({ rows, columns, draw, end }: {
	rows: readonly T[];
	columns: number;
	draw: (row: T, index: number) => ComponentChildren;
	end?: () => void;
}) {
	const body = useRef<HTMLTableSectionElement>(null);
	const heights = useRef<(number | undefined)[]>([]);
	const focused = useRef(-1);
	const [seen, see] = useState({ top: 0, bottom: FIRST_SCREEN });
	const all = rows.length <= PLAIN;
	const known = heights.current.filter((h) => h !== undefined);
	const mean = known.length > 0 ? known.reduce((sum, h) => sum + h, 0) / known.length : ESTIMATE;
	const within = rowsWithin(heights.current, rows.length, mean, seen.top, seen.bottom);
	const { from, to } = all ? { from: 0, to: rows.length } : within;
	const drawn = Array.from({ length: to - from }, (_, i) => from + i);
	const kept = focused.current;
	if (kept >= 0 && kept < from) drawn.unshift(kept);
	if (kept >= to && kept < rows.length) drawn.push(kept);

	useEffect(() => {
		let asked = 0;
		const look = () => {
			asked = 0;
			const start = body.current?.getBoundingClientRect().top ?? 0;
			const top = -start - BEYOND;
			const bottom = -start + innerHeight + BEYOND;
			// A part of what is drawn beyond the screen may come by before it is drawn anew.
			see((was) => (Math.abs(was.top - top) + Math.abs(was.bottom - bottom) < BEYOND / 2 ? was : { top, bottom }));
		};
		const ask = () => { asked ||= requestAnimationFrame(look); };
		look();
		addEventListener('scroll', ask, { passive: true });
		addEventListener('resize', ask);
		return () => {
			if (asked) cancelAnimationFrame(asked);
			removeEventListener('scroll', ask);
			removeEventListener('resize', ask);
		};
	}, [rows.length]);

	const elements = () => [...body.current?.children ?? []].filter((row) => !row.classList.contains('undrawn'));
	useLayoutEffect(() => {
		elements().forEach((row, i) => {
			const height = row.getBoundingClientRect().height;
			if (height > 0) heights.current[drawn[i] ?? 0] = height;
		});
	});

	const near = within.to === rows.length;
	useEffect(() => { if (near) end?.(); }, [near, rows.length]);

	const focus = (event: FocusEvent) => {
		const row = (event.target as Element).closest('tr');
		focused.current = row ? drawn[elements().indexOf(row)] ?? -1 : -1;
	};
	const children: ComponentChildren[] = [];
	let next = 0;
	for (const index of [...drawn, rows.length]) {
		const height = sum(heights.current, next, index, mean);
		if (height > 0) children.push(<tr key={`before ${index}`} class="undrawn" aria-hidden="true"><td colSpan={columns} style={{ height: `${height}px` }} /></tr>);
		if (index < rows.length) children.push(draw(rows[index] as T, index));
		next = index + 1;
	}
	return <tbody ref={body} onFocusIn={focus} onFocusOut={() => { focused.current = -1; }}>{children}</tbody>;
}

function sum(heights: readonly (number | undefined)[], from: number, to: number, mean: number): number {
	let all = 0;
	for (let i = from; i < to; i++) all += heights[i] ?? mean;
	return all;
}
