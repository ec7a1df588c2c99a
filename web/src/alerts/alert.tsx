// One alert is one case: the sentence, why, where, what holds the memory, what was thought of
// it, and the people who work on it until the fix is verified.
import '../styles/alerts.css';
import { useRef, useState } from 'preact/hooks';
import { useResource } from '../api/resource';
import type { Alert } from '../api/types';
import { type Zoom, type ZoomView, href } from '../app/address';
import { useKeys } from '../app/keyboard';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { versionColours } from '../chart/model';
import { mayAct } from '../session/session';
import { VersionTable, leaksOn } from '../service/versions';
import { Cause } from '../ui/finding';
import { later } from '../ui/later';
import { Reasons } from '../ui/reasons';
import { Loaded } from '../ui/states';
import { said } from '../words/said';
import { t } from '../words/words';
import { Facts, Inside, Similar, reportAddress } from './beside';
import { type Deed, KEYS, deedName } from './bulk';
import { Evidence } from './evidence';
import { AlertInstances } from './instances';
import { Menu } from './menu';
import { NextSteps } from './next';
import { NoteForm } from './note';
import { AlertSnapshots } from './snapshots';
import { Standing } from './standing';
import { stepsFor, undoLast } from './steps';
import { Timeline } from './timeline';
import { Hosts } from './where';
import { alertName } from './words';

const WarningsInside = later(async () => (await import('../service/beside')).WarningsInside, true);
const Hypotheses = later(async () => (await import('./hypotheses')).Hypotheses, true);
const DeedDialog = later(async () => (await import('./deeds')).DeedDialog, true);

type Any = Deed | 'dismiss' | 'split';
type Run = (deed: Any, version?: string) => void;

export function AlertPage({ id, view }: { id: number; view: ZoomView }) {
	const resource = useResource<Alert>(`/alerts/${id}`, ['alerts', 'verdicts']);
	const alert = resource.data.value;
	useTitle(alert ? t('Alert: {name}', { name: alertName(alert) }) : t('Alert'));
	const notes = useRef<HTMLDivElement>(null);
	// The dialog is about the alert as it was seen when it was opened: else no 412 could be told.
	const [asked, ask] = useState<{ deed: Any; alert: Alert; version: string } | null>(null);
	const changed = (after: Alert) => resource.set(after);
	const run: Run = (deed, version = '') => {
		const now = resource.data.peek();
		if (now && (deed === 'silence' || stepsFor(now).includes(deed))) ask({ deed, alert: now, version });
	};
	useCaseKeys(run, () => notes.current?.querySelector('textarea')?.focus());
	return (
		<Loaded resource={resource} page>
			{(a) => (
				<>
					<Head alert={a} run={run} />
					<NextSteps alert={a} run={run} />
					<div class="columns">
						<div class="column-main"><Body alert={a} zoomed={view.zoom} /></div>
						<aside class="column-side" aria-label={t('Facts and history')}>
							<Facts alert={a} />
							<div>
								<Inside alert={a} changed={changed} />
								<Similar alert={a} />
								<section class="part" ref={notes}>
									<h2>{t('History')}</h2>
									<Timeline events={a.events} />
									{mayAct() && <NoteForm alert={a} done={(after) => after && changed(after)} />}
								</section>
							</div>
						</aside>
					</div>
					{asked && <DeedDialog deed={asked.deed} alerts={[asked.alert]} version={asked.version} versions={versionsOf(a)}
						close={() => ask(null)} changed={changed} />}
				</>
			)}
		</Loaded>
	);
}

/** Versions that are known, the newest first, and those that leak last. */
function versionsOf(a: Alert): string[] {
	const others = [...a.others].sort((x, y) => y.id - x.id).map((o) => o.version);
	return [...new Set([...others, ...a.finding.versions.map((v) => v.version)])].filter(Boolean);
}

