// One alert: the sentence, its evidence, its people.
import { useRef, useState } from 'preact/hooks';
import { useResource } from '../api/resource';
import type { Alert, Finding } from '../api/types';
import { type Zoom, type ZoomView, href } from '../app/address';
import { useKeys } from '../app/keyboard';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { versionColours } from '../chart/model';
import { plural } from '../format/number';
import { mayAct } from '../session/session';
import { VersionTable, leaksOn } from '../service/versions';
import { Cause, causeOf } from '../ui/finding';
import { Growth } from '../ui/growth';
import { later } from '../ui/later';
import { Exhaustion, Onset } from '../ui/moment';
import { Reasons } from '../ui/reasons';
import { Silent } from '../ui/silent';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { LevelBadge, StateBadge, VersionName } from '../ui/verdict';
import { act, actionsFor, alertName } from './actions';
import { DismissDialog } from './dismiss';
import { Evidence } from './evidence';
import { AlertInstances } from './instances';
import { NoteForm } from './note';
import { resolvedAs } from './resolved';
import { AlertSnapshots } from './snapshots';
import { Timeline } from './timeline';

const WarningsInside = later(async () => (await import('../service/beside')).WarningsInside, true);

export function AlertPage({ id, view }: { id: number; view: ZoomView }) {
	const resource = useResource<Alert>(`/alerts/${id}`, ['alerts', 'verdicts']);
	const alert = resource.data.value;
	useTitle(alert ? `Alert: ${alertName(alert)}` : 'Alert');
	const notes = useRef<HTMLDivElement>(null);
	const [dismissing, setDismissing] = useState(false);
	const changed = (after: Alert) => resource.set(after);
	const dismiss = () => setDismissing(resource.data.peek()?.state !== 'resolved');
	const run = (verb: Parameters<typeof act>[0]) => () => {
		const now = resource.data.peek();
		if (now) void act(verb, now, changed);
	};
	useKeys([
		{ keys: 'a', help: 'Acknowledge', group: 'Alert', run: run('acknowledge') },
		{ keys: 'e', help: 'Resolve', group: 'Alert', run: run('resolve') },
		{ keys: 'd', help: 'Not a leak', group: 'Alert', run: dismiss },
		{ keys: 'n', help: 'Add a note', group: 'Alert', run: () => notes.current?.querySelector('textarea')?.focus() },
	], mayAct());
	return (
		<Loaded resource={resource} page>
			{(a) => (
				<>
					<Head alert={a} run={run} dismiss={dismiss} />
					<div class="columns">
						<div class="column-main"><Body alert={a} zoomed={view.zoom} /></div>
						<aside class="column-side" aria-label="Facts and history">
							<Facts alert={a} />
							<section class="part" ref={notes}>
								<h2>History</h2>
								<Timeline events={a.events} />
								{mayAct() && <NoteForm alert={a} done={(after) => after && changed(after)} />}
							</section>
						</aside>
					</div>
					{dismissing && <DismissDialog alert={a} close={() => setDismissing(false)} changed={changed} />}
				</>
			)}
		</Loaded>
	);
}

const VERB_NAMES = { acknowledge: 'Acknowledge', resolve: 'Resolve', reopen: 'Reopen' } as const;
const VERB_KEYS: Partial<Record<keyof typeof VERB_NAMES, string>> = { acknowledge: 'a', resolve: 'e' };

function Head({ alert, run, dismiss }: {
	alert: Alert;
	run: (verb: keyof typeof VERB_NAMES) => () => void;
	dismiss: () => void;
}) {
	const f = alert.finding;
	return (
		<header class="page-head alert-head">
			<div>
				<p class="crumb"><a href={href.alerts({ state: alert.state })}>Alerts</a></p>
				<h1>{f.summary}</h1>
				<Cause finding={f} others={alert.others} />
				<p class="lead">
					<StateBadge state={alert.state} /> <Since alert={alert} />
					{!f.active && <> · not seen since <Ago ms={f.last_at_ms} /></>}
					{f.silent_since_ms !== null && <> · <Silent since={f.silent_since_ms} /></>}
				</p>
			</div>
			{mayAct() && (
				<div class="actions">
					{actionsFor(alert.state).map((verb, i) => (
						<button type="button" key={verb} class={`button ${i === 0 ? 'primary' : ''}`} onClick={run(verb)}>
							{VERB_NAMES[verb]} {VERB_KEYS[verb] && <kbd aria-hidden="true">{VERB_KEYS[verb]}</kbd>}
						</button>
					))}
					{alert.state !== 'resolved' && (
						<button type="button" class="button" onClick={dismiss}>
							Not a leak… <kbd aria-hidden="true">d</kbd>
						</button>
					)}
				</div>
			)}
		</header>
	);
}

