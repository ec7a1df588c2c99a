// Captures that are under way, and those that came to nothing.
import type { Capture } from '../api/types';
import { href } from '../app/address';
import { When } from '../ui/time';
import { VersionName } from '../ui/verdict';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { CAPTURE_WORDS, causeWords, seat } from './words';

const SHOWN = 10;

export function UnderWay({ rows }: { rows: readonly Capture[] }) {
	if (rows.length === 0) return null;
	return (
		<section class="under-way" aria-label={t('Captures under way')}>
			{rows.map((c) => (
				<a key={c.id} class="under-way-row" href={href.snapshots(c.service.id, { capture: c.id })}>
					<span><strong>{seat(c)}</strong> <span class="quiet"><VersionName version={c.version.version} /></span></span>
					<span class="under-way-state">{CAPTURE_WORDS[c.state]}</span>
					<Progress capture={c} />
					<span class="quiet">{askedBy(c)}</span>
				</a>
			))}
		</section>
	);
}

export function Progress({ capture: c }: { capture: Capture }) {
	if (c.state !== 'running') return <span />;
	const percent = Math.floor(c.progress_permille / 10);
	return (
		<span class="bar-cell">
			<progress class="progress" max={1000} value={c.progress_permille} aria-label={t('Snapshot of {name}', { name: seat(c) })} />
			<span>{percent}{'\u00a0'}%</span>
		</span>
	);
}

/** Refused, failed, too late: each with its reason. */
export function NotTaken({ rows }: { rows: readonly Capture[] }) {
	const shown = rows.filter((c) => ['denied', 'failed', 'expired'].includes(c.state)).slice(0, SHOWN);
	if (shown.length === 0) return null;
	return (
		<section class="part">
			<h2>{t('Not taken')}</h2>
			<div class="scroll" tabIndex={0} role="region" aria-label={t('Not taken')}>
				<table class="grid compact not-taken">
					<thead>
						<tr>
							<th scope="col">{t('When')}</th>
							<th scope="col">{t('Instance')}</th>
							<th scope="col">{t('Asked by')}</th>
							<th scope="col">{t('What happened')}</th>
						</tr>
					</thead>
					<tbody>
						{shown.map((c) => (
							<tr key={c.id}>
								<td><When ms={c.changed_at_ms} /></td>
								<th scope="row">{seat(c)}</th>
								<td>{c.asked_by ?? causeWords(c.cause)}</td>
								<td class="c-why">
									{rich('<b>{state}</b>: {why}', { state: CAPTURE_WORDS[c.state], why: reasonOf(c),
										b: (x) => <strong class={c.state === 'failed' ? 'warn' : ''}>{x}</strong> })}
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</section>
	);
}

function askedBy(c: Capture): string {
	return c.asked_by === null ? causeWords(c.cause) : t('asked for by {who}', { who: c.asked_by });
}

/** What the agent or server said, or else the reasons on the cost card. Pure. */
export function reasonOf(capture: Pick<Capture, 'text' | 'card'>): string {
	const reasons = (capture.text ? [capture.text] : capture.card?.reasons ?? []).map(said);
	return reasons.join('; ') || t('no reason was given');
}
