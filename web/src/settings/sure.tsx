import { useState } from 'preact/hooks';
import { Dialog } from '../ui/dialog';
import { t } from '../words/words';

/** Before what cannot be quite undone. */
export function Sure({ title, text, verb, danger = false, does, close }: {
	title: string;
	text: string;
	verb: string;
	danger?: boolean;
	does: () => void;
	close: () => void;
}) {
	const [busy, setBusy] = useState(false);
	return (
		<Dialog title={title} close={close}>
			<p>{text}</p>
			<div class="dialog-actions">
				<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
				<button type="button" class={`button ${danger ? 'danger' : 'primary'}`} disabled={busy} onClick={() => { setBusy(true); does(); }}>{verb}</button>
			</div>
		</Dialog>
	);
}
