// Who is told, and of what. A change says which revision it is of.
import { useState } from 'preact/hooks';
import { type ApiError, get, post } from '../api/client';
import type { Target, TargetEvent, TargetWish } from '../api/settings';
import type { Page } from '../api/types';
import { FormError, Line } from '../alerts/fields';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { t } from '../words/words';
import { EVENTS, EVENT_HELP, EVENT_WORDS, USUAL } from './words';

const EXAMPLE = 'https://hooks.example.com/…';

/** What is sent of a target. Pure. */
export function wishOf({ name, url, service, events, enabled }: TargetWish): TargetWish {
	return { name: name.trim(), kind: 'webhook', url: url.trim(), service: service?.trim() ?? '', events: EVENTS.filter((e) => events.includes(e)), enabled };
}

/** Throws what the server refuses it with. */
export function change(target: Target, part: Partial<TargetWish>): Promise<Target> {
	return post<Target>(`/targets/${target.id}`, { method: 'PUT', body: wishOf({ ...target, ...part }), revision: target.revision });
}

/** null: a new one. */
export function TargetDialog({ target, close }: { target: Target | null; close: () => void }) {
	const [form, put] = useState<TargetWish>(target ?? { name: '', kind: 'webhook', url: '', service: '', events: [...USUAL], enabled: true });
	const [theirs, see] = useState<Target | null>(null);
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const set = (part: Partial<TargetWish>) => put({ ...form, ...part });
	const tick = (event: TargetEvent, on: boolean) => set({ events: on ? [...form.events, event] : form.events.filter((e) => e !== event) });
	const submit = async (e: Event) => {
		e.preventDefault();
		if (form.events.length === 0) return setError(t('Tick at least one event.'));
		if (busy) return;
		setBusy(true);
		try {
			const known = theirs ?? target;
			if (known) await change(known, form);
			else await post('/targets', { body: wishOf(form) });
			toast(t('{name} will be told.', { name: form.name }));
			return close();
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
				<Line label={t('Name')} name="name" value={form.name} set={(name) => set({ name })} max={100} required focus placeholder={t('on call')} />
				<Line label={t('Webhook')} name="url" value={form.url} set={(url) => set({ url })} max={2000} required placeholder={EXAMPLE}
					help={t('Each event is posted there as JSON.')} />
				<Line label={t('Services')} name="service" value={form.service ?? ''} set={(service) => set({ service })} max={200} placeholder={t('all')}
					help={t('A name, or with * for anything: checkout*')} />
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
