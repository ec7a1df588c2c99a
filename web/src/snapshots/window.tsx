// Long tables: rows are made as the reader comes near their end.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { count } from '../format/number';

const STEP = 100;
const AHEAD_PX = 800;

/** `key` changes when the rows are others: the table begins anew. */
export function useWindow<T>(rows: readonly T[], key: string): { shown: readonly T[]; rest: ComponentChildren } {
	const [at, set] = useState({ key, length: STEP });
	const length = at.key === key ? at.length : STEP;
	const more = () => set({ key, length: length + STEP });
	const left = rows.length - length;
	return {
		shown: rows.slice(0, length),
		rest: left > 0 ? <Rest left={left} more={more} key={`${key}-${length}`} /> : null,
	};
}

function Rest({ left, more }: { left: number; more: () => void }) {
	const ref = useRef<HTMLParagraphElement>(null);
	useEffect(() => {
		if (!ref.current || !('IntersectionObserver' in globalThis)) return;
		const seen = new IntersectionObserver((entries) => {
			if (entries.some((e) => e.isIntersecting)) more();
		}, { rootMargin: `${AHEAD_PX}px 0px` });
		seen.observe(ref.current);
		return () => seen.disconnect();
	}, []);
	return (
		<p class="more" ref={ref}>
			<button type="button" class="button" onClick={more}>Show more ({count(left)} left)</button>
		</p>
	);
}
