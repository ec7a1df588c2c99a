// The inbox: alerts by where they stand with people.
import '../styles/alerts.css';
import { useMemo, useRef, useState } from 'preact/hooks';
import { useLatest, usePages, useResource } from '../api/resource';
import type { AlertRow, Fleet, StepAnswers } from '../api/types';
import { type AlertsView, href } from '../app/address';
import { useKeys } from '../app/keyboard';
import { now } from '../app/now';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { MINUTE } from '../format/time';
import { mayAct } from '../session/session';
import { later } from '../ui/later';
import { More } from '../ui/more';
import { focusedRow, useRowKeys } from '../ui/rows';
import { Search } from '../ui/search';
import { Empty, Failure, Skeleton, Stale } from '../ui/states';
import { toast } from '../ui/toast';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { BulkBar, type Deed, Failures, type Outcome, deedName } from './bulk';
import { useHeld } from './held';
import { AlertList } from './list';
import { still, ticked } from './selection';
import { isDone, stepsFor, undoLast } from './steps';
import { AlertsNav, TAB_WORDS, Tabs } from './tabs';
import { Terms } from './terms';
import { alertName } from './words';

const Watched = later(async () => (await import('./watched')).Watched);
const DeedDialog = later(async () => (await import('./deeds')).DeedDialog, true);
const NoteDialog = later(async () => (await import('./note')).NoteDialog, true);

const PAGE = 200;
const RECENT = 20;
/** What has just been resolved stays in sight for so long. */
const RECENT_MS = 5 * MINUTE;
const DEEDS: readonly Deed[] = ['acknowledge', 'resolve', 'archive', 'assign', 'silence', 'merge'];

export function AlertsPage({ view }: { view: AlertsView }) {
	useTitle(t('Alerts'));
	const fleet = useResource<Fleet>('/fleet', ['verdicts', 'alerts', 'agents']).data.value;
	const show = (changed: Partial<AlertsView>) => go(href.alerts({ ...view, ...changed }), { replace: true });
	return (
		<>
			<header class="page-head"><h1>{title(fleet)}</h1><AlertsNav at="alerts" /></header>
			<div class="toolbar">
				<Tabs fleet={fleet} state={view.state} q={view.q} />
				<div class="search-terms">
					<Search label={t('Find an alert')} value={view.q} set={(q) => show({ q })} />
					{view.state !== 'watched' && <Terms view={view} />}
				</div>
			</div>
			{view.state === 'watched' ? <Watched q={view.q} /> : <Inbox key={view.state} view={view} />}
		</>
	);
}

function title(fleet: Fleet | undefined): string {
	if (!fleet) return t('Alerts');
	const { open, acknowledged } = fleet.alerts;
	if (open === 0 && acknowledged === 0) return t('No alerts');
	return open > 0 ? t('{n, plural, one {# open alert} other {# open alerts}}', { n: open })
		: t('Nothing open, {n} acknowledged', { n: acknowledged });
}

/** The alerts of the tab, and on "open" those that were resolved a moment ago. */
function useAlerts(view: AlertsView) {
	// Who says is: means all tabs.
	const tab = /(^|\s)is:/.test(view.q) ? {} : view.state === 'open' ? { state: 'open' } : { inbox: view.state };
	const pages = usePages<AlertRow>('/alerts', { ...tab, q: view.q || undefined, limit: PAGE }, ['alerts', 'verdicts']);
	const recent = usePages<AlertRow>('/alerts', { inbox: 'resolved', limit: RECENT }, ['alerts']).data.value;
	const rows = useLatest(pages.data);
	const after = Math.floor((now.value - RECENT_MS) / 15_000) * 15_000;
	const all = useMemo(() => rows && (view.state === 'open' && view.q === '' ? withRecent(rows, recent ?? [], after) : rows),
		[rows, recent, after, view.state, view.q]);
	return { pages, all };
}

/** Puts each where it stood before, by when it was opened. Pure. */
export function withRecent(rows: readonly AlertRow[], resolved: readonly AlertRow[], after: number): AlertRow[] {
	const out = [...rows];
	for (const r of resolved) {
		if ((r.resolved_at_ms ?? 0) < after || out.some((o) => o.id === r.id)) continue;
		const at = out.findIndex((o) => o.opened_at_ms < r.opened_at_ms);
		out.splice(at < 0 ? out.length : at, 0, r);
	}
	return out;
}

