// Objects that hold many of one class; each opens to what holds it.
import { useState } from 'preact/hooks';
import type { HeapHolder } from '../api/types';
import { bytes, count } from '../format/number';
import { t } from '../words/words';
import { Chain } from './chain';
import { Name, Share } from './heap';
import { propertyPath } from './words';

const FIRST = 10;

export function Holders({ title, help, rows }: { title: string; help: string; rows: readonly HeapHolder[] }) {
	const [all, showAll] = useState(false);
	if (rows.length === 0) return null;
	const largest = rows.reduce((most, h) => Math.max(most, h.retained_bytes), 0);
	return (
		<section class="part">
			<h2>{title}</h2>
			<p class="quiet table-note">{help}</p>
			<div class="scroll" tabIndex={0} role="region" aria-label={title}>
				<table class="grid compact heap-table">
					<thead>
						<tr>
							<th scope="col">{t('Object')}</th>
							<th scope="col">{t('Holds')}</th>
							<th scope="col" class="num">{t('How many')}</th>
							<th scope="col" class="num">{t('Their size')}</th>
							<th scope="col" class="num">{t('Retained in all')}</th>
							<th scope="col"><span class="sr-only">{t('What holds it')}</span></th>
						</tr>
					</thead>
					{(all ? rows : rows.slice(0, FIRST)).map((h, i) => <Holder key={i} holder={h} largest={largest} />)}
				</table>
			</div>
			{!all && rows.length > FIRST && (
				<p class="more">
					<button type="button" class="button" onClick={() => showAll(true)}>{t('Show all {n}', { n: count(rows.length) })}</button>
				</p>
			)}
		</section>
	);
}

function Holder({ holder: h, largest }: { holder: HeapHolder; largest: number }) {
	const [shown, show] = useState(false);
	const path = propertyPath(h);
	return (
		<tbody>
			<tr>
				<th scope="row"><Name of={h} />{path !== '' && <code class="heap-location">{path}</code>}</th>
				<td><Name of={h.child} /></td>
				<td class="num">{count(h.child_count)}</td>
				<td class="num">{bytes(h.child_bytes)}</td>
				<td class="num">{bytes(h.retained_bytes)}<Share part={h.retained_bytes} of={largest} /></td>
				<td class="num">
					<button type="button" class="text-button" aria-expanded={shown} onClick={() => show(!shown)}>
						{t('Held by…')}<span class="sr-only"> ({h.name})</span>
					</button>
				</td>
			</tr>
			{shown && <tr class="why"><td colSpan={6}><div><Chain holder={h} /></div></td></tr>}
		</tbody>
	);
}
