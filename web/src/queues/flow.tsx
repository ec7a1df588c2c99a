// What the colours of in and out mean.
import { Swatch } from '../chart/swatch';
import { t } from '../words/words';

export function FlowKey({ colourOf }: { colourOf: (id: number) => number }) {
	return (
		<span class="flow-key">
			<span class="key"><Swatch index={colourOf(0)} /> {t('in')}</span>
			<span class="key"><Swatch index={colourOf(1)} /> {t('out')}</span>
			<span class="key"><span class="swatch over" aria-hidden="true" /> {t('more in than out')}</span>
			<span class="key"><span class="swatch under" aria-hidden="true" /> {t('it drains')}</span>
		</span>
	);
}
