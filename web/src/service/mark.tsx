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

const KINDS: readonly [DeployKind, string][] = [['deploy', 'A version was deployed'], ['config', 'The configuration was changed'],
	['load', 'The load was changed']];

export function MarkDialog({ service, close, done }: { service: Service; close: () => void; done: () => void }) {
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget as HTMLFormElement);
		const text = (name: string) => String(form.get(name) ?? '').trim();
		const at = fromInput(text('at'), zone.value);
		if (!Number.isFinite(at)) {
			setError('The time must be written such as 2025-10-12 14:32.');
			return;
		}
		setBusy(true);
		try {
			await post<Deploy>('/deploys', { body: { service: service.name, kind: text('kind'), at_ms: at,
				...(text('version') && { version: text('version') }), ...(text('note') && { note: text('note') }) } });
			toast('It is marked on the charts.');
			touch(['verdicts']);
			done();
			close();
		} catch (e) {
			setError((e as Error).message);
			setBusy(false);
		}
	};
	return (
		<Dialog title={`Mark a change of ${service.name}`} close={close}>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<label>What
					<select name="kind">{KINDS.map(([id, words]) => <option key={id} value={id}>{words}</option>)}</select>
				</label>
				<label>When <input name="at" required autocomplete="off" value={toInput(now.peek(), zone.value)} /></label>
				<label>Version <input name="version" maxLength={100} autocomplete="off" placeholder="where there is one" /></label>
				<label>Note <input name="note" maxLength={200} autocomplete="off" placeholder="hotfix for orders" /></label>
				<p class="quiet">Pipelines do the same with <code>POST /api/v1/deploys</code>. It is kept in the audit.</p>
				{error && <p class="form-error" role="alert">{error}</p>}
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>Cancel</button>
					<button type="submit" class="button primary" disabled={busy}>Mark it</button>
				</div>
			</form>
		</Dialog>
	);
}
