// What a table can be taken away as: all of its rows as CSV or JSON, the question behind it,
// its address.
import { t } from '../words/words';
import { toast } from './toast';

type Cell = string | number | boolean | null;

export function save(name: string, extension: string, content: Blob): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(content);
	link.download = `${name.slice(0, 80).replace(/[^\p{L}\p{N}._-]+/gu, '-')}.${extension}`;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export async function copy(text: string): Promise<void> {
	try {
		await navigator.clipboard.writeText(text);
		toast(t('Copied'));
	} catch {
		toast(t('The browser did not allow copying: select the text instead.'), { kind: 'failed' });
	}
}

/** {host: {id: 1, name: 'web-1'}, pids: [3, 4]} → host.id, host.name, pids. Pure. */
export function flat(value: unknown, name = '', into = new Map<string, Cell>()): Map<string, Cell> {
	if (Array.isArray(value)) into.set(name, value.map((v) => (typeof v === 'object' ? JSON.stringify(v) : String(v))).join('; '));
	else if (typeof value === 'object' && value !== null)
		for (const [key, inside] of Object.entries(value)) flat(inside, name ? `${name}.${key}` : key, into);
	else into.set(name, value as Cell);
	return into;
}

/** What a spreadsheet would run as a formula is kept text. */
function cell(value: Cell | undefined): string {
	if (typeof value !== 'string') return String(value ?? '');
	const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function linesOf(rows: readonly (readonly (Cell | undefined)[])[]): string {
	return rows.map((row) => row.map(cell).join(',')).join('\r\n');
}

/** One column for each member that any row has, by the API's names. Pure. */
export function csvOf(rows: readonly unknown[]): string {
	const all = rows.map((row) => flat(row));
	const columns = [...new Set(all.flatMap((row) => [...row.keys()]))];
	return linesOf([columns, ...all.map((row) => columns.map((c) => row.get(c)))]);
}

/** A line for a shell. */
export function apiCall(path: string): string {
	return `curl -H "Authorization: Bearer $TOKEN" '${location.origin}/api/v1${path.replaceAll("'", '%27')}'`;
}

export function TakeMenu({ name, items }: { name: string; items: readonly (readonly [string, () => void])[] }) {
	const shut = (menu: HTMLDetailsElement) => { menu.open = false; };
	return (
		<details class="chart-menu"
			onKeyDown={(e) => {
				if (e.key !== 'Escape' || !e.currentTarget.open) return;
				shut(e.currentTarget);
				e.currentTarget.querySelector('summary')?.focus();
				e.stopPropagation();
			}}
			onFocusOut={(e) => { if (!e.currentTarget.contains(e.relatedTarget as Node | null)) shut(e.currentTarget); }}>
			<summary aria-label={t('Take {name} away', { name })} title={t('Save or copy')}>⋯</summary>
			<div class="chart-menu-items">
				{items.map(([words, run]) => (
					<button type="button" key={words} onClick={(e) => { run(); shut(e.currentTarget.closest('details') as HTMLDetailsElement); }}>{words}</button>
				))}
			</div>
		</details>
	);
}

/** `path`: behind /api/v1. `rows`: as the API gave them. */
export function TableMenu({ name, path, rows }: { name: string; path: string; rows: () => readonly unknown[] }) {
	return (
		<TakeMenu name={name} items={[
			[t('Save as CSV'), () => save(name, 'csv', new Blob([csvOf(rows())], { type: 'text/csv' }))],
			[t('Save as JSON'), () => save(name, 'json', new Blob([JSON.stringify(rows(), null, '\t')], { type: 'application/json' }))],
			[t('Copy the API call'), () => void copy(apiCall(path))],
			[t('Copy a link to this page'), () => void copy(location.href)],
		]} />
	);
}
