import type { ComponentChildren } from 'preact';
import type { AlertEvent } from '../api/types';
import { When } from '../ui/time';
import { Written } from '../ui/written';
import { said } from '../words/said';
import { rich, t } from '../words/words';

type Kind = AlertEvent['kind'];

/** Each with who did it. */
const WORDS: Record<Kind, (who: ComponentChildren) => ComponentChildren> = {
	opened: (who) => rich('{who} opened the alert', { who }),
	acknowledged: (who) => rich('{who} acknowledged it', { who }),
	note: (who) => rich('{who} noted', { who }),
	resolved: (who) => rich('{who} resolved it as fixed', { who }),
	dismissed: (who) => rich('{who} said that it is not a leak', { who }),
	withdrawn: (who) => rich('{who} withdrew that it is not a leak', { who }),
	reopened: (who) => rich('{who} reopened it', { who }),
	quiet: (who) => rich('{who} no longer sees growth', { who }),
	growing: (who) => rich('{who} sees growth again', { who }),
	assigned: (who) => rich('{who} changed its owner', { who }),
	archived: (who) => rich('{who} archived it', { who }),
	unarchived: (who) => rich('{who} brought it back from the archive', { who }),
	expired: (who) => rich('{who} says that its acknowledgement has expired', { who }),
	escalated: (who) => rich('{who} finds that it escalates', { who }),
	regressed: (who) => rich('{who} finds that it leaks again in the version that was to fix it', { who }),
	verified: (who) => rich('{who} finds that the version holds', { who }),
	merged: (who) => rich('{who} merged alerts', { who }),
	unmerged: (who) => rich('{who} took alerts apart again', { who }),
	split: (who) => rich('{who} split it', { who }),
	hypothesis: (who) => rich('{who} worked on the hypotheses', { who }),
	undone: (who) => rich('{who} took the last step back', { who }),
};

/** In people's own words. */
export const SAID: ReadonlySet<Kind> = new Set(['note', 'dismissed']);

export function EventWords({ event: e }: { event: AlertEvent }) {
	const who = <strong>{e.user ?? t('The detector')}</strong>;
	if (e.kind === 'resolved' && e.user === null) return <>{rich('{who} resolved it: it is gone', { who })}</>;
	return <>{WORDS[e.kind]?.(who) ?? <>{who} {e.kind}</>}</>;
}

/** Who did what, oldest first. */
export function Timeline({ events }: { events: readonly AlertEvent[] }) {
	return (
		<ol class="timeline">
			{events.map((e) => (
				<li key={e.id} class={`e-${e.kind}`}>
					<p class="what">
						<span><EventWords event={e} /></span>
						<span class="quiet"><When ms={e.at_ms} /></span>
					</p>
					{e.text && (SAID.has(e.kind) ? <Written text={e.text} /> : <Written kind="event-text" text={said(e.text)} />)}
				</li>
			))}
		</ol>
	);
}
