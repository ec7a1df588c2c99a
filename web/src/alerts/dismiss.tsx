// "Not a leak": the reason is asked for, because it is what the next person will read.
import { useState } from 'preact/hooks';
import type { ApiError } from '../api/client';
import type { Alert, AlertEvent, AlertRow } from '../api/types';
import { growth } from '../format/number';
import { Dialog } from '../ui/dialog';
import { causeOf } from '../ui/finding';
import { t } from '../words/words';
import { Conflict } from './conflict';
import { FormError } from './fields';
import { REASON_MAX, meanwhile, take } from './steps';
import { alertName } from './words';

export function DismissDialog({ alert, close, changed }: {
	alert: AlertRow;
	close: () => void;
	changed?: (after: Alert) => void;
}) {
	const [reason, setReason] = useState('');
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState('');
	const [seen, see] = useState<{ alert: Alert; events: AlertEvent[] } | null>(null);
	const submit = async (event: Event) => {
		event.preventDefault();
		if (reason.trim() === '' || busy) return;
		setBusy(true);
		setError('');
		try {
			await take('dismiss', seen?.alert ?? alert, { reason: reason.trim() }, changed);
			close();
		} catch (e) {
			const failed = e as ApiError;
			const now = failed.status === 412 ? await meanwhile(seen?.alert ?? alert).catch(() => null) : null;
			if (now) see(now);
			else setError(failed.message);
		}
		setBusy(false);
	};
	const { rate, service } = alert.finding;
	const again = rate
		? t('The alert is resolved, and {service} does not alert again for this unless it grows clearly faster than {figure}.', { service: service.name, figure: growth(rate).figure.replace('+', '') })
		: t('The alert is resolved, and {service} does not alert again for this.', { service: service.name });
	return (
		<Dialog title={t('{name} does not leak', { name: alertName(alert) })} close={close}>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<p>{again} {t('It says so on the service’s page, where it can be withdrawn.')}</p>
				<label>
					{t('Why is {what} not a leak?', { what: causeOf(alert.finding) ?? service.name })}
					<textarea name="reason" rows={3} required maxLength={REASON_MAX} value={reason} autoFocus
						placeholder={t('A cache that fills until noon, …')} onInput={(e) => setReason(e.currentTarget.value)} />
				</label>
				{seen && <Conflict events={seen.events} />}
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary" disabled={busy || reason.trim() === ''}>{t('Not a leak')}</button>
				</div>
			</form>
		</Dialog>
	);
}
