import { useResource } from '../api/resource';
import type { Fleet, Session } from '../api/types';
import { count } from '../format/number';
import { paletteShown } from '../palette/shown';
import { changingPassword } from '../session/password';
import { logOut, session } from '../session/session';
import { Logo } from '../ui/logo';
import { toast } from '../ui/toast';
import { LANGUAGES, type Language, language, rich, speak, t } from '../words/words';
import { type Place, href } from './address';
import { helpShown } from './help';
import { live } from './live';
import { nextTheme, nextZone, theme, zone } from './preferences';
import { place } from './router';

export function Header() {
	return (
		<header class="top">
			<a class="brand" href={href.fleet()} aria-label={t('Tidemark: the fleet')}>
				<Logo />
				<span>Tidemark</span>
			</a>
			<Navigation />
			<div class="top-end">
				<button type="button" class="find" aria-label={t('Go to…')} aria-haspopup="dialog" onClick={() => { paletteShown.value = true; }}>
					<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
						<circle cx="7" cy="7" r="4.5" class="stroke" /><path d="m10.5 10.5 3.5 3.5" class="stroke" />
					</svg>
					<span>{t('Go to…')}</span> <kbd aria-hidden="true">Ctrl K</kbd>
				</button>
				<LiveDot />
				<span class="switches"><Switches /></span>
				<UserMenu />
			</div>
		</header>
	);
}

const OTHER: Language = language === 'zh' ? 'en' : 'zh';

/** In the bar; where that is narrow, in the menu. */
function Switches() {
	return (
		<>
			<button type="button" class="text-button zone" onClick={nextZone}
				aria-label={t(zone.value === 'utc' ? 'Times are UTC; switch' : 'Times are local; switch')}>
				{zone.value === 'utc' ? 'UTC' : t('Local')}
			</button>
			<button type="button" class="text-button zone" lang={OTHER} title={LANGUAGES[OTHER]} aria-label={LANGUAGES[OTHER]}
				onClick={() => speak(OTHER)}>
				{OTHER === 'zh' ? '中文' : 'EN'}
			</button>
			<button type="button" class="icon-button" onClick={nextTheme} title={THEMES[theme.value]}
				aria-label={t('{theme}; switch', { theme: THEMES[theme.value] })}>
				<ThemeIcon />
			</button>
			<button type="button" class="icon-button" aria-label={t('Keyboard shortcuts')} title={t('Keyboard shortcuts (?)')}
				onClick={() => { helpShown.value = true; }}>?</button>
		</>
	);
}

const THEMES = { system: t('Theme: system'), light: t('Theme: light'), dark: t('Theme: dark') };
export const ROLES: Record<Session['role'], string> = { admin: t('administrator'), operator: t('operator'), viewer: t('viewer') };

/** `rare`: where the bar is narrow it stands in the menu. */
interface Entry {
	name: string;
	to: string;
	pages: Place['page'][];
	rare?: boolean;
}

const PAGES: Entry[] = [
	{ name: t('Fleet'), to: href.fleet(), pages: ['fleet', 'service', 'detection', 'snapshots', 'snapshot',
		'comparison', 'fingerprints', 'fingerprint', 'difference', 'packages', 'runtime'] },
	{ name: t('Alerts'), to: href.alerts(), pages: ['alerts', 'alert', 'silences'] },
	{ name: t('Queues'), to: href.queues(), pages: ['queues', 'queue'] },
	{ name: t('Compare'), to: href.compare({}), pages: ['compare'] },
	{ name: t('Experiments'), to: href.experiments(), pages: ['experiments'], rare: true },
	{ name: t('Agents'), to: href.agents(), pages: ['agents', 'configuration', 'group', 'storage'] },
	{ name: t('Settings'), to: href.settings(), pages: ['settings'], rare: true },
];

function Navigation() {
	const fleet = useResource<Fleet>('/fleet', ['verdicts', 'alerts', 'agents']).data.value;
	const figures: Partial<Record<Place['page'], number>> = { alerts: fleet?.alerts.open ?? 0 };
	return (
		<nav aria-label={t('Pages')}>
			{PAGES.map(({ name, to, pages, rare }) => {
				const current = pages.includes(place.value.page);
				const figure = figures[pages[0] as Place['page']] ?? 0;
				return (
					<a key={name} href={to} class={rare ? 'rare' : ''} aria-current={current ? 'page' : undefined}>
						{name}
						{figure > 0 && <Count of={figure} />}
					</a>
				);
			})}
		</nav>
	);
}

function Count({ of }: { of: number }) {
	return (
		<span class="count">
			<span class="sr-only">, </span>{rich('{n}<s> open</s>', { n: count(of), s: (x) => <span class="sr-only">{x}</span> })}
		</span>
	);
}

function LiveDot() {
	const isLive = live.value === 'live';
	const help = t(isLive ? 'The page follows every change'
		: 'The event stream is down: the page asks every 10 seconds');
	return (
		<span class={`live ${live.value}`} title={help} role="status">
			<span class="dot" aria-hidden="true" />
			<span class="word">{t(isLive ? 'Live' : 'Polling')}</span>
		</span>
	);
}

function ThemeIcon() {
	const shape = {
		system: (
			<g>
				<circle cx="8" cy="8" r="5.2" class="stroke" />
				<path d="M8 2.8a5.2 5.2 0 0 1 0 10.4z" fill="currentColor" />
			</g>
		),
		light: (
			<g>
				<circle cx="8" cy="8" r="3" class="stroke" />
				<path class="stroke" d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M13 3l-1.4 1.4M4.4 11.6 3 13" />
			</g>
		),
		dark: <path d="M13.3 9.7A5.8 5.8 0 0 1 6.3 2.7a5.8 5.8 0 1 0 7 7z" class="stroke" />,
	}[theme.value];
	return <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">{shape}</svg>;
}

function UserMenu() {
	const leave = async () => {
		try {
			await logOut();
		} catch (e) {
			toast((e as Error).message, { kind: 'failed' });
		}
	};
	const shut = (event: Event) => {
		const menu = (event.currentTarget as Element).closest('details');
		if (menu) menu.open = false;
	};
	const changePassword = (event: Event) => {
		shut(event);
		changingPassword.value = true;
	};
	const onKey = (event: KeyboardEvent) => {
		if (event.key !== 'Escape') return;
		const menu = event.currentTarget as HTMLDetailsElement;
		menu.open = false;
		menu.querySelector('summary')?.focus();
	};
	const onLeave = (event: FocusEvent) => {
		const menu = event.currentTarget as HTMLDetailsElement;
		if (!menu.contains(event.relatedTarget as Node | null)) menu.open = false;
	};
	return (
		<details class="menu" onKeyDown={onKey} onFocusOut={onLeave}>
			<summary aria-label={t('{user}: account', { user: session.value?.user ?? '' })}>{session.value?.user}</summary>
			<div class="menu-items">
				<p>{session.value?.user}<br /><span class="quiet">{ROLES[session.value?.role ?? 'viewer']}{session.value?.services && <>{', '}{t('only {services}', { services: session.value.services.join(', ') })}</>}</span></p>
				{PAGES.filter((p) => p.rare).map((p) => <a key={p.name} class="narrow-only" href={p.to} onClick={shut}>{p.name}</a>)}
				<div class="narrow-only switches"><Switches /></div>
				<button type="button" onClick={changePassword}>{t('Change password…')}</button>
				<button type="button" onClick={() => void leave()}>{t('Log out')}</button>
			</div>
		</details>
	);
}
