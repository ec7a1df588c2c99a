// A password that the server made is shown once and should not stay.
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { rich, t } from '../words/words';
import { changePassword, session } from './session';

const SHORTEST = 8;

export const changingPassword = signal(false);

export function OneTimeBanner() {
	return (
		<div class="banner" role="region" aria-label={t('One-time password')}>
			<p>
				{rich('<b>You logged in with a one-time password.</b> Choose your own, so that nobody who saw it printed can use it.',
					{ b: (x) => <strong>{x}</strong> })}
			</p>
			<button type="button" class="button" onClick={() => { changingPassword.value = true; }}>
				{t('Choose a password')}
			</button>
		</div>
	);
}

export function PasswordDialog() {
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const close = () => {
		changingPassword.value = false;
	};
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget as HTMLFormElement);
		if (form.get('next') !== form.get('again')) {
			setError(t('The new password was not repeated as it was typed first.'));
			return;
		}
		setBusy(true);
		try {
			await changePassword(String(form.get('current')), String(form.get('next')));
			close();
			toast(t('Your password is changed.'));
		} catch (e) {
			setError((e as Error).message);
			setBusy(false);
		}
	};
	return (
		<Dialog title={t('Change password')} close={close}>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<input type="hidden" autocomplete="username" value={session.value?.user ?? ''} />
				<label>
					{t('Current password')}
					<input name="current" type="password" autocomplete="current-password" required />
				</label>
				<label>
					{t('New password')}
					<input name="next" type="password" autocomplete="new-password" required minLength={SHORTEST}
						aria-describedby="password-rule" />
				</label>
				<p id="password-rule" class="quiet">
					{t('At least {n} characters. A few random words are better than many signs.', { n: SHORTEST })}
				</p>
				<label>
					{t('New password, again')}
					<input name="again" type="password" autocomplete="new-password" required minLength={SHORTEST} />
				</label>
				{error && <p class="form-error" role="alert">{error}</p>}
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary" disabled={busy}>{t(busy ? 'Saving…' : 'Change password')}</button>
				</div>
			</form>
		</Dialog>
	);
}
