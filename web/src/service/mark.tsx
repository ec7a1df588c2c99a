// Somebody says that something was changed: it becomes a mark on the charts.
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { touch } from '../api/resource';
import type { Deploy, DeployKind, Service } from '../api/types';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { fromInput, toInput } from '../format/time';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { rich, t } from '../words/words';

const KINDS: readonly [DeployKind, string][] = [['deploy', t('A version was deployed')], ['config', t('The configuration was changed')],
	['load', t('The load was changed')]];

export function MarkDialog({ service, close, done }: { service: Service; close: () => void; done: () => void }) {
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget as HTMLFormElement);
		const text = (name: string) => String(form.get(name) ?? '').trim();
		const at = fromInput(text('at'), zone.value);
		if (!Number.isFinite(at)) {
			setError(t('The time must be written such as 2025-10-12 14:32.'));
			return;
		}
		setBusy(true);
		try {
			await post<Deploy>('/deploys', { body: { service: service.name, kind: text('kind'), at_ms: at,
				...(text('version') && { version: text('version') }), ...(text('note') && { note: text('note') }) } });
			toast(t('It is marked on the charts.'));
			touch(['verdicts']);
			done();
			close();
		} catch (e) {
			setError((e as Error).message);
			setBusy(false);
		}
	};
	return (
		<Dialog title={t('Mark a change of {name}', { name: service.name })} close={close}>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<label>{t('What')}
					<select name="kind">{KINDS.map(([id, words]) => <option key={id} value={id}>{words}</option>)}</select>
				</label>
				<label>{t('When')} <input name="at" required autocomplete="off" value={toInput(now.peek(), zone.value)} /></label>
				<label>{t('Version')} <input name="version" maxLength={100} autocomplete="off" placeholder={t('where there is one')} /></label>
				<label>{t('Note')} <input name="note" maxLength={200} autocomplete="off" placeholder={t('hotfix for orders')} /></label>
				<p class="quiet">{rich('Pipelines do the same with <code>POST /api/v1/deploys</code>. It is kept in the audit.', { code: (x) => <code>{x}</code> })}</p>
				{error && <p class="form-error" role="alert">{error}</p>}
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary" disabled={busy}>{t('Mark it')}</button>
				</div>
			</form>
		</Dialog>
	);
}
