// What can be done with the rows that are ticked, and what became of it.
import type { AlertRow, StepAnswers } from '../api/types';
import { href } from '../app/address';
import { said } from '../words/said';
import { t } from '../words/words';
import { isDone } from './steps';
import { alertName } from './words';

export type Deed = 'acknowledge' | 'resolve' | 'archive' | 'assign' | 'reopen' | 'silence' | 'merge';

export const KEYS: Partial<Record<Deed, string>> = { acknowledge: 'a', resolve: 'e', archive: 'i', silence: 's', merge: 'm' };

export function deedName(deed: Deed): string {
	return {
		acknowledge: t('Acknowledge'), resolve: t('Resolve'), archive: t('Archive'), assign: t('Assign'), reopen: t('Reopen'),
		silence: t('Silence'), merge: t('Merge'),
	}[deed];
}

export function BulkBar({ n, deeds, run, clear }: {
	n: number;
	deeds: readonly Deed[];
	run: (deed: Deed) => void;
	clear: () => void;
}) {
	return (
		<div class="bulk" role="toolbar" aria-label={t('With what is selected')}>
			<strong aria-live="polite">{t('{n} selected', { n })}</strong>
			{deeds.map((deed) => (
				<button type="button" class="button" key={deed} disabled={deed === 'merge' && n < 2} onClick={() => run(deed)}>
					{deedName(deed)}… {KEYS[deed] && <kbd aria-hidden="true">{KEYS[deed]}</kbd>}
				</button>
			))}
			<button type="button" class="text-button" onClick={clear}>{t('Clear')}</button>
		</div>
	);
}

export interface Outcome {
	alerts: readonly AlertRow[];
	answers: StepAnswers;
}

/** Which alerts stayed as they were, and why. */
export function Failures({ of, close }: { of: Outcome; close: () => void }) {
	const failed = of.answers.items.filter((i) => !isDone(i));
	if (failed.length === 0) return null;
	return (
		<div class="notice" role="alert">
			<div>
				<p><strong>{t('{n} of {all} stayed as they were:', { n: failed.length, all: of.answers.items.length })}</strong></p>
				<ul>
					{failed.map((f) => {
						const alert = of.alerts.find((a) => a.id === f.id);
						return <li key={f.id}><a href={href.alert(f.id)}>{alert ? alertName(alert) : `#${f.id}`}</a>: {why(f.status, f.detail)}</li>;
					})}
				</ul>
				<p class="quiet">{t('They are still selected.')}</p>
			</div>
			<button type="button" class="icon-button" aria-label={t('Dismiss')} onClick={close}>×</button>
		</div>
	);
}

function why(status: number, detail: string | null): string {
	if (status === 412) return t('somebody changed it since you saw it; look at it, then try again');
	if (status === 403) return t('you may not do this');
	if (status === 404) return t('it is not there any more');
	return detail ? said(detail) : t('the server refused it');
}
