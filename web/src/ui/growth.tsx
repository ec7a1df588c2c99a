import type { Rate } from '../api/types';
import { interval, rate } from '../format/number';

/** Growth with its unit and its 95 % interval. */
export function Growth({ value }: { value: Rate | null }) {
	if (!value) return <span class="unknown">–</span>;
	const range = interval(value.low_kb_h, value.high_kb_h);
	// An interval that holds zero is no growth: it is shown, quietly.
	const none = value.low_kb_h <= 0 && value.high_kb_h >= 0;
	return (
		<span class={`growth ${none ? 'none' : ''}`} title={`95 % interval: ${range}`}>
			<span class="figure">{rate(value.kb_h)}</span>
			<span class="interval">{range}</span>
		</span>
	);
}
