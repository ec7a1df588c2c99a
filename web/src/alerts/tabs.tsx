// The ways through alerts: what is told, and what is muted.
import type { Fleet } from '../api/types';
import { ALERT_TABS, type AlertTab, href } from '../app/address';
import { count } from '../format/number';
import { t } from '../words/words';
import { INBOX_WORDS } from './words';

export function AlertsNav({ at }: { at: 'alerts' | 'silences' }) {
	const link = (name: 'alerts' | 'silences', to: string, text: string) =>
		<a class="chip" href={to} aria-current={name === at ? 'page' : undefined}>{text}</a>;
	return (
		<nav class="filter" aria-label={t('Alerts and silences')}>
			{link('alerts', href.alerts(), t('Alerts'))}
			{link('silences', href.silences(), t('Silences'))}
		</nav>
	);
}

export const TAB_WORDS: Record<AlertTab, string> = { ...INBOX_WORDS, open: t('open'), watched: t('watched') };

const NAMES: Record<AlertTab, string> = {
	open: t('Open'), new: t('New'), escalating: t('Escalating'), regressed: t('Regressed'), acknowledged: t('Acknowledged'),
	archived: t('Archived'), resolved: t('Resolved'), watched: t('Watched'),
};

const HELP: Partial<Record<AlertTab, string>> = {
	open: t('All that need somebody: new, escalating and regressed'),
	escalating: t('Got clearly worse since somebody looked'),
	regressed: t('Leak on the version that was to fix them'),
	archived: t('Put aside until they grow, spread, or their time is over'),
	watched: t('Grow, but not surely or not much: nobody is alerted'),
};

export function Tabs({ fleet, state, q }: { fleet: Fleet | undefined; state: AlertTab; q: string }) {
	const figures: Partial<Record<AlertTab, number>> = fleet ? { ...fleet.alerts, watched: fleet.findings.watch } : {};
	return (
		<nav class="filter inbox-tabs" aria-label={t('Alerts by state')}>
			{ALERT_TABS.map((s) => (
				<a key={s} class={`chip t-${s}`} href={href.alerts({ state: s, q })} title={HELP[s]} aria-current={s === state ? 'page' : undefined}>
					{NAMES[s]} {figures[s] !== undefined && <span class={`n ${figures[s] === 0 ? 'none' : ''}`}>{count(figures[s])}</span>}
				</a>
			))}
		</nav>
	);
}
