// j and k walk through the rows of the list on screen: they move the focus from one row's
// main link to the next, so Enter opens and a screen reader reads along.
import { useKeys } from '../app/keyboard';
import { t } from '../words/words';

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

/** `what`: a row of the list, for who reads the code. */
export function useRowKeys(_what: string): void {
	useKeys([
		{ keys: 'j', help: t('Next row'), group: t('Lists'), run: () => move(1) },
		{ keys: 'k', help: t('Previous row'), group: t('Lists'), run: () => move(-1) },
		{ keys: 'Enter', help: t('Open the row'), group: t('Lists'), run: openRow },
	]);
}

function openRow(): void {
	const at = document.activeElement;
	const focused = at instanceof HTMLInputElement ? focusedRow()?.querySelector('a.row-link') : at;
	if (focused instanceof HTMLElement && focused !== document.body) focused.click();
}
