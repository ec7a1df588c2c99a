// What was found in the service: one for each cause, the sure ones first.
import type { Finding, Service } from '../api/types';
import { href } from '../app/address';
import { Cause } from '../ui/finding';
import { Exhaustion, Onset } from '../ui/moment';
import { Silent } from '../ui/silent';
import { LevelBadge, StateBadge } from '../ui/verdict';
import { rich, t } from '../words/words';

/** The sure ones first, then the newest. Pure. */
export function surestFirst(findings: readonly Finding[]): Finding[] {
	const rank = (f: Finding) => (f.level === 'confirmed' ? 0 : 1);
	return [...findings].sort((a, b) => rank(a) - rank(b) || b.first_at_ms - a.first_at_ms);
}

export function Findings({ service, findings }: { service: Service; findings: readonly Finding[] }) {
	if (findings.length === 0) return null;
	return (
		<ul class="findings" aria-label={t('Findings')}>
			{surestFirst(findings).map((f) => <li key={f.id} class={`l-${f.level}`}><One service={service} finding={f} /></li>)}
		</ul>
	);
}

function One({ service, finding: f }: { service: Service; finding: Finding }) {
	const alert = service.alerts.find((a) => a.version === f.version.version && a.kind === f.kind && a.state !== 'resolved');
	return (
		<>
			<div class="finding-head">
				<LevelBadge level={f.level} />
				<Cause finding={f} others={service.versions} />
				{alert && <a href={href.alert(alert.id)}><StateBadge state={alert.state} /> {t('Alert')}</a>}
			</div>
			<p class="finding-facts">
				<Silent since={f.silent_since_ms} />
				{f.onset && <span>{rich('Growing since {when}', { when: <Onset moment={f.onset} /> })}</span>}
				{f.exhaust && <span>{rich('Limit reached {when}', { when: <Exhaustion moment={f.exhaust} /> })}</span>}
			</p>
		</>
	);
}
