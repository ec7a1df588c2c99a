// What a silence would mute if it stood now, while it is written.
import { useEffect, useState } from 'preact/hooks';
import { ApiError, get, query } from '../api/client';
import type { SilencePreview } from '../api/types';
import { href } from '../app/address';
import { alertName } from '../alerts/words';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import type { Muted } from './words';

const PAUSE_MS = 200;
const SHOWN = 6;

export function Preview({ of }: { of: Muted }) {
	const { service, host, version, kind } = of;
	const [answer, set] = useState<{ preview?: SilencePreview; error?: string; pending: boolean }>({ pending: true });
	const empty = !service && !host && !version && !kind;
	useEffect(() => {
		if (empty) return;
		let over = false;
		set((before) => ({ ...before, pending: true }));
		const timer = setTimeout(() => {
			get<SilencePreview>(`/silences/preview${query({ service, host, version, kind })}`).then(
				(preview) => over || set({ preview, pending: false }),
				(e: ApiError) => over || set({ error: e.message, pending: false }));
		}, PAUSE_MS);
		return () => { over = true; clearTimeout(timer); };
	}, [service, host, version, kind]);
	return (
		<section class="preview" aria-live="polite" aria-label={t('What it would mute now')}>
			{empty ? <p class="quiet">{t('Say what it mutes: a service, a host, a version or a kind.')}</p>
				: answer.error ? <p class="form-error">{said(answer.error)}</p>
					: answer.preview ? <Muting of={answer.preview} /> : <p class="quiet">{t('Looking…')}</p>}
		</section>
	);
}

function Muting({ of: p }: { of: SilencePreview }) {
	return (
		<>
			<p>
				{rich('Mutes <b>{n, plural, =0 {no alert} one {# alert} other {# alerts}}</b> now', { n: p.alerts.length, b: (x) => <strong>{x}</strong> })}
				{'; '}
				{t('covers {n, plural, one {# service} other {# services}}', { n: p.services })},{' '}
				{t('{n, plural, one {# host} other {# hosts}}', { n: p.hosts })},{' '}
				{t('{n, plural, one {# instance} other {# instances}}', { n: p.instances })}.
			</p>
			{p.instances === 0 && <p class="warn">{t('Nothing that runs now matches.')}</p>}
			<ul>
				{p.alerts.slice(0, SHOWN).map((a) => <li key={a.id}><a href={href.alert(a.id)} target="_blank" rel="noopener">{alertName(a)}</a> <span class="quiet">{said(a.finding.summary)}</span></li>)}
				{p.alerts.length > SHOWN && <li class="quiet">{t('and {n} more', { n: p.alerts.length - SHOWN })}</li>}
			</ul>
		</>
	);
}
