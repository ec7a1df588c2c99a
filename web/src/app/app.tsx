// The shell around the pages: who is logged in decides what is shown, the address which page.
import { useEffect, useRef } from 'preact/hooks';
import { FleetPage } from '../fleet/fleet';
import { PaletteOpener } from '../palette/opener';
import { LoginPage } from '../session/login';
import { OneTimeBanner } from '../session/password';
import { session, sessionError, loadSession } from '../session/session';
import { later } from '../ui/later';
import { Failure } from '../ui/states';
import { Toasts } from '../ui/toast';
import { rich, t } from '../words/words';
import { href } from './address';
import type { Place } from './address';
import { Header } from './header';
import { HelpSheet, useShellKeys } from './help';
import { startLive } from './live';
import { place } from './router';
import { useTitle } from './title';

const ComparePage = later(async () => (await import('../compare/compare')).ComparePage);
const AlertPage = later(async () => (await import('../alerts/alert')).AlertPage);
const AlertsPage = later(async () => (await import('../alerts/alerts')).AlertsPage);
const DetectionPage = later(async () => (await import('../detection/detection')).DetectionPage);
const HostPages = later(async () => (await import('../hosts/pages')).HostPages);
const AgentsPage = later(async () => (await import('../agents/agents')).AgentsPage);
const ConfigPages = later(async () => (await import('../config/pages')).ConfigPages);
const ExperimentsPage = later(async () => (await import('../experiments/experiments')).ExperimentsPage);
const FingerprintPages = later(async () => (await import('../fingerprints/pages')).FingerprintPages);
const QueuePages = later(async () => (await import('../queues/pages')).QueuePages);
const RuntimePage = later(async () => (await import('../runtime/runtime')).RuntimePage);
const SettingsPage = later(async () => (await import('../settings/settings')).SettingsPage);
const SilencesPage = later(async () => (await import('../silences/silences')).SilencesPage);
const ServicePage = later(async () => (await import('../service/service')).ServicePage);
const StoragePage = later(async () => (await import('../storage/storage')).StoragePage);
const SnapshotPages = later(async () => (await import('../snapshots/pages')).SnapshotPages);

export function App() {
	if (sessionError.value)
		return <main class="alone"><Failure error={sessionError.value} retry={() => void loadSession()} page /></main>;
	if (session.value === undefined) return <main class="alone" aria-busy="true" />;
	return (
		<>
			{session.value === null ? <LoginPage /> : <Console />}
			<Toasts />
		</>
	);
}

function Console() {
	useEffect(startLive, []);
	useShellKeys();
	const at = place.value;
	const main = useRef<HTMLElement>(null);
	const key = pageKey(at);
	const before = useRef(key);
	// A new page is announced and read from its start, as a page load would be.
	useEffect(() => {
		if (before.current === key) return;
		before.current = key;
		main.current?.focus({ preventScroll: true });
	}, [key]);
	return (
		<>
			<a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>
				{t('Skip to the content')}
			</a>
			<Header />
			<main id="main" ref={main} tabIndex={-1}>
				{session.value?.password_is_one_time && <OneTimeBanner />}
				<Page key={key} place={at} />
			</main>
			<HelpSheet />
			<PaletteOpener />
		</>
	);
}

function pageKey(at: Place): string {
	return 'id' in at ? `${at.page}-${at.id}` : at.page;
}

function Page({ place: at }: { place: Place }) {
	switch (at.page) {
		case 'fleet':
			return <FleetPage view={at.view} />;
		case 'hosts':
		case 'host':
			return <HostPages place={at} />;
		case 'service':
			return <ServicePage id={at.id} view={at.view} />;
		case 'detection':
			return <DetectionPage id={at.id} view={at.view} />;
		case 'snapshots':
		case 'snapshot':
		case 'comparison':
			return <SnapshotPages place={at} />;
		case 'fingerprints':
		case 'fingerprint':
		case 'difference':
		case 'packages':
			return <FingerprintPages place={at} />;
		case 'runtime':
			return <RuntimePage id={at.id} view={at.view} />;
		case 'queues':
		case 'queue':
			return <QueuePages place={at} />;
		case 'compare':
			return <ComparePage view={at.view} />;
		case 'alerts':
			return <AlertsPage view={at.view} />;
		case 'alert':
			return <AlertPage id={at.id} view={at.view} />;
		case 'silences':
			return <SilencesPage view={at.view} />;
		case 'agents':
			return <AgentsPage view={at.view} />;
		case 'configuration':
		case 'group':
			return <ConfigPages place={at} />;
		case 'storage':
			return <StoragePage view={at.view} />;
		case 'experiments':
			return <ExperimentsPage view={at.view} />;
		case 'settings':
			return <SettingsPage view={at.view} />;
		case 'lost':
			return <Lost />;
	}
}

function Lost() {
	useTitle(t('Not found'));
	return (
		<div class="empty">
			<h1>{t('There is no page at this address')}</h1>
			<p>{rich('It may have been mistyped. Everything starts from the <a>fleet</a>.', { a: (x) => <a href={href.fleet()}>{x}</a> })}</p>
		</div>
	);
}
