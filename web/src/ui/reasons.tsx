import type { Reason } from '../api/types';
import { said } from '../words/said';
import { t } from '../words/words';

/** What speaks for a verdict and what against it, side by side. */
export function Reasons({ reasons }: { reasons: readonly Reason[] }) {
	if (reasons.length === 0) return <p class="quiet">{t('No reasons were recorded.')}</p>;
	return (
		<div class="reasons">
			<ReasonList speaksFor reasons={reasons.filter((r) => r.for)} />
			<ReasonList reasons={reasons.filter((r) => !r.for)} />
		</div>
	);
}

function ReasonList({ speaksFor = false, reasons }: { speaksFor?: boolean; reasons: Reason[] }) {
	return (
		<section class={speaksFor ? 'for' : 'against'}>
			<h3>{t(speaksFor ? 'For' : 'Against')}</h3>
			{reasons.length === 0
				? <p class="quiet">{t(speaksFor ? 'Nothing speaks for it.' : 'Nothing speaks against it.')}</p>
				: <ul>{reasons.map((r) => <li key={r.text}>{said(r.text)}</li>)}</ul>}
		</section>
	);
}
