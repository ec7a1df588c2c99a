// "Not a leak": the reason is asked for, because it is what the next person will read.
import { useState } from 'preact/hooks';
import type { Alert } from '../api/types';
import { Dialog } from '../ui/dialog';
import { causeOf } from '../ui/finding';
import { growth } from '../format/number';
import { REASON_MAX, alertName, dismiss } from './actions';

export function DismissDialog({ alert, close, changed }: {
	alert: Alert;
	close: () => void;
	changed: (after: Alert) => void;
}) {
	const [reason, setReason] = useState('');
	const [busy, setBusy] = useState(false);
	const submit = async (event: Event) => {
		event.preventDefault();
		if (reason.trim() === '' || busy) return;
		setBusy(true);
		const stored = await dismiss(alert, reason.trim(), changed);
		setBusy(false);
		if (stored) close();
	};
	const { rate, service } = alert.finding;
	return (
		<Dialog title={`${alertName(alert)} does not leak`} close={close}>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<p>
					The alert is resolved, and {service.name} does not alert again for this
					{rate ? ` unless it grows clearly faster than ${growth(rate).figure.replace('+', '')}` : ''}. It says so on
					the service’s page, where it can be withdrawn.
				</p>
				<label>
					Why is {causeOf(alert.finding) ?? alert.finding.service.name} not a leak?
					<textarea name="reason" rows={3} required maxLength={REASON_MAX} value={reason} autoFocus
						placeholder="A cache that fills until noon, …" onInput={(e) => setReason(e.currentTarget.value)} />
				</label>
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>Cancel</button>
					<button type="submit" class="button primary" disabled={busy || reason.trim() === ''}>Not a leak</button>
				</div>
			</form>
		</Dialog>
	);
}
