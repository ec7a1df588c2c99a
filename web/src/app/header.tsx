import { useResource } from '../api/resource';
import type { Fleet } from '../api/types';
import { count } from '../format/number';
import { changingPassword } from '../session/password';
import { logOut, session } from '../session/session';
import { Logo } from '../ui/logo';
import { toast } from '../ui/toast';
import { type Place, href } from './address';
import { helpShown } from './help';
import { live } from './live';
import { nextTheme, nextZone, theme, zone } from './preferences';
import { place } from './router';

export function Header() {
	return (
		<header class="top">
			<a class="brand" href={href.fleet()} aria-label="Tidemark: the fleet">
				<Logo />
				<span>Tidemark</span>
			</a>
			<Navigation />
			<div class="top-end">
				<LiveDot />
				<button type="button" class="text-button zone" onClick={nextZone}
					aria-label={`Times are ${zone.value === 'utc' ? 'UTC' : 'local'}; switch`}>
					{zone.value === 'utc' ? 'UTC' : 'Local'}
				</button>
				<button type="button" class="icon-button" onClick={nextTheme} title={`Theme: ${theme.value}`}
					aria-label={`Theme: ${theme.value}; switch`}>
					<ThemeIcon />
				</button>
				<button type="button" class="icon-button help" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)"
					onClick={() => { helpShown.value = true; }}>?</button>
				<UserMenu />
			</div>
		</header>
	);
}

const PAGES: { name: string; to: string; pages: Place['page'][] }[] = [
	{ name: 'Fleet', to: href.fleet(), pages: ['fleet', 'service', 'detection', 'snapshots', 'snapshot',
		'comparison', 'fingerprints', 'fingerprint', 'difference', 'packages', 'runtime'] },
	{ name: 'Alerts', to: href.alerts(), pages: ['alerts', 'alert'] },
	{ name: 'Queues', to: href.queues(), pages: ['queues', 'queue'] },
	{ name: 'Compare', to: href.compare({}), pages: ['compare'] },
	{ name: 'Agents', to: href.agents(), pages: ['agents', 'storage'] },
];

function Navigation() {
	const fleet = useResource<Fleet>('/fleet', ['verdicts', 'alerts', 'agents']).data.value;
	const figures: Record<string, number> = { Alerts: fleet?.alerts.open ?? 0 };
	return (
		<nav aria-label="Pages">
			{PAGES.map(({ name, to, pages }) => {
				const current = pages.includes(place.value.page);
				const figure = figures[name] ?? 0;
				return (
					<a key={name} href={to} aria-current={current ? 'page' : undefined}>
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
			<span class="sr-only">, </span>{count(of)}<span class="sr-only"> open</span>
		</span>
	);
}

function LiveDot() {
	const isLive = live.value === 'live';
	const help = isLive ? 'The page follows every change'
		: 'The event stream is down: the page asks every 10 seconds';
	return (
		<span class={`live ${live.value}`} title={help} role="status">
			<span class="dot" aria-hidden="true" />
			<span class="word">{isLive ? 'Live' : 'Polling'}</span>
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
	const changePassword = (event: Event) => {
		const menu = (event.currentTarget as Element).closest('details');
		if (menu) menu.open = false;
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
			<summary aria-label={`${session.value?.user}: account`}>{session.value?.user}</summary>
			<div class="menu-items">
				<p>{session.value?.user}<br /><span class="quiet">{session.value?.role}</span></p>
				<button type="button" onClick={changePassword}>Change password…</button>
				<button type="button" onClick={() => void leave()}>Log out</button>
			</div>
		</details>
	);
}
