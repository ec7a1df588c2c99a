// "What would this have raised?": the service's history, read again at another sensitivity.
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { touch, usePages, useResource } from '../api/resource';
import type { Replay, ReplayRow, Sensitivity, Service } from '../api/types';
import { href } from '../app/address';
import { zone } from '../app/preferences';
import { go } from '../app/router';
import { DAY, span } from '../format/time';
import { mayAct } from '../session/session';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { toast } from '../ui/toast';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { SENSITIVITIES } from './sensitivity';
import { REPLAY_WORDS, SENSITIVITY_WORDS } from './words';
import { ReplayResult } from './result';

const PAGE = 20;
const DAYS = [1, 3, 7, 14] as const;

export function ReplayPart({ service, chosen }: { service: Service; chosen: number | null }) {
	const pages = usePages<ReplayRow>(`/services/${service.id}/replays`, { limit: PAGE }, ['replays']);
	return (
		<section class="part replays">
			<h2>{t('What would this have raised?')}</h2>
			<p class="quiet table-note">
				{t('The stored history is read again, from two days before that time on, as if the service had been more, or less, sensitive. Nobody is alerted.')}
			</p>
			<Loaded resource={pages} rows={2}>
				{(rows) => {
					const open = rows.find((r) => isOpen(r));
					const shown = chosen ?? rows[0]?.id ?? null;
					return (
						<>
							{mayAct() && <Ask service={service} open={open} />}
							{rows.length === 0 && <p class="quiet">{t('Nothing has been asked yet.')}</p>}
							{rows.length > 0 && <Asked rows={rows} service={service.id} shown={shown} />}
							{shown !== null && <One key={shown} id={shown} />}
						</>
					);
				}}
			</Loaded>
		</section>
	);
}

export function isOpen(r: Pick<ReplayRow, 'state'>): boolean {
	return r.state === 'waiting' || r.state === 'running';
}

function Ask({ service, open }: { service: Service; open: ReplayRow | undefined }) {
	const [sensitivity, setSensitivity] = useState<Sensitivity>('eager');
	const [days, setDays] = useState(1);
	const [busy, setBusy] = useState(false);
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		setBusy(true);
		try {
			const from_ms = Math.max(Date.now() - days * DAY + 60_000, 1);
			const made = await post<Replay>(`/services/${service.id}/replays`, { body: { sensitivity, from_ms } });
			go(href.detection(service.id, { replay: made.id }), { replace: true });
		} catch (e) {
			toast((e as Error).message, { kind: 'failed' });
		}
		touch(['replays']);
		setBusy(false);
	};
	return (
		<form class="ask-replay" onSubmit={(e) => void submit(e)}>
			<label>
				{t('Sensitivity')}{' '}
				<select name="sensitivity" value={sensitivity}
					onChange={(e) => setSensitivity(e.currentTarget.value as Sensitivity)}>
					{SENSITIVITIES.map((s) => <option key={s} value={s}>{SENSITIVITY_WORDS[s]}</option>)}
				</select>
			</label>
			<label>
				{t('over the last')}{' '}
				<select name="days" value={days} onChange={(e) => setDays(Number(e.currentTarget.value))}>
					{DAYS.map((d) => <option key={d} value={d}>{t('{d, plural, =1 {day} other {# days}}', { d })}</option>)}
				</select>
			</label>
			<button type="submit" class="button" disabled={busy || open !== undefined}>{t('Ask')}</button>
			{open && <span class="quiet">{t('One is under way; the next can be asked for when it has ended.')}</span>}
		</form>
	);
}

function Asked({ rows, service, shown }: { rows: readonly ReplayRow[]; service: number; shown: number | null }) {
	return (
		<nav class="filter" aria-label={t('Replays')}>
			{rows.map((r) => (
				<a key={r.id} class="chip" href={href.detection(service, { replay: r.id })}
					aria-current={r.id === shown ? 'true' : undefined}>
					{SENSITIVITY_WORDS[r.sensitivity]} <span class="n">{span(r.from_ms, r.to_ms, zone.value)}</span>
					{r.state !== 'done' && <span class="n">{REPLAY_WORDS[r.state]}</span>}
				</a>
			))}
		</nav>
	);
}

function One({ id }: { id: number }) {
	const resource = useResource<Replay>(`/replays/${id}`, ['replays']);
	return (
		<Loaded resource={resource} rows={4}>
			{(r) => (
				<div class="replay">
					<p class="quiet table-note">
						{rich('Asked by {who} {ago}', { who: r.asked_by ?? t('somebody'), ago: <Ago ms={r.asked_at_ms} /> })}
						{r.state === 'done' && ` · ${t('{n, plural, one {# reading} other {# readings}} read again', { n: r.readings })}`}
					</p>
					<State replay={r} />
				</div>
			)}
		</Loaded>
	);
}

function State({ replay: r }: { replay: Replay }) {
	if (r.state === 'waiting')
		return <p role="status">{t('It waits for the detector, which looks once a minute. The answer appears here by itself.')}</p>;
	if (r.state === 'running')
		return <p role="status">{t('The history is being read again. The answer appears here by itself.')}</p>;
	if (r.state === 'failed')
		return <p role="alert" class="replay-failed"><strong>{t('This replay failed.')}</strong> {said(r.text)}</p>;
	return <ReplayResult replay={r} />;
}
