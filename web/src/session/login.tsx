import { useState } from 'preact/hooks';
import { useTitle } from '../app/title';
import { Logo } from '../ui/logo';
import { t } from '../words/words';
import { logIn } from './session';

export function LoginPage() {
	useTitle(t('Log in'));
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget as HTMLFormElement);
		setBusy(true);
		setError('');
		try {
			await logIn(String(form.get('name')), String(form.get('password')));
		} catch (e) {
			setError((e as Error).message);
			setBusy(false);
		}
	};
	return (
		<main class="alone">
			<form class="login" onSubmit={(e) => void submit(e)} aria-describedby={error ? 'login-error' : undefined}>
				<h1><Logo size={28} /> Tidemark</h1>
				<label>
					{t('User name')}
					<input name="name" autocomplete="username" autocapitalize="none" spellcheck={false} required autoFocus />
				</label>
				<label>
					{t('Password')}
					<input name="password" type="password" autocomplete="current-password" required />
				</label>
				{error && <p id="login-error" class="form-error" role="alert">{error}</p>}
				<button type="submit" class="button primary" disabled={busy}>{t(busy ? 'Logging in…' : 'Log in')}</button>
			</form>
			<p class="login-hint">
				{t('No account yet? On the server:')} <code>tidemark-server user add NAME</code>
			</p>
		</main>
	);
}
