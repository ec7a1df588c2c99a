import { rich, t } from '../words/words';
import { Ago } from './time';

/** Nothing is read any more: what was said last stands, and is neither confirmed nor over. */
export function Silent({ since }: { since: number | null }) {
	if (since === null) return null;
	return (
		<span class="no-data" title={t('Nothing has been read since then; what was said last stands')}>
			<svg class="glyph" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
				<path d="M1 6h2.5M8.5 6H11M5 3.5v5M7 3.5v5" class="stroke" />
			</svg>
			<span>{rich('no data, last {ago}', { ago: <Ago ms={since} /> })}</span>
		</span>
	);
}
