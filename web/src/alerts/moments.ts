// Moments that people mean when they say "until": as choices of a form. Pure.
import { DAY, HOUR, type Zone, fromInput, parts } from '../format/time';
import { t } from '../words/words';

export interface Choice {
	value: string;
	name: string;
}

export function untilChoices(): Choice[] {
	return [
		{ value: '1h', name: t('for 1 hour') },
		{ value: '8h', name: t('for 8 hours') },
		{ value: 'tomorrow', name: t('until tomorrow, 09:00') },
		{ value: 'monday', name: t('until Monday, 09:00') },
		{ value: '7d', name: t('for 7 days') },
		{ value: '30d', name: t('for 30 days') },
		{ value: 'at', name: t('until a time of your own…') },
	];
}

const SPANS: Record<string, number> = { '1h': HOUR, '8h': 8 * HOUR, '7d': 7 * DAY, '30d': 30 * DAY };

/** Unix ms; null: no end was chosen; NaN: `own` is no time. */
export function untilMs(choice: string, own: string, now: number, zone: Zone): number | null {
	if (choice === '') return null;
	if (choice === 'at') return fromInput(own, zone);
	const span = SPANS[choice];
	if (span !== undefined) return now + span;
	return nine(now, zone, choice === 'monday');
}

/** The next day, or the next Monday, at 09:00. */
function nine(now: number, zone: Zone, monday: boolean): number {
	const p = parts(now, zone);
	const weekday = new Date(Date.UTC(p.year, p.month, p.day)).getUTCDay();
	const days = monday ? ((8 - weekday) % 7) || 7 : 1;
	return zone === 'utc' ? Date.UTC(p.year, p.month, p.day + days, 9)
		: new Date(p.year, p.month, p.day + days, 9).getTime();
}
