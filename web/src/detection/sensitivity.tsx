// How easily the service alerts: three words, each with what it means.
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { useResource } from '../api/resource';
import type { Sensitivity, SensitivitySetting } from '../api/types';
import { mayAct } from '../session/session';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { toast } from '../ui/toast';
import { rich, t } from '../words/words';
import { SENSITIVITY_HELP, SENSITIVITY_WORDS } from './words';

export const SENSITIVITIES: readonly Sensitivity[] = ['calm', 'normal', 'eager'];

export function SensitivityPart({ service }: { service: number }) {
	const resource = useResource<SensitivitySetting>(`/services/${service}/sensitivity`, ['verdicts']);
	return (
		<section class="part sensitivity">
			<h2>{t('How easily it alerts')}</h2>
			<Loaded resource={resource} rows={3}>
				{(setting) => (
					<>
						<Choice service={service} setting={setting} changed={(after) => resource.set(after)} />
						<p class="quiet table-note"><Whose setting={setting} /></p>
					</>
				)}
			</Loaded>
		</section>
	);
}

function Whose({ setting }: { setting: SensitivitySetting }) {
	if (setting.is_default) return <>{t('The default: nobody has changed it for this service.')}</>;
	return rich('Set by {who} {ago}.', { who: setting.changed_by ?? t('somebody'), ago: <Ago ms={setting.changed_at_ms} /> });
}

function Choice({ service, setting, changed }: {
	service: number;
	setting: SensitivitySetting;
	changed: (after: SensitivitySetting) => void;
}) {
	// Shown as chosen while it is being stored: a field that is taken away loses the focus.
	const [wanted, want] = useState<Sensitivity | null>(null);
	const shown = wanted ?? setting.sensitivity;
	const choose = async (sensitivity: Sensitivity, undo?: Sensitivity) => {
		want(sensitivity);
		try {
			changed(await post<SensitivitySetting>(`/services/${service}/sensitivity`, { method: 'PUT', body: { sensitivity } }));
			toast(t('From now on {sensitivity}.', { sensitivity: SENSITIVITY_WORDS[sensitivity] }), undo ? { undo: () => void choose(undo) } : {});
		} catch (e) {
			toast((e as Error).message, { kind: 'failed' });
		}
		want((now) => (now === sensitivity ? null : now));
	};
	return (
		<fieldset class="choice-cards" disabled={!mayAct()}>
			<legend class="sr-only">{t('Sensitivity')}</legend>
			{SENSITIVITIES.map((s) => (
				<label key={s} class={s === shown ? 'chosen' : ''}>
					<input type="radio" name="sensitivity" value={s} checked={s === shown}
						onChange={() => void choose(s, setting.sensitivity)} />
					<span><strong>{SENSITIVITY_WORDS[s]}</strong> <span class="quiet">{SENSITIVITY_HELP[s]}</span></span>
				</label>
			))}
		</fieldset>
	);
}
