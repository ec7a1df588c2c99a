// j and k walk through the rows of the list on screen: they move the focus from one row's
// main link to the next, so Enter opens and a screen reader reads along.
import { useKeys } from '../app/keyboard';

const LINKS = '[data-row] a.row-link';

export function focusedRow(): HTMLElement | null {
	return document.activeElement?.closest<HTMLElement>('[data-row]') ?? null;
}

function move(step: 1 | -1): void {
	const links = [...document.querySelectorAll<HTMLElement>(LINKS)];
	const row = focusedRow();
	const at = row ? links.findIndex((l) => row.contains(l)) : -1;
	const next = at < 0 && step < 0 ? links.length - 1 : at + step;
	const link = links[Math.min(Math.max(next, 0), links.length - 1)];
	link?.focus();
	link?.closest('[data-row]')?.scrollIntoView({ block: 'nearest' });
}

export function useRowKeys(what: string): void {
	useKeys([
		{ keys: 'j', help: `Next ${what}`, group: 'Lists', run: () => move(1) },
		{ keys: 'k', help: `Previous ${what}`, group: 'Lists', run: () => move(-1) },
		{ keys: 'Enter', help: `Open the ${what}`, group: 'Lists', run: openRow },
	]);
}

function openRow(): void {
	const focused = document.activeElement;
	if (focused instanceof HTMLElement && focused !== document.body) focused.click();
}
