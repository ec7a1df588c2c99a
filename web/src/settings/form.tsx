// Who is told, how, and of what. A change says which revision it is of.
import { useState } from 'preact/hooks';
import { type ApiError, get, post } from '../api/client';
import type { Target, TargetEvent, TargetMade, TargetWish } from '../api/settings';
import type { Page } from '../api/types';
import { Field, FormError, Line } from '../alerts/fields';
import { Command } from '../ui/command';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { t } from '../words/words';
import { ADDRESS_EXAMPLES, EVENTS, EVENT_HELP, EVENT_WORDS, KIND_HELP, KIND_NAMES, OWN_SECRET, type TargetKind, USUAL } from './words';

const KINDS = Object.keys(KIND_NAMES) as TargetKind[];
const MAIL_EXAMPLES = { to: 'ops@example.com', from: 'tidemark@example.com' };
const NEW: TargetWish = { name: '', kind: 'webhook', url: '', service: '', events: [...USUAL], enabled: true, starttls: true, a_minute: 30 };

/** What is sent of a target: what its kind has no use for is left out. Pure. */
export function wishOf({ name, kind, url, service, events, enabled, recipients, sender, username, password, starttls, a_minute }: TargetWish): TargetWish {
	const mail = kind === 'smtp' ? { recipients: recipients?.trim() ?? '', sender: sender?.trim() ?? '', starttls } : { starttls: true };
	const login = kind === 'smtp' || kind === 'alertmanager' || kind === 'alertmanager-webhook' || kind === 'webhook' ? { username: username?.trim() ?? '' } : {};
	return { name: name.trim(), kind, url: url.trim().replace(/\s+/g, ' '), service: service?.trim() ?? '', events: EVENTS.filter((e) => events.includes(e)), enabled, a_minute,
		...mail, ...login, ...(password ? { password } : {}) };
}

/** Throws what the server refuses it with. */
export function change(target: Target, part: Partial<TargetWish>): Promise<Target> {
	return post<Target>(`/targets/${target.id}`, { method: 'PUT', body: wishOf({ ...target, ...part }), revision: target.revision });
}

/** null: a new one. `made`: with a secret that is shown once. */
export function TargetDialog({ target, close, made }: { target: Target | null; close: () => void; made: (target: TargetMade) => void }) {
	const [form, put] = useState<TargetWish>(target ?? NEW);
	const [theirs, see] = useState<Target | null>(null);
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const set = (part: Partial<TargetWish>) => put((f) => ({ ...f, ...part }));
	const tick = (event: TargetEvent, on: boolean) => set({ events: on ? [...form.events, event] : form.events.filter((e) => e !== event) });
	const submit = async (e: Event) => {
		e.preventDefault();
		if (form.events.length === 0) return setError(t('Tick at least one event.'));
		if (busy) return;
		setBusy(true);
		try {
			const known = theirs ?? target;
			const done = known ? await change(known, form) : await post<TargetMade>('/targets', { body: wishOf(form) });
			toast(t('{name} will be told.', { name: form.name }));
			return known || !(done as TargetMade).secret ? close() : made(done as TargetMade);
		} catch (failure) {
			const { status, message } = failure as ApiError;
			const all = status === 412 ? await get<Page<Target>>('/targets').catch(() => null) : null;
			const found = all?.items.find((x) => x.id === target?.id);
			if (found) see(found);
			setError(found ? '' : message);
		}
		setBusy(false);
	};
	return (
		<Dialog title={target ? t('Change {name}', { name: target.name.slice(0, 100) }) : t('Tell somebody of alerts')} close={close} wide>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<div class="pair">
					<Line label={t('Name')} name="name" value={form.name} set={(name) => set({ name })} max={100} required focus placeholder={t('on call')} />
					<Field label={t('Kind')}>
						<select name="kind" value={form.kind} onChange={(e) => set({ kind: e.currentTarget.value as TargetKind })}>
							{KINDS.map((k) => <option key={k} value={k}>{KIND_NAMES[k]}</option>)}
						</select>
					</Field>
				</div>
				<Line label={t('Address')} name="url" value={form.url} set={(url) => set({ url })} max={2000} required placeholder={ADDRESS_EXAMPLES[form.kind]} help={KIND_HELP[form.kind]} />
				<OfKind form={form} target={target} set={set} />
				<div class="pair">
					<Line label={t('Services')} name="service" value={form.service ?? ''} set={(service) => set({ service })} max={200} placeholder={t('all')}
						help={t('A name, or with * for anything: checkout*')} />
					<Field label={t('Messages a minute at most')} help={t('What comes faster is held back, and told together as one message.')}>
						<input name="a_minute" type="number" min={1} max={600} required value={form.a_minute} onInput={(e) => set({ a_minute: Number(e.currentTarget.value) })} />
					</Field>
				</div>
				<fieldset class="events">
					<legend>{t('When an alert is')}</legend>
					{EVENTS.map((e) => (
						<label key={e} class="tick">
							<input type="checkbox" name={e} checked={form.events.includes(e)} onChange={(c) => tick(e, c.currentTarget.checked)} />
							<span><strong>{EVENT_WORDS[e]}</strong> <span class="quiet">{EVENT_HELP[e]}</span></span>
						</label>
					))}
				</fieldset>
				<label class="tick">
					<input type="checkbox" name="enabled" checked={form.enabled} onChange={(c) => set({ enabled: c.currentTarget.checked })} />
					<span>{t('On')}</span>
				</label>
				{theirs && (
					<p class="conflict" role="alert">
						<strong>{t('It has changed since you saw it.')}</strong> {t('Now: {name}, {url}, {services}; {events}.', { name: theirs.name, url: theirs.url, services: theirs.service || t('all services'), events: theirs.events.map((e) => EVENT_WORDS[e]).join(', ') })}{' '}
						{t('Send it again if it is still what you want.')}
					</p>
				)}
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary" disabled={busy}>{target ? t('Change') : t('Add')}</button>
				</div>
			</form>
		</Dialog>
	);
}

