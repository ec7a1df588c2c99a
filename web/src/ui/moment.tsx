// Moments that are estimates: each with the interval in which it lies.
import type { Moment } from '../api/types';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { until, when } from '../format/time';
import { t } from '../words/words';
import { Until, When } from './time';

/** "08:59 – 09:04": where the moment lies with 95 %; "" where that is not known, or says
 *  no more than the moment does. Pure. */
export function interval(m: Moment, say: (ms: number) => string): string {
	if (m.low_ms === null) return '';
	const ends = [say(m.low_ms), m.high_ms === null ? t('perhaps never') : say(m.high_ms)];
	return ends[0] === ends[1] ? '' : ends.join(' – ');
}

function Interval({ moment, say }: { moment: Moment; say: (ms: number) => string }) {
	const text = interval(moment, say);
	return text ? <span class="interval" title={t('95 % interval')}>{text}</span> : null;
}

/** When growth began. */
export function Onset({ moment }: { moment: Moment }) {
	return (
		<span class="estimate">
			<When ms={moment.at_ms} />
			<Interval moment={moment} say={(ms) => when(ms, now.value, zone.value)} />
		</span>
	);
}

/** When the limit is reached. */
export function Exhaustion({ moment }: { moment: Moment }) {
	return (
		<span class="estimate">
			<Until ms={moment.at_ms} />
			<Interval moment={moment} say={(ms) => until(ms, now.value)} />
		</span>
	);
}
