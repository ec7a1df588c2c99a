import { useState } from 'preact/hooks';
import type { Alert, AlertRow } from '../api/types';
import { Dialog } from '../ui/dialog';
import { t } from '../words/words';
import { addNote } from './steps';
import { alertName } from './words';

const LONGEST = 4000;

export function NoteForm({ alert, done, autoFocus = false }: {
	alert: AlertRow;
	done: (after: Alert | null) => void;
	autoFocus?: boolean;
}) {
	const [text, setText] = useState('');
	const [busy, setBusy] = useState(false);
	const submit = async (event?: Event) => {
		event?.preventDefault();
		if (text.trim() === '' || busy) return;
		setBusy(true);
		let after: Alert | null = null;
		const stored = await addNote(alert, text.trim(), (a) => { after = a; });
		setBusy(false);
		if (!stored) return;
		setText('');
		done(after);
	};
	const onKey = (event: KeyboardEvent) => {
		if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit(event);
		if (event.key === 'Escape' && event.currentTarget instanceof HTMLElement) event.currentTarget.blur();
	};
	return (
		<form class="note-form" onSubmit={(e) => void submit(e)}>
			<label>
				<span class="sr-only">{t('Note')}</span>
				<textarea name="note" rows={3} maxLength={LONGEST} placeholder={t('What is known, tried, planned…')} value={text}
					autoFocus={autoFocus} onInput={(e) => setText(e.currentTarget.value)} onKeyDown={onKey} />
			</label>
			<div class="form-actions">
				<span class="quiet"><kbd>Ctrl</kbd> <kbd>Enter</kbd></span>
				<button type="submit" class="button" disabled={busy || text.trim() === ''}>{t('Add note')}</button>
			</div>
		</form>
	);
}

export function NoteDialog({ alert, close }: { alert: AlertRow; close: () => void }) {
	return (
		<Dialog title={t('Note on {name}', { name: alertName(alert) })} close={close}>
			<NoteForm alert={alert} done={close} autoFocus />
		</Dialog>
	);
}
