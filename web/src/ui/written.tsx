// What people wrote: of a long text some lines are shown, the others are scrolled to. What
// scrolls has to be reached with the keyboard as well.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export function Written({ text, kind = 'note-text' }: { text: string; kind?: 'note-text' | 'event-text' }) {
	const ref = useRef<HTMLParagraphElement>(null);
	const [scrolls, set] = useState(false);
	useLayoutEffect(() => {
		if (ref.current) set(ref.current.scrollHeight > ref.current.clientHeight + 1);
	}, [text]);
	return <p ref={ref} class={kind} tabIndex={scrolls ? 0 : undefined}>{text}</p>;
}
