// Charts below the first screen read their figures when somebody comes near them.
import { type RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export function useNear<T extends Element>(): { ref: RefObject<T | null>; near: boolean } {
	const ref = useRef<T>(null);
	const [near, come] = useState(typeof IntersectionObserver === 'undefined');
	useEffect(() => {
		if (near || !ref.current) return;
		const watch = new IntersectionObserver((seen) => { if (seen.some((s) => s.isIntersecting)) come(true); }, { rootMargin: '300px' });
		watch.observe(ref.current);
		return () => watch.disconnect();
	}, [near]);
	return { ref, near };
}
