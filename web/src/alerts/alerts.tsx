// The inbox: alerts by state.
import { useState } from 'preact/hooks';
import { usePages, useResource } from '../api/resource';
import type { AlertRow, Fleet } from '../api/types';
import { ALERT_TABS, type AlertTab, type AlertsView, href } from '../app/address';
import { useKeys } from '../app/keyboard';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { count, plural } from '../format/number';
import { mayAct } from '../session/session';
import { More } from '../ui/more';
import { focusedRow, useRowKeys } from '../ui/rows';
import { Search } from '../ui/search';
import { Empty, Loaded } from '../ui/states';
import { act, alertName } from './actions';
import { AlertList } from './list';
import { NoteDialog } from './note';
import { Watched } from './watched';

const PAGE = 200;

export function AlertsPage({ view }: { view: AlertsView }) {
	useTitle('Alerts');
	const fleet = useResource<Fleet>('/fleet', ['verdicts', 'alerts', 'agents']).data.value;
	const show = (changed: Partial<AlertsView>) => go(href.alerts({ ...view, ...changed }), { replace: true });
	return (
		<>
			<header class="page-head"><h1>{title(fleet)}</h1></header>
			<div class="toolbar">
				<Tabs fleet={fleet} state={view.state} q={view.q} />
				<Search label="Find an alert" value={view.q} set={(q) => show({ q })} />
			</div>
			{view.state === 'watched' ? <Watched q={view.q} /> : <Inbox view={view} />}
		</>
	);
}

function Inbox({ view }: { view: AlertsView }) {
	useRowKeys('alert');
	const pages = usePages<AlertRow>('/alerts', { state: view.state, limit: PAGE }, ['alerts', 'verdicts']);
	const [noting, note] = useState<AlertRow | null>(null);
	useRowActions(pages.data.value ?? [], note);
	return (
		<>
			<Loaded resource={pages}>
				{(all) => {
					const rows = matching(all, view.q);
					return (
						<>
							{rows.length === 0 ? <Nothing view={view} any={all.length > 0} /> : <AlertList rows={rows} />}
							<More pages={pages} />
						</>
					);
				}}
			</Loaded>
			{noting && <NoteDialog alert={noting} close={() => note(null)} />}
		</>
	);
}

function title(fleet: Fleet | undefined): string {
	if (!fleet) return 'Alerts';
	const { open, acknowledged } = fleet.alerts;
	if (open === 0 && acknowledged === 0) return 'No alerts';
	return open > 0 ? plural(open, 'open alert') : `Nothing open, ${count(acknowledged)} acknowledged`;
}

/** All words must occur somewhere in what the row says. Pure. */
export function matching(rows: readonly AlertRow[], q: string): AlertRow[] {
	const words = q.toLowerCase().split(/\s+/).filter(Boolean);
	return rows.filter((row) => {
		const text = [alertName(row), row.finding.summary, row.finding.kind, row.finding.cause, row.acknowledged_by, row.resolved_by]
			.join(' ').toLowerCase();
		return words.every((w) => text.includes(w));
	});
}

function useRowActions(rows: readonly AlertRow[], note: (alert: AlertRow) => void): void {
	const onRow = (work: (alert: AlertRow) => void) => () => {
		const id = Number(focusedRow()?.dataset['alert']);
		const row = rows.find((r) => r.id === id);
		if (row) work(row);
	};
	useKeys([
		{ keys: 'a', help: 'Acknowledge', group: 'Alert', run: onRow((r) => void act('acknowledge', r)) },
		{ keys: 'e', help: 'Resolve', group: 'Alert', run: onRow((r) => void act('resolve', r)) },
		{ keys: 'n', help: 'Add a note', group: 'Alert', run: onRow(note) },
	], mayAct());
}

function Tabs({ fleet, state, q }: { fleet: Fleet | undefined; state: AlertTab; q: string }) {
	const figures: Partial<Record<AlertTab, number>> = fleet ? { ...fleet.alerts, watched: fleet.findings.watch } : {};
	return (
		<nav class="filter" aria-label="Alerts by state">
			{ALERT_TABS.map((s) => (
				<a key={s} class="chip" href={href.alerts({ state: s, q })} aria-current={s === state ? 'page' : undefined}>
					{s[0]?.toUpperCase()}{s.slice(1)} {figures[s] !== undefined && <span class="n">{count(figures[s])}</span>}
				</a>
			))}
		</nav>
	);
}

function Nothing({ view, any }: { view: AlertsView; any: boolean }) {
	if (any) return (
		<Empty title="No alert matches">
			<p>None of the {view.state} alerts says “{view.q}”.</p>
			<p><a class="button" href={href.alerts({ state: view.state })}>Show all {view.state} alerts</a></p>
		</Empty>
	);
	if (view.state === 'open') return (
		<Empty title="Nothing is open">
			<p>
				An alert opens when a service leaks beyond doubt: one for each cause, with the instances inside and what
				speaks for and against. What only may leak is <a href={href.alerts({ state: 'watched' })}>watched</a>.
			</p>
			<p>To see one at work, run <code>deploy/quickstart</code>: its demo service leaks.</p>
		</Empty>
	);
	return <Empty title={`Nothing is ${view.state}`} />;
}
