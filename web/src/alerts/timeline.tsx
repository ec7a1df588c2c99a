import type { AlertEvent } from '../api/types';
import { When } from '../ui/time';

const WORDS: Record<AlertEvent['kind'], string> = {
	opened: 'opened the alert',
	acknowledged: 'acknowledged it',
	note: 'noted',
	resolved: 'resolved it as fixed',
	dismissed: 'said that it is not a leak',
	withdrawn: 'withdrew that it is not a leak',
	reopened: 'reopened it',
	quiet: 'no longer sees growth',
	growing: 'sees growth again',
};

/** In people's own words. */
const SAID: ReadonlySet<AlertEvent['kind']> = new Set(['note', 'dismissed']);

/** Who did what, oldest first. */
export function Timeline({ events }: { events: readonly AlertEvent[] }) {
	return (
		<ol class="timeline">
			{events.map((e) => (
				<li key={e.id} class={`e-${e.kind}`}>
					<p class="what">
						<span><strong>{e.user ?? 'The detector'}</strong> {e.kind === 'resolved' && e.user === null ? 'resolved it: it is gone' : WORDS[e.kind] ?? e.kind}</span>
						<span class="quiet"><When ms={e.at_ms} /></span>
					</p>
					{e.text && <p class={SAID.has(e.kind) ? 'note-text' : 'event-text'}>{e.text}</p>}
				</li>
			))}
		</ol>
	);
}
