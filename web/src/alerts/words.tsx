// Where an alert stands with people, in shape, colour and word.
import type { JSX } from 'preact';
import type { AlertRow, Inbox } from '../api/types';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { growth } from '../format/number';
import { when } from '../format/time';
import { t } from '../words/words';

export const INBOX_WORDS: Record<Inbox, string> = {
	new: t('new'),
	escalating: t('escalating'),
	regressed: t('regressed'),
	acknowledged: t('acknowledged'),
	archived: t('archived'),
	resolved: t('resolved'),
};

const HELP: Record<Inbox, string> = {
	new: t('Nobody has looked at it yet'),
	escalating: t('It got clearly worse since somebody looked, or broke the condition of its archive'),
	regressed: t('It leaks on the version that was to fix it, or on a later one'),
	acknowledged: t('Somebody works on it'),
	archived: t('Put aside until it grows, spreads, or its time is over'),
	resolved: t('Fixed, gone, or not a leak'),
};

const SHAPES: Record<Inbox, JSX.Element> = {
	new: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
	escalating: <path d="m2 6.5 4-4 4 4M2 11l4-4 4 4" class="stroke" />,
	regressed: <path d="M3.8 1.5 1.5 4l2.3 2.5M1.8 4H7.5a3 3 0 0 1 0 6.5H4" class="stroke" />,
	acknowledged: <g><circle cx="6" cy="6" r="4.25" class="stroke" /><circle cx="6" cy="6" r="1.5" fill="currentColor" /></g>,
	archived: <path d="M1.5 2.5h9v2.5h-9zM2.5 5v5.5h7V5M5 7.5h2" class="stroke" />,
	resolved: <path d="m1.8 6.4 2.7 2.7 5.7-6.2" class="stroke" />,
};

export function InboxBadge({ inbox }: { inbox: Inbox }) {
	return (
		<span class={`state s-${inbox}`} title={HELP[inbox]}>
			<svg class="glyph" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{SHAPES[inbox]}</svg>
			{INBOX_WORDS[inbox] ?? inbox}
		</span>
	);
}

/** "checkout 1.1". Pure. */
export function alertName(alert: AlertRow): string {
	const { service, version } = alert.finding;
	return [service.name, version.version].filter(Boolean).join(' ');
}

/** How it ended, and by whom: "not a leak, says ada". Pure. */
export function resolvedAs(alert: Pick<AlertRow, 'resolution' | 'resolved_by' | 'resolved_in'>): string {
	const who = alert.resolved_by ?? t('the detector');
	if (alert.resolution === 'not-a-leak') return t('not a leak, says {who}', { who });
	if (alert.resolution === 'gone') return t('gone: the detector finds it no more');
	if (alert.resolved_in) return t('fixed in {version}, says {who}', { version: alert.resolved_in, who });
	return t('as fixed by {who}', { who });
}

interface Condition {
	until_ms?: number | null;
	above_kb_h?: number | null;
	above_hosts?: number | null;
}

/** When what is archived comes back, as a sentence. */
export function archivedUntil(said: Condition | null): string {
	if (!said) return t('Give one of the three at least.');
	const parts = [
		said.above_kb_h && t('it grows faster than {figure}', { figure: growth({ kb_h: said.above_kb_h, low_kb_h: 0, high_kb_h: said.above_kb_h }).figure.replace('+', '') }),
		said.above_hosts && t('it leaks on more than {n, plural, one {# host} other {# hosts}}', { n: said.above_hosts }),
		said.until_ms && t('it is {time}', { time: when(said.until_ms, now.value, zone.value) }),
	].filter(Boolean);
	return t('Comes back when {conditions}.', { conditions: parts.join(t(', or ')) });
}
