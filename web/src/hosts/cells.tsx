// The squares: lists of links, of which one is in the order of Tab; arrows walk among them.
import { useEffect, useRef } from 'preact/hooks';
import type { HostMap } from '../api/fleet';
import { href } from '../app/address';
import { t } from '../words/words';
import type { Look, Looks, Section } from './colours';

interface Props {
	map: HostMap;
	drawn: Looks;
	parts: readonly Section[];
	group: string;
}

/** There may be ten thousand: draw them again only when what is shown has changed. */
export function Cells({ map, drawn, parts, group }: Props) {
	const root = useRef<HTMLDivElement>(null);
	useEffect(() => {
		if (!root.current?.querySelector('a[tabindex="0"]')) stand(root.current?.querySelector('a') ?? null);
	});
	const onKey = (event: KeyboardEvent) => {
		const at = (event.target as Element).closest<HTMLElement>('a.cell');
		const next = at && root.current && neighbour(root.current, at, event.key);
		if (!next) return;
		event.preventDefault();
		stand(next);
		next.focus();
	};
	// A click makes it the one that Tab comes back to.
	const onFocus = (event: FocusEvent) => stand((event.target as Element).closest<HTMLElement>('a.cell'));
	return (
		<div class="host-map" ref={root} onKeyDown={onKey} onFocusIn={onFocus}>
			{parts.map((part) => (
				<section key={part.name} aria-label={part.name || t('Hosts')}>
					{group && (
						<h2 title={part.name}>
							{part.name === '' ? t('without {label}', { label: group }) : part.name}{' '}
							<span class="quiet">{t('{n, plural, one {# host} other {# hosts}}', { n: part.hosts.length })}</span>
						</h2>
					)}
					<ul>{part.hosts.map((i) => <li key={map.hosts.id[i]}><Cell map={map} i={i} look={drawn.legend[drawn.of[i] ?? 0] as Look} /></li>)}</ul>
				</section>
			))}
		</div>
	);
}

function Cell({ map, i, look }: { map: HostMap; i: number; look: Look }) {
	const alerts = map.hosts.open_alerts[i] ?? 0;
	const words = alerts > 0
		? t('{host}: {state}, {n, plural, one {# instance} other {# instances}}, {alerts, plural, one {# alert} other {# alerts}}',
			{ host: map.hosts.name[i] ?? '', state: look.words, n: map.hosts.instances[i] ?? 0, alerts })
		: t('{host}: {state}, {n, plural, one {# instance} other {# instances}}',
			{ host: map.hosts.name[i] ?? '', state: look.words, n: map.hosts.instances[i] ?? 0 });
	return <a class={`cell ${look.class}`} data-mark={look.mark} href={href.host(map.hosts.id[i] ?? 0)} title={words} aria-label={words} tabIndex={-1} />;
}

/** The one that Tab comes to. Kept in the document, so that a step draws nothing anew. */
function stand(cell: HTMLElement | null): void {
	if (!cell) return;
	cell.closest('.host-map')?.querySelectorAll('a[tabindex="0"]').forEach((a) => a.setAttribute('tabindex', '-1'));
	cell.setAttribute('tabindex', '0');
}

function neighbour(root: HTMLElement, at: HTMLElement, key: string): HTMLElement | undefined {
	const cells = [...root.querySelectorAll<HTMLElement>('a.cell')];
	const i = cells.indexOf(at);
	switch (key) {
		case 'ArrowRight':
			return cells[i + 1];
		case 'ArrowLeft':
			return cells[i - 1];
		case 'Home':
			return cells[0];
		case 'End':
			return cells.at(-1);
		case 'ArrowDown':
			return beyond(cells.slice(i + 1), at);
		case 'ArrowUp':
			return beyond(cells.slice(0, i).reverse(), at);
		default:
			return undefined;
	}
}

/** Of the next row on the way, the one that lies nearest. */
function beyond(way: readonly HTMLElement[], at: HTMLElement): HTMLElement | undefined {
	const place = (e: HTMLElement) => e.getBoundingClientRect();
	const from = place(at);
	let best: HTMLElement | undefined;
	let row: number | undefined;
	let distance = Infinity;
	for (const cell of way) {
		const { top, left } = place(cell);
		if (top === from.top) continue;
		row ??= top;
		if (top !== row) break;
		if (Math.abs(left - from.left) < distance) {
			distance = Math.abs(left - from.left);
			best = cell;
		}
	}
	return best;
}
