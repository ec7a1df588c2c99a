import type { Insides } from '../api/types';
import { memory } from '../format/number';
import { t } from '../words/words';

const FULL = 85; // per cent from which on it is near its end

function whole(pct: number): string {
	return pct > 0 && pct < 1 ? '<1' : String(Math.round(pct));
}

/** How full the heap is: of its real limit, never of what happens to be committed. */
export function HeapBar({ insides }: { insides: Insides }) {
	const { heap_pct: pct, values } = insides;
	const used = values['heap_used_kb'];
	const limit = values['heap_limit_kb'];
	if (typeof pct !== 'number') return <>{typeof used === 'number' ? memory(used) : <span class="unknown">{t('not known')}</span>}</>;
	const of = typeof used === 'number' && typeof limit === 'number' ? t('{used} of {limit}', { used: memory(used), limit: memory(limit) }) : '';
	return (
		<span class="bar-cell" title={of}>
			<span class={`bar ${pct > FULL ? 'near' : ''}`} aria-hidden="true"><span style={{ width: `${Math.min(100, pct)}%` }} /></span>
			<span>{whole(pct)}{'\u00a0'}%<span class="sr-only">{of && `, ${of}`}</span></span>
		</span>
	);
}

/** The heap against its limit: what is really held, what is garbage or not yet collected,
 *  what is committed, and what is left. */
export function HeapScale({ insides }: { insides: Insides }) {
	const v = insides.values;
	const used = v['heap_used_kb'] ?? 0;
	const limit = v['heap_limit_kb'] ?? Math.max(v['heap_total_kb'] ?? 0, used, 1);
	const floor = Math.min(v['heap_floor_kb'] ?? 0, used);
	const total = Math.max(v['heap_total_kb'] ?? used, used);
	const width = (kb: number) => ({ width: `${Math.min(100, (kb / limit) * 100)}%` });
	return (
		<div class="heap-scale">
			<div class="scale" aria-hidden="true">
				<span class="s-total" style={width(total)} />
				<span class="s-used" style={width(used)} />
				{floor > 0 && <span class="s-floor" style={width(floor)} />}
			</div>
			<ul class="scale-key">
				{floor > 0 && <li><span class="swatch s-floor" aria-hidden="true" /> {t('after full GC')} <strong>{memory(floor)}</strong></li>}
				<li><span class="swatch s-used" aria-hidden="true" /> {t('used')} <strong>{memory(used)}</strong></li>
				<li><span class="swatch s-total" aria-hidden="true" /> {t('committed')} <strong>{memory(total)}</strong></li>
				{typeof v['heap_limit_kb'] === 'number' && <li><span class="swatch s-limit" aria-hidden="true" /> {t('limit')} <strong>{memory(limit)}</strong></li>}
			</ul>
		</div>
	);
}
