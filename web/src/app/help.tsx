// The sheet of keys, and the keys that work everywhere.
import { signal } from '@preact/signals';
import { changingPassword, PasswordDialog } from '../session/password';
import { Dialog } from '../ui/dialog';
import { t } from '../words/words';
import { href } from './address';
import { declared, useKeys } from './keyboard';
import { nextTheme } from './preferences';
import { go } from './router';

export const helpShown = signal(false);

export function useShellKeys(): void {
	useKeys([
		{ keys: 'g f', help: t('Fleet'), group: t('Go to'), run: () => go(href.fleet()) },
		{ keys: 'g a', help: t('Alerts'), group: t('Go to'), run: () => go(href.alerts()) },
		{ keys: 'g q', help: t('Queues'), group: t('Go to'), run: () => go(href.queues()) },
		{ keys: 'g p', help: t('Packages'), group: t('Go to'), run: () => go(href.packages()) },
		{ keys: 'g n', help: t('Agents'), group: t('Go to'), run: () => go(href.agents()) },
		{ keys: 'g s', help: t('Storage'), group: t('Go to'), run: () => go(href.storage()) },
		{ keys: 't', help: t('Theme: system, light, dark'), group: t('Console'), run: nextTheme },
		{ keys: '?', help: t('This sheet'), group: t('Console'), run: () => { helpShown.value = true; } },
	]);
}

export function HelpSheet() {
	return (
		<>
			{helpShown.value && <Sheet />}
			{changingPassword.value && <PasswordDialog />}
		</>
	);
}

function Sheet() {
	const keys = declared.value.filter((k, i, all) => all.findIndex((o) => o.keys === k.keys) === i);
	const groups = [...new Set(keys.map((k) => k.group))].sort();
	return (
		<Dialog title={t('Keys on this page')} close={() => { helpShown.value = false; }}>
			<div class="keys">
				{groups.map((group) => (
					<section key={group}>
						<h3>{group}</h3>
						<dl>
							{keys.filter((k) => k.group === group).map((k) => (
								<div key={k.keys}>
									<dt>{k.keys.split(' ').map((part) => <kbd key={part}>{part}</kbd>)}</dt>
									<dd>{k.help}</dd>
								</div>
							))}
						</dl>
					</section>
				))}
			</div>
		</Dialog>
	);
}
