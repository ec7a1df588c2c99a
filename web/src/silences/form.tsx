// The form of a silence: what it mutes, when, why, and what that would be right now.
import '../styles/alerts.css';
import { useState } from 'preact/hooks';
import { type ApiError, get, post } from '../api/client';
import { touch } from '../api/resource';
import type { Kind, Page, Silence } from '../api/types';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { Field, FormError, Line, UntilField } from '../alerts/fields';
import { untilChoices, untilMs } from '../alerts/moments';
import { DAY, fromInput, toInput } from '../format/time';
import { Dialog } from '../ui/dialog';
import { KIND_WORDS } from '../ui/finding';
import { toast } from '../ui/toast';
import { t } from '../words/words';
import { Preview } from './preview';
import { type Draft, type Muted, scope, silenceOf, weekly } from './words';

export { silenceOf };

const KINDS: readonly Kind[] = ['leak', 'native', 'backlog', 'version'];

interface Form extends Muted {
	starts: string;
	until: string;
	own: string;
	weekly: boolean;
	reason: string;
}

function begin(s: Muted & Partial<Silence>): Form {
	const again = s.ends_at_ms !== undefined && s.starts_at_ms !== undefined;
	const kept = again && s.id !== undefined;
	return { service: s.service, host: s.host, version: s.version, kind: s.kind, weekly: s.weekly ?? false, reason: s.reason ?? '',
		starts: kept && s.starts_at_ms !== undefined ? toInput(s.starts_at_ms, zone.value) : '',
		until: kept ? 'at' : '8h', own: kept && s.ends_at_ms !== undefined ? toInput(s.ends_at_ms, zone.value) : '' };
}

/** What the form says; the reason why not when it says too little. */
function draftOf(f: Form, at: number): Draft | string {
	if (!f.service.trim() && !f.host.trim() && !f.version.trim() && !f.kind) return t('Say what it mutes.');
	const starts = f.starts.trim() ? fromInput(f.starts, zone.value) : at;
	const ends = untilMs(f.until, f.own, Number.isNaN(starts) ? at : Math.max(at, starts), zone.value) ?? Number.NaN;
	if (Number.isNaN(starts) || Number.isNaN(ends)) return t('Give times as in 2026-11-23 14:30.');
	if (ends <= starts) return t('It ends before it begins.');
	if (f.weekly && ends - starts > 7 * DAY) return t('A weekly window is shorter than a week.');
	if (f.reason.trim() === '') return t('Say why: others will wonder.');
	return { service: f.service.trim(), host: f.host.trim(), version: f.version.trim(), kind: f.kind, weekly: f.weekly,
		reason: f.reason.trim(), starts_at_ms: Math.round(starts), ends_at_ms: Math.round(ends) };
}

/** `silence` with an id is changed; without one it is new. */
export function SilenceDialog({ silence, close }: { silence: Muted & Partial<Silence>; close: () => void }) {
	const [form, put] = useState(() => begin(silence));
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const [theirs, see] = useState<Silence | null>(null);
	const set = (part: Partial<Form>) => put({ ...form, ...part });
	const draft = draftOf(form, now.value);
	const submit = async (event: Event) => {
		event.preventDefault();
		if (typeof draft === 'string') return setError(draft);
		if (busy) return;
		setBusy(true);
		try {
			await send(draft, theirs ?? silence);
			touch(['alerts']);
			toast(t('Silenced: {scope}.', { scope: scope(draft) }));
			close();
		} catch (e) {
			const failed = e as ApiError;
			const found = failed.status === 412 ? await find(silence.id).catch(() => null) : null;
			if (found) see(found);
			setError(found ? '' : failed.message);
		}
		setBusy(false);
	};
	return (
		<Dialog title={silence.id ? t('Change a silence') : t('Silence alerts')} close={close} wide>
			<form class="fields silence-form" onSubmit={(e) => void submit(e)} noValidate>
				<p class="quiet">{t('Alerts go on and are shown; nobody is notified of them. * stands for anything, empty fields match all.')}</p>
				<div class="pair">
					<Line label={t('Service')} name="service" value={form.service} set={(service) => set({ service })} max={200} focus />
					<Line label={t('Version')} name="version" value={form.version} set={(version) => set({ version })} max={200} />
					<Line label={t('Host')} name="host" value={form.host} set={(host) => set({ host })} max={200} placeholder={t('web-*')} />
					<Field label={t('Kind')}>
						<select name="kind" value={form.kind ?? ''} onChange={(e) => set({ kind: (e.currentTarget.value || null) as Kind | null })}>
							<option value="">{t('every kind')}</option>
							{KINDS.map((k) => <option key={k} value={k}>{KIND_WORDS[k]}</option>)}
						</select>
					</Field>
				</div>
				<Preview of={form} />
				<div class="pair">
					<Line label={t('From')} name="starts" value={form.starts} set={(starts) => set({ starts })} max={20} placeholder={t('now')}
						help={t('Empty: now')} />
					<UntilField label={t('Ends')} choices={untilChoices()} choice={form.until} own={form.own}
						set={(until, own) => set({ until, own })} />
				</div>
				<label class="tick">
					<input type="checkbox" checked={form.weekly} onChange={(e) => set({ weekly: e.currentTarget.checked })} />
					<span>{t('Again each week (a maintenance window)')}{form.weekly && typeof draft !== 'string' && <span class="quiet">{weekly(draft)}</span>}</span>
				</label>
				<Line label={t('Reason')} name="reason" value={form.reason} set={(reason) => set({ reason })} max={2000} required
					placeholder={t('Kernel upgrade of the web hosts')} />
				{theirs && <p class="conflict" role="alert"><strong>{t('It has changed since you saw it.')}</strong> {t('Now: {scope}; {reason}.', { scope: scope(theirs), reason: theirs.reason })} {t('Send it again if it is still what you want.')}</p>}
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary" disabled={busy}>{silence.id ? t('Change') : t('Silence')}</button>
				</div>
			</form>
		</Dialog>
	);
}

function send(body: Draft, known: Partial<Silence>): Promise<Silence> {
	if (known.id === undefined || known.revision === undefined) return post<Silence>('/silences', { body });
	return post<Silence>(`/silences/${known.id}`, { method: 'PUT', body, revision: known.revision });
}

async function find(id: number | undefined): Promise<Silence | null> {
	const page = await get<Page<Silence>>('/silences?state=active,pending,expired');
	return page.items.find((s) => s.id === id) ?? null;
}

/** As new, for who silences again what is over. */
export function again(s: Silence): Muted & Partial<Silence> {
	const { id: _, revision: __, starts_at_ms: ___, ends_at_ms: ____, ...rest } = s;
	return rest;
}