function Inbox({ view }: { view: AlertsView }) {
	useRowKeys(t('alert'));
	const { pages, all } = useAlerts(view);
	const [by, setBy] = useState({ pointer: false, focus: false });
	const hold = (who: keyof typeof by, on: boolean) => setBy((now) => (now[who] === on ? now : { ...now, [who]: on }));
	const [picked, pick] = useState<ReadonlySet<number>>(new Set());
	const [asked, ask] = useState<{ deed: Deed; alerts: readonly AlertRow[] } | null>(null);
	const [noting, note] = useState<AlertRow | null>(null);
	const [outcome, tell] = useState<Outcome | null>(null);
	const last = useRef<number | null>(null);
	const held = useHeld<AlertRow>(all ?? NONE, by.pointer || by.focus || picked.size > 0, pages.data.value ? view.q : null);
	const { rows } = held;
	const order = rows.map((r) => r.id);
	const ids = still(picked, order);
	const toggle = (id: number, range: boolean) => {
		pick(ticked(ids, order, id, range ? last.current : null));
		last.current = id;
	};
	const inHand = () => (ids.size > 0 ? rows.filter((r) => ids.has(r.id)) : rows.filter((r) => r.id === focusedId()));
	const begin = (deed: Deed) => {
		const alerts = inHand();
		const [only] = alerts;
		// Of many the server says which could not be; of one that is known before.
		if (alerts.length > 1 || (only && can(deed, only))) ask({ deed, alerts });
		else if (only) toast(t('{name} is {state}: this step does not fit.', { name: alertName(only), state: TAB_WORDS[only.inbox] }), { kind: 'failed' });
	};
	const done = (answers?: StepAnswers) => {
		if (answers && asked) tell({ alerts: asked.alerts, answers });
		pick(new Set(answers?.items.filter((i) => !isDone(i)).map((i) => i.id)));
		held.release();
	};
	useInboxKeys(begin, () => { const id = focusedId(); if (id) toggle(id, false); },
		() => { const [row] = inHand(); if (row) note(row); }, () => pick(new Set()));
	const error = pages.error.value;
	const refused = error?.status === 400;
	if (!all) return error && !refused ? <Failure error={error} retry={() => void pages.refresh()} /> : refused ? <Refused text={error.message} view={view} /> : <Skeleton rows={6} />;
	const picking = mayAct() ? { ids, toggle, all: (on: boolean) => pick(new Set(on ? order : [])) } : null;
	return (
		<>
			{refused ? <Refused text={error.message} view={view} /> : <Stale resource={pages} />}
			{outcome && <Failures of={outcome} close={() => tell(null)} />}
			<div class={`list-update ${held.waiting > 0 ? '' : 'none'}`} aria-live="polite">
				{held.waiting > 0 && (
					<button type="button" class="chip" onClick={held.release}>
						{t('{n, plural, one {# change} other {# changes}}: show', { n: held.waiting })}
					</button>
				)}
			</div>
			{rows.length === 0 && !refused ? <Nothing view={view} />
				: <AlertList rows={rows} gone={held.gone} picking={picking} hold={hold} />}
			<More pages={pages} />
			{ids.size > 0 && <BulkBar n={ids.size} deeds={view.state === 'resolved' ? ['reopen'] : DEEDS} run={begin} clear={() => pick(new Set())} />}
			{asked && <DeedDialog {...asked} close={() => ask(null)} changed={() => done()} answered={done} />}
			{noting && <NoteDialog alert={noting} close={() => note(null)} />}
		</>
	);
}

const NONE: readonly AlertRow[] = [];

function focusedId(): number {
	return Number(focusedRow()?.dataset['alert']);
}

/** Silences and merges have no state of the alert to fit. */
function can(deed: Deed, alert: AlertRow): boolean {
	return deed === 'silence' || stepsFor(alert).includes(deed);
}

function useInboxKeys(begin: (deed: Deed) => void, toggle: () => void, note: () => void, clear: () => void): void {
	const group = t('Alerts');
	useKeys([
		{ keys: 'x', help: t('Select, or no longer'), group, run: toggle },
		{ keys: 'a', help: deedName('acknowledge'), group, run: () => begin('acknowledge') },
		{ keys: 'e', help: deedName('resolve'), group, run: () => begin('resolve') },
		{ keys: 'i', help: t('Archive until…'), group, run: () => begin('archive') },
		{ keys: 's', help: deedName('silence'), group, run: () => begin('silence') },
		{ keys: 'm', help: deedName('merge'), group, run: () => begin('merge') },
		{ keys: 'u', help: t('Undo'), group, run: undoLast },
		{ keys: 'n', help: t('Add a note'), group, run: note },
		{ keys: 'Escape', help: t('Select none'), group, run: clear },
	], mayAct());
}

function Refused({ text, view }: { text: string; view: AlertsView }) {
	return (
		<p class="search-error" role="alert">
			<strong>{t('This search cannot be understood.')}</strong> {said(text)}{' '}
			<a href={href.alerts({ state: view.state })}>{t('Clear the search')}</a>
		</p>
	);
}

function Nothing({ view }: { view: AlertsView }) {
	const state = TAB_WORDS[view.state];
	if (view.q) return (
		<Empty title={t('No alert matches')}>
			<p>{t('None of the {state} alerts matches “{q}”.', { state, q: view.q })}</p>
			<p><a class="button" href={href.alerts({ state: view.state })}>{t('Show all {state} alerts', { state })}</a></p>
		</Empty>
	);
	if (view.state === 'open') return (
		<Empty title={t('Nothing is open')}>
			<p>
				{rich('An alert opens when a service leaks beyond doubt: one for each cause, with the instances inside and what speaks for and against. What only may leak is <a>watched</a>.', { a: (x) => <a href={href.alerts({ state: 'watched' })}>{x}</a> })}
			</p>
			<p>{rich('To see one at work, run <c>deploy/quickstart</c>: its demo service leaks.', { c: (x) => <code>{x}</code> })}</p>
		</Empty>
	);
	return <Empty title={t('Nothing is {state}', { state })} />;
}
