// The place that the address names, as a signal, and the ways to go elsewhere.
import { signal } from '@preact/signals';
import { type Place, parse } from './address';

function here(): Place {
	return parse(location.pathname, location.search);
}

export const place = signal<Place>(here());

/** `replace`: this is the same step of the user as the last (typing in a filter). */
export function go(address: string, options: { replace?: boolean } = {}): void {
	if (address === location.pathname + location.search) return;
	const before = place.value;
	if (options.replace) history.replaceState(null, '', address);
	else history.pushState(null, '', address);
	place.value = here();
	if (!samePage(before, place.value)) scrollTo(0, 0);
}

export function samePage(a: Place, b: Place): boolean {
	return a.page === b.page && ('id' in a ? a.id : 0) === ('id' in b ? b.id : 0);
}

/** Plain clicks on links of the console change the place; all others are the browser's. */
function follow(event: MouseEvent): void {
	if (event.defaultPrevented || event.button !== 0) return;
	if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
	const link = (event.target as Element | null)?.closest?.('a[href]');
	if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download')) return;
	if (link.origin !== location.origin || link.pathname.startsWith('/api/')) return;
	if (link.hash && link.pathname === location.pathname) return;
	event.preventDefault();
	go(link.pathname + link.search);
}

export function startRouter(): void {
	addEventListener('popstate', () => {
		place.value = here();
	});
	document.addEventListener('click', follow);
	place.value = here();
}