/** What only some kinds have. A password is never read back: an empty field keeps it. */
function OfKind({ form, target, set }: { form: TargetWish; target: Target | null; set: (part: Partial<TargetWish>) => void }) {
	const kept = target?.has_password ? t('as it was') : '';
	const password = (label: string, help?: string) => (
		<Field label={label} help={help}>
			<input name="password" type="password" autocomplete="new-password" maxLength={1000} value={form.password ?? ''} placeholder={kept} onInput={(e) => set({ password: e.currentTarget.value })} />
		</Field>
	);
	if (OWN_SECRET.includes(form.kind)) return password(t('Secret for signing'), t('As the settings of the bot show it; empty when it asks for none.'));
	if (form.kind === 'slack' || form.kind === 'wecom') return null;
	return (
		<>
			{form.kind === 'smtp' && (
				<div class="pair">
					<Line label={t('To')} name="recipients" value={form.recipients ?? ''} set={(recipients) => set({ recipients })} required placeholder={MAIL_EXAMPLES.to} help={t('Up to 50 addresses, by commas')} />
					<Line label={t('From')} name="sender" value={form.sender ?? ''} set={(sender) => set({ sender })} max={254} required placeholder={MAIL_EXAMPLES.from} />
				</div>
			)}
			<div class="pair">
				<Line label={t('User there')} name="username" value={form.username ?? ''} set={(username) => set({ username })} max={200} placeholder={t('none')} help={t('Only if it asks for a login')} />
				{password(t('Password'), form.kind === 'smtp' ? undefined : t('Without a user it is sent as a bearer token.'))}
			</div>
			{form.kind === 'smtp' && (
				<label class="tick">
					<input type="checkbox" name="starttls" checked={form.starttls} onChange={(e) => set({ starttls: e.currentTarget.checked })} />
					<span>{t('Only over TLS')} <span class="quiet">{t('Without it letters and the password may go in the clear.')}</span></span>
				</label>
			)}
		</>
	);
}

/** The secret with which posts are signed. */
export function SecretDialog({ target, close }: { target: TargetMade; close: () => void }) {
	return (
		<Dialog title={t('Secret of {name}', { name: target.name.slice(0, 100) })} close={close} wide secret>
			<Command text={target.secret ?? ''} label={t('Secret for verifying signatures')} />
			<p class="quiet once">{t('It is shown only here and now. The receiver computes HMAC-SHA-256 with it over time and body, and compares that with the header Tidemark-Signature.')}</p>
			<div class="dialog-actions"><button type="button" class="button primary" onClick={close}>{t('Done')}</button></div>
		</Dialog>
	);
}
