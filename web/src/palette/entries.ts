// What the palette offers: pages and actions that are known here, and names that the server finds.
import type { SearchAnswer } from '../api/fleet';
import { href } from '../app/address';
import { declared } from '../app/keyboard';
import { nextZone, zone } from '../app/preferences';
import { changingPassword } from '../session/password';
import { logOut, session } from '../session/session';
import { toast } from '../ui/toast';
import { said } from '../words/said';
import { remember, remembered } from '../words/memory';
import { language, speak, t } from '../words/words';

export type Kind = 'page' | 'action' | 'service' | 'host' | 'version' | 'alert' | 'package';

export interface Entry {
	kind: Kind;
	name: string;
	/** What stands behind it, quietly. */
	detail: string;
	/** Where it leads, or what it does. */
	to: string | (() => void);
	keys?: string;
}

export const KIND_WORDS: Record<Kind | 'recent', string> = {
	recent: t('Recent'), service: t('Services'), host: t('Hosts'), version: t('Versions'), alert: t('Alerts'), package: t('Packages'),
	page: t('Pages'), action: t('Actions'),
};
export const KIND_WORD: Record<Kind, string> = {
	service: t('service'), host: t('host'), version: t('version'), alert: t('alert'), package: t('package'), page: t('page'), action: t('action'),
};

const page = (name: string, to: string): Entry => ({ kind: 'page', name, detail: '', to });

export const pages: readonly Entry[] = [
	page(t('Fleet'), href.fleet()), page(t('Fleet by host'), href.fleet({ by: 'host' })), page(t('Fleet by version'), href.fleet({ by: 'version' })),
	page(t('Fleet by label'), href.fleet({ by: 'label' })), page(t('Map of hosts'), href.hosts()),
	page(t('Alerts'), href.alerts()), page(t('Watched'), href.alerts({ state: 'watched' })), page(t('Queues'), href.queues()),
	page(t('Packages'), href.packages()), page(t('Agents'), href.agents()), page(t('Storage'), href.storage()),
	page(t('Experiments'), href.experiments()), page(t('Silences'), href.silences()), page(t('Users and roles'), href.settings()), page(t('Tokens'), href.settings({ tab: 'tokens' })),
	page(t('Notifications'), href.settings({ tab: 'notifications' })), page(t('Retention'), href.settings({ tab: 'retention' })),
	page(t('Sensitivity of detection'), href.settings({ tab: 'detection' })),
];

/** Keys that only make sense while they are pressed, or lead where pages do. */
const NOT_OFFERED = /^(j|k|x|Enter|Escape|g .)$/;

/** What the keys of this page do, and what has no key. */
export function actions(): Entry[] {
	const keys = declared.value.filter((k, i, all) => !NOT_OFFERED.test(k.keys) && all.findLastIndex((o) => o.keys === k.keys) === i)
		.map((k): Entry => ({ kind: 'action', name: k.help, detail: k.group, to: k.run, keys: k.keys }));
	const own = (name: string, to: () => void): Entry => ({ kind: 'action', name, detail: '', to });
	return [...keys,
		own(zone.value === 'utc' ? t('Show times in the local zone') : t('Show times in UTC'), nextZone),
		own(language === 'zh' ? 'English' : '简体中文', () => speak(language === 'zh' ? 'en' : 'zh')),
		own(t('Change password…'), () => { changingPassword.value = true; }),
		own(t('Log out'), () => void logOut().catch((e: Error) => toast(e.message, { kind: 'failed' }))),
	];
}

export function found(answer: SearchAnswer): Entry[] {
	return [
		...answer.services.map((s): Entry => ({ kind: 'service', name: s.name, detail: '', to: href.service(s.id) })),
		...answer.hosts.map((h): Entry => ({ kind: 'host', name: h.name, detail: '', to: href.host(h.id) })),
		...answer.versions.map((v): Entry => ({ kind: 'version', name: `${v.service.name} ${v.version || t('unknown')}`, detail: '', to: href.fingerprint(v.id) })),
		...answer.alerts.map((a): Entry => ({ kind: 'alert', name: `#${a.id} ${a.service.name}`, detail: said(a.summary), to: href.alert(a.id) })),
		...answer.packages.map((p): Entry => ({ kind: 'package', name: p.name, detail: '', to: href.packages({ name: p.name }) })),
	];
}

const KEPT = 8;
const LONGEST = 200;
const key = () => `recent.${session.value?.user ?? ''}`;

export function recent(): Entry[] {
	try {
		const list = JSON.parse(remembered(key()) ?? '[]') as unknown;
		if (!Array.isArray(list)) return [];
		return list.filter((e): e is Entry => typeof e === 'object' && e !== null && typeof e.name === 'string' && e.kind in KIND_WORD
			&& typeof e.to === 'string' && /^\/(?!\/)/.test(e.to)).map((e) => ({ kind: e.kind, name: e.name, detail: '', to: e.to })).slice(0, KEPT);
	} catch {
		return [];
	}
}

/** What was chosen comes first the next time; actions are done and forgotten. */
export function keep(entry: Entry): void {
	if (typeof entry.to !== 'string') return;
	const list = [{ kind: entry.kind, name: entry.name.slice(0, LONGEST), to: entry.to }, ...recent().filter((e) => e.to !== entry.to)];
	remember(key(), JSON.stringify(list.slice(0, KEPT)));
}