function useCaseKeys(run: Run, note: () => void): void {
	const group = t('Alert');
	useKeys([
		...(['acknowledge', 'resolve', 'archive', 'silence', 'merge'] as const).map((deed) => (
			{ keys: KEYS[deed] ?? '', help: deed === 'archive' ? t('Archive until…') : deedName(deed), group, run: () => run(deed) })),
		{ keys: 'd', help: t('Not a leak'), group, run: () => run('dismiss') },
		{ keys: 'u', help: t('Undo'), group, run: undoLast },
		{ keys: 'n', help: t('Add a note'), group, run: note },
	], mayAct());
}

const FRONT: readonly Deed[] = ['acknowledge', 'resolve', 'archive', 'reopen'];

function Head({ alert, run }: { alert: Alert; run: Run }) {
	const f = alert.finding;
	const steps = stepsFor(alert);
	const front = FRONT.filter((d) => (steps as string[]).includes(d) && !(d === 'acknowledge' && alert.state === 'acknowledged')).slice(0, alert.state === 'open' ? 3 : 2);
	const rest = (['acknowledge', 'archive', 'assign', 'merge', 'split', 'dismiss', 'reopen'] as const).filter((d) => (steps as string[]).includes(d) && !front.includes(d as Deed));
	return (
		<header class="page-head alert-head">
			<div>
				<p class="crumb"><a href={href.alerts({ state: alert.inbox })}>{t('Alerts')}</a></p>
				<h1 class="clamp" title={f.summary.length > 300 ? f.summary.slice(0, 600) : undefined}>{said(f.summary)}</h1>
				<Cause finding={f} others={alert.others} />
				<Standing alert={alert} />
			</div>
			<div class="actions">
				{mayAct() && front.map((deed, i) => (
					<button type="button" key={deed} class={`button ${i === 0 ? 'primary' : ''}`} onClick={() => run(deed)}>
						{deedName(deed)}… {KEYS[deed] && <kbd aria-hidden="true">{KEYS[deed]}</kbd>}
					</button>
				))}
				<Menu name={t('More steps')}>
					{mayAct() && (
						<>
							{rest.map((deed) => <button type="button" key={deed} onClick={() => run(deed)}>{restName(deed)}</button>)}
							<button type="button" onClick={() => run('silence')}>{t('Silence…')} <kbd aria-hidden="true">s</kbd></button>
						</>
					)}
					<a href={reportAddress(alert.id, 'md')} download>{t('Report as Markdown')}</a>
					<a href={reportAddress(alert.id, 'html')} download>{t('Report as HTML')}</a>
				</Menu>
			</div>
		</header>
	);
}

function restName(deed: Any) {
	const key = deed === 'merge' ? 'm' : deed === 'dismiss' ? 'd' : deed === 'archive' ? 'i' : '';
	const name = deed === 'dismiss' ? t('Not a leak') : deed === 'split' ? t('Split') : deedName(deed as Deed);
	return <>{name}… {key && <kbd aria-hidden="true">{key}</kbd>}</>;
}

function Body({ alert, zoomed }: { alert: Alert; zoomed: Zoom | null }) {
	const colours = versionColours([...alert.finding.versions.map((v) => v.id), ...alert.others.map((o) => o.id)]);
	const colourOf = (id: number) => colours.get(id) ?? 0;
	return (
		<>
			<Evidence alert={alert} zoomed={zoomed} colourOf={colourOf}
				zoom={(z) => go(href.alert(alert.id, z))} />
			<section class="part">
				<h2>{t('Why')}</h2>
				<Reasons reasons={alert.finding.reasons} />
			</section>
			<section class="part">
				<h2>{t('Where it leaks, and where not')}</h2>
				{alert.others.length > 0 && (
					<>
						<p class="lead">{t('{text}.', { text: alert.others.map((o) => `${o.label || t('unknown version')} ${leaksOn(o)}`).join('; ') })}</p>
						<VersionTable versions={alert.others} colourOf={colourOf} open={() => false} />
					</>
				)}
				<Hosts alert={alert} />
			</section>
			<AlertSnapshots alert={alert} />
			<Hypotheses alert={alert} />
			<section class="part">
				<h2>{t('Instances inside')}</h2>
				<AlertInstances rows={alert.instances} />
			</section>
			<WarningsInside alert={alert} />
		</>
	);
}
