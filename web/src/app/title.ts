import { useEffect } from 'preact/hooks';

/** "checkout · Tidemark" in the tab. */
export function useTitle(title: string): void {
	useEffect(() => {
		document.title = title === '' ? 'Tidemark' : `${title} · Tidemark`;
	}, [title]);
}
