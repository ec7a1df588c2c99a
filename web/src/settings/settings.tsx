// What an installation is set to: who may do what, who is told, what is kept, what alerts.
import '../styles/alerts.css';
import '../styles/settings.css';
import type { ComponentChildren } from 'preact';
import { SETTINGS_TABS, type SettingsView, href } from '../app/address';
import { useTitle } from '../app/title';
import { ROLES } from '../app/header';
import { isAdmin, session } from '../session/session';
import { Empty } from '../ui/states';
import { t } from '../words/words';
import { AuditTab } from './audit';
import { DetectionTab } from './detection';
import { RetentionTab } from './retention';
import { SessionsTab } from './sessions';
import { NotificationsTab } from './targets';
import { TokensTab } from './tokens';
import { UsersTab } from './users';

const NAMES: Record<SettingsView['tab'], string> = {
	users: t('Users and roles'), tokens: t('Tokens'), notifications: t('Notifications'), retention: t('Retention'), detection: t('Detection'), audit: t('Audit'), sessions: t('Your sessions'),
};

export function SettingsPage({ view }: { view: SettingsView }) {
	useTitle(`${NAMES[view.tab]} · ${t('Settings')}`);
	return (
		<>
			<header class="page-head"><h1>{t('Settings')}</h1></header>
			<nav class="filter tabs" aria-label={t('Settings')}>
				{SETTINGS_TABS.map((tab) => <a key={tab} class="chip" href={href.settings({ tab })} aria-current={tab === view.tab ? 'page' : undefined}>{NAMES[tab]}</a>)}
			</nav>
			<Tab view={view} />
		</>
	);
}

function Tab({ view }: { view: SettingsView }) {
	switch (view.tab) {
		case 'users':
			return <ForAdmins><UsersTab view={view} /></ForAdmins>;
		case 'tokens':
			return <ForAdmins><TokensTab view={view} /></ForAdmins>;
		case 'notifications':
			return <ForAdmins><NotificationsTab view={view} /></ForAdmins>;
		case 'retention':
			return <RetentionTab />;
		case 'detection':
			return <DetectionTab view={view} />;
		case 'audit':
			return <ForAdmins><AuditTab view={view} /></ForAdmins>;
		case 'sessions':
			return <SessionsTab />;
	}
}

function ForAdmins({ children }: { children: ComponentChildren }) {
	if (isAdmin()) return <>{children}</>;
	return (
		<Empty title={t('This is for administrators')}>
			<p>{t('You are {user}, with the role “{role}”. An administrator can give you another one.', { user: session.value?.user ?? '', role: ROLES[session.value?.role ?? 'viewer'] })}</p>
		</Empty>
	);
}