function Since({ alert }: { alert: Alert }) {
	if (alert.state === 'resolved' && alert.resolved_at_ms)
		return <>{resolvedAs(alert)} <Ago ms={alert.resolved_at_ms} /></>;
	if (alert.state === 'acknowledged' && alert.acknowledged_at_ms)
		return <>by {alert.acknowledged_by ?? 'somebody'} <Ago ms={alert.acknowledged_at_ms} /></>;
	const again = alert.reopened > 0 && ` · came back ${plural(alert.reopened, 'time')}`;
	return <>since <Ago ms={alert.opened_at_ms} />{again}</>;
}

function Body({ alert, zoomed }: { alert: Alert; zoomed: Zoom | null }) {
	const colours = versionColours([...alert.finding.versions.map((v) => v.id), ...alert.others.map((o) => o.id)]);
	const colourOf = (id: number) => colours.get(id) ?? 0;
	return (
		<>
			<Evidence alert={alert} zoomed={zoomed} colourOf={colourOf}
				zoom={(z) => go(href.alert(alert.id, z))} />
			<section class="part">
				<h2>Why</h2>
				<Reasons reasons={alert.finding.reasons} />
			</section>
			<WarningsInside alert={alert} />
			<section class="part">
				<h2>Instances inside</h2>
				<AlertInstances rows={alert.instances} />
			</section>
			<AlertSnapshots alert={alert} />
			{alert.others.length > 0 && (
				<section class="part">
					<h2>Other versions, for contrast</h2>
					<p class="lead">{alert.others.map((o) => `${o.label || 'unknown version'} ${leaksOn(o)}`).join('; ')}.</p>
					<VersionTable versions={alert.others} colourOf={colourOf} open={() => false} />
				</section>
			)}
		</>
	);
}

/** A package leads to all that run it. */
function CauseLink({ finding }: { finding: Finding }) {
	const cause = causeOf(finding);
	const [, name, version] = /^(\S+) (\d\S*)$/.exec(finding.cause ?? '') ?? [];
	if (name && version && name !== 'version') return <a href={href.packages({ name, version })}>{cause}</a>;
	return <>{cause ?? <span class="unknown">unknown</span>}</>;
}

function Facts({ alert }: { alert: Alert }) {
	const f = alert.finding;
	return (
		<dl class="facts">
			<div><dt>Service</dt><dd><a href={href.service(f.service.id)}>{f.service.name}</a></dd></div>
			<div><dt>Cause</dt><dd><CauseLink finding={f} /></dd></div>
			<div>
				<dt>{f.versions.length > 1 ? 'Versions' : 'Version'}</dt>
				<dd>{f.versions.map((v, i) => <span key={v.id}>{i > 0 && ', '}<VersionName version={v.version} /></span>)}</dd>
			</div>
			<div><dt>Level</dt><dd><LevelBadge level={f.level} /></dd></div>
			<div><dt>Leaks on</dt><dd>{leaksOn(f).replace('leaks on ', '')}, {plural(f.hosts_leaking, 'host')}</dd></div>
			<div><dt>Growth</dt><dd><Growth value={f.rate} /></dd></div>
			{f.onset && <div><dt>Growing since</dt><dd><Onset moment={f.onset} /></dd></div>}
			{f.exhaust && <div><dt>Limit reached</dt><dd><Exhaustion moment={f.exhaust} /></dd></div>}
			<div><dt>Last seen</dt><dd><Ago ms={f.last_at_ms} /></dd></div>
		</dl>
	);
}
