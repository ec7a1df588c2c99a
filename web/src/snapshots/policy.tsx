// Whether Tidemark takes snapshots by itself when a service leaks. One switch per service.
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { useResource } from '../api/resource';
import type { SnapshotPolicy } from '../api/types';
import { isAdmin } from '../session/session';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { toast } from '../ui/toast';
import { bytes } from '../format/number';
import { rich, t } from '../words/words';

const MIB = 1024 * 1024;

export function Policy({ service }: { service: number }) {
	const resource = useResource<SnapshotPolicy>(`/services/${service}/snapshot-policy`, ['snapshots']);
	return (
		<section class="part policy">
			<h2>{t('Automatic snapshots')}</h2>
			<Loaded resource={resource} rows={2}>
				{(policy) => (
					<>
						<p class="quiet">{saysPolicy(policy)}</p>
						{isAdmin() ? <PolicyForm key={policy.changed_at_ms} service={service} policy={policy}
							changed={(after) => resource.set(after)} />
							: <p class="quiet">{t('An administrator can change this.')}</p>}
						{policy.changed_by !== null && (
							<p class="quiet table-note">{rich('Changed by {who} {ago}.', { who: policy.changed_by, ago: <Ago ms={policy.changed_at_ms} /> })}</p>
						)}
					</>
				)}
			</Loaded>
		</section>
	);
}

/** The policy in words. Pure. */
export function saysPolicy(policy: SnapshotPolicy): string {
	if (!policy.enabled) return t('Off: a snapshot is only taken when somebody asks for it.');
	const control = policy.with_control ? ` ${t('A version that does not leak is taken once for comparison.')}` : '';
	return t('On: when a version leaks, the instance with the clearest growth is taken, never the last healthy one, and again after it has grown by {size}.',
		{ size: bytes(policy.grown_bytes) }) + control;
}

function PolicyForm({ service, policy, changed }: {
	service: number;
	policy: SnapshotPolicy;
	changed: (after: SnapshotPolicy) => void;
}) {
	const [busy, setBusy] = useState(false);
	const [enabled, setEnabled] = useState(policy.enabled);
	const [control, setControl] = useState(policy.with_control);
	const [grown, setGrown] = useState(String(Math.round((policy.grown_bytes / MIB) * 100) / 100));
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const body = { enabled, grown_bytes: Math.round(Number(grown) * MIB), with_control: control };
		setBusy(true);
		try {
			changed(await post<SnapshotPolicy>(`/services/${service}/snapshot-policy`, { method: 'PUT', body }));
			toast(t(body.enabled ? 'Automatic snapshots are on.' : 'Automatic snapshots are off.'));
		} catch (e) {
			toast((e as Error).message, { kind: 'failed' });
		}
		setBusy(false);
	};
	return (
		<form class="policy-form" onSubmit={(e) => void submit(e)}>
			<label class="tick">
				<input type="checkbox" name="enabled" checked={enabled}
					onChange={(e) => setEnabled(e.currentTarget.checked)} />
				<span>{t('Take snapshots when a version of this service leaks')}</span>
			</label>
			<label class="tick">
				<input type="checkbox" name="control" checked={control}
					onChange={(e) => setControl(e.currentTarget.checked)} />
				<span>{t('Also one of a version that does not leak, for comparison')}</span>
			</label>
			<label class="grown">
				{t('A second one after growth of')}{' '}
				<input type="number" name="grown" required min={1} max={1_000_000} step="any" value={grown}
					onInput={(e) => setGrown(e.currentTarget.value)} /> MiB
			</label>
			<button type="submit" class="button" disabled={busy}>{t('Save')}</button>
		</form>
	);
}
