import { memory } from '../format/number';
import { t } from '../words/words';

/** How full something is; `of` null: nothing limits it. */
export function MemoryBar({ used, of }: { used: number | null; of: number | null }) {
	if (used === null || !of) return <span class="unknown">{t('no limit')}</span>;
	const ratio = Math.min(1, Math.max(0, used / of));
	const percent = ratio > 0 && ratio < 0.01 ? '<1' : String(Math.round(ratio * 100));
	return (
		<span class="bar-cell" title={t('{used} of {limit}', { used: memory(used), limit: memory(of) })}>
			<span class={`bar ${ratio > 0.85 ? 'near' : ''}`} aria-hidden="true">
				<span style={{ width: `${ratio * 100}%` }} />
			</span>
			<span>{percent}{'\u00a0'}%<span class="sr-only">{' '}{t('of {limit}', { limit: memory(of) })}</span></span>
		</span>
	);
}
