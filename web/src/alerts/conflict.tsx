// Somebody else was quicker: what they did, beside what was typed, which is not lost.
import type { AlertEvent } from '../api/types';
import { Ago } from '../ui/time';
import { said } from '../words/said';
import { t } from '../words/words';
import { EventWords, SAID } from './timeline';

export function Conflict({ events }: { events: readonly AlertEvent[] }) {
	return (
		<div class="conflict" role="alert">
			<p><strong>{t('It has changed since you saw it.')}</strong> {t('Nothing of yours was sent, and nothing is lost.')}</p>
			<ul>
				{events.map((e) => (
					<li key={e.id}><EventWords event={e} />, <Ago ms={e.at_ms} />{e.text && <q>{SAID.has(e.kind) ? e.text : said(e.text)}</q>}</li>
				))}
			</ul>
			<p>{t('Send it again if it is still what you want.')}</p>
		</div>
	);
}
