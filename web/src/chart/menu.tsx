// What a chart can be taken away as: its figures, its picture, the question behind it, its address.
import type { RefObject } from 'preact';
import { zone } from '../app/preferences';
import { span } from '../format/time';
import { TakeMenu, apiCall, copy, save } from '../ui/export';
import { t } from '../words/words';
import { csv, tableOf } from './export';
import type { Model } from './model';

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
		[t('Copy the API call'), () => void copy(apiCall(path ?? ''))],
		[t('Copy a link with fixed times'), withModel(permalink)],
	];
	return <TakeMenu name={name} items={items} />;
}
