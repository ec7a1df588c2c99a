// What a chart can be taken away as: its figures, its picture, the question behind it, its address.
import type { RefObject } from 'preact';
import { zone } from '../app/preferences';
import { span } from '../format/time';
import { toast } from '../ui/toast';
import { t } from '../words/words';
import { csv, tableOf } from './export';
import type { Model } from './model';

function save(name: string, extension: string, content: Blob): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(content);
	link.download = `${name.slice(0, 80).replace(/[^\p{L}\p{N}._-]+/gu, '-')}.${extension}`;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function copy(text: string): Promise<void> {
	try {
		await navigator.clipboard.writeText(text);
		toast(t('Copied'));
	} catch {
		toast(t('The browser did not allow copying: select the text instead.'), { kind: 'failed' });
	}
}

/** The canvas on the colour of the page, with its name and span above. */
function picture(canvas: HTMLCanvasElement, name: string, model: Model): void {
	const out = document.createElement('canvas');
	const dpr = canvas.width / canvas.clientWidth;
	const head = 24 * dpr;
	out.width = canvas.width;
	out.height = canvas.height + head;
	const c = out.getContext('2d') as CanvasRenderingContext2D;
	const style = getComputedStyle(document.body);
	c.fillStyle = style.backgroundColor;
	c.fillRect(0, 0, out.width, out.height);
	c.fillStyle = style.color;
	c.font = `${13 * dpr}px ${style.fontFamily}`;
	c.fillText(`${name.slice(0, 100)} · ${model.ages ? t('by age') : span(model.from, model.end, zone.value)}`, 8 * dpr, 16 * dpr);
	c.drawImage(canvas, 0, head);
	out.toBlob((blob) => { if (blob) save(name, 'png', blob); });
}

export function ChartMenu({ name, model, path, figure }: {
	name: string;
	model: () => Model | undefined;
	/** Behind /api/v1; undefined: not asked yet. */
	path: string | undefined;
	figure: RefObject<HTMLElement | null>;
}) {
	const withModel = (work: (model: Model) => void) => () => {
		const shown = model();
		if (shown) work(shown);
	};
	const canvas = () => figure.current?.querySelector('canvas') ?? undefined;
	const permalink = (m: Model) => {
		const url = new URL(location.href);
		if (!m.ages) {
			url.searchParams.delete('range');
			url.searchParams.set('from', String(m.from));
			url.searchParams.set('to', String(m.end));
		}
		void copy(url.href);
	};
	const items: (readonly [string, () => void])[] = [
		[t('Save as CSV'), withModel((m) => save(name, 'csv', new Blob([csv(tableOf(m))], { type: 'text/csv' })))],
		[t('Save as JSON'), withModel((m) => save(name, 'json', new Blob([JSON.stringify(tableOf(m))], { type: 'application/json' })))],
		[t('Save as picture'), withModel((m) => { const c = canvas(); if (c) picture(c, name, m); })],
		[t('Copy the API call'), () => void copy(`curl -H "Authorization: Bearer $TOKEN" '${location.origin}/api/v1${path ?? ''}'`)],
		[t('Copy a link with fixed times'), withModel(permalink)],
	];
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
