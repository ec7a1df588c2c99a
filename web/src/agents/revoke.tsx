// A token is taken back, and with it, if asked, the agents that came with it.
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { touch } from '../api/resource';
import type { Token } from '../api/types';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { t } from '../words/words';

export function RevokeToken({ token: k, close }: { token: Token; close: () => void }) {
	const [agents, also] = useState(false);
	const [busy, setBusy] = useState(false);
	const revoke = async () => {
		setBusy(true);
		try {
			const { agents_revoked: n } = await post<Token>(`/tokens/${k.id}/revoke`, { body: { agents } });
			toast(n ? t('The token is revoked, and {n, plural, one {# agent} other {# agents}} with it.', { n }) : t('The token is revoked.'));
			touch(['agents']);
			close();
		} catch (e) {
			toast((e as Error).message, { kind: 'failed' });
			setBusy(false);
		}
	};
	return (
		<Dialog title={t('Revoke the token {id}?', { id: (k.name || k.id).slice(0, 64) })} close={close}>
			<p>{k.kind === 'api' ? t('Whatever uses it is refused from now on.') : t('No further host can join with it.')}</p>
			{k.kind === 'join' && k.uses > 0 && (
				<label class="tick">
					<input type="checkbox" name="agents" checked={agents} onChange={(e) => also(e.currentTarget.checked)} />
					<span>{t('Also revoke the {n, plural, one {agent} other {# agents}} that came with it', { n: k.uses })}{' '}
						<span class="quiet">{t('Nothing of theirs is stored from now on, also over connections that are open. Their hosts have to join again.')}</span></span>
				</label>
			)}
			<div class="dialog-actions">
				<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
				<button type="button" class="button danger" disabled={busy} onClick={() => void revoke()}>{t('Revoke')}</button>
			</div>
		</Dialog>
	);
}
