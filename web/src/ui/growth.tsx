import type { Rate } from '../api/types';
import { growth } from '../format/number';
import { t } from '../words/words';
import { None } from './none';

/** Growth with its unit and its 95 % interval. */
export function Growth({ value }: { value: Rate | null }) {
	if (!value) return <None />;
	const { figure, interval } = growth(value);
	// An interval that holds zero is no growth: it is shown, quietly.
	const none = value.low_kb_h <= 0 && value.high_kb_h >= 0;
	return (
		<span class={`growth ${none ? 'none' : ''}`} title={t('95 % interval: {interval}', { interval })}>
			<span class="figure">{figure}</span>
			<span class="interval">{interval}</span>
		</span>
	);
}
