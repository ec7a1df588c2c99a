// What to do next: a short list that the data itself suggests.
import type { Alert, AlertInstance, VersionRow } from '../api/types';
import { href, makeZoom } from '../app/address';
import { now } from '../app/now';
import { HOUR, MINUTE } from '../format/time';
import { mayAct } from '../session/session';
import { said } from '../words/said';
import { t } from '../words/words';
import type { Deed } from './bulk';

export interface Next {
	key: string;
	title: string;
	why: string;
	href?: string;
	deed?: Deed;
	/** For "resolve": the version that seems to fix it. */
	version?: string;
}

const MOST = 5;

/** The instance whose growth is the surest: the best one to look into. Pure. */
export function clearest(rows: readonly AlertInstance[]): AlertInstance | undefined {
	const sure = (i: AlertInstance) => i.rate?.low_kb_h ?? -Infinity;
	return rows.filter((i) => i.running).sort((a, b) => sure(b) - sure(a))[0];
}

/** It runs, has been judged, and nothing of it grows that somebody should see. */
function isClean(o: VersionRow): boolean {
	return o.instances > 0 && o.instances_leaking === 0 && o.level === null && !['learning', 'unusable'].includes(o.verdict);
}

/** The version to compare with: a clean one, with the most instances. Pure. */
export function cleanest(others: readonly VersionRow[]): VersionRow | undefined {
	return others.filter(isClean)
		.sort((a, b) => b.instances - a.instances)[0];
}

/** Before the growth against since: one click from the alert. Pure. */
export function beforeAfter(alert: Alert, at: number): string | null {
	const { service, onset_at_ms } = alert.finding;
	if (onset_at_ms === null) return null;
	const to = Math.ceil(at / MINUTE) * MINUTE;
	const length = Math.max(HOUR, to - Math.floor(onset_at_ms / MINUTE) * MINUTE);
	return href.compare({ selections: [{ service: service.id }, { service: service.id, offset: length }], zoom: makeZoom(to - length, to) });
}

/** Leaking against clean: by the age of the processes, which differ. Pure. */
export function versus(alert: Alert, other: VersionRow): string {
	const { service, version } = alert.finding;
	return href.compare({ selections: [{ service: service.id, version: version.id }, { service: service.id, version: other.id }], align: 'start' });
}

/** The most telling first; at most five. Pure. */
export function nextSteps(alert: Alert, at: number, may: boolean): Next[] {
	const f = alert.finding;
	if (alert.state === 'resolved') return [];
	const out: (Next | null | false)[] = [
		f.silent_since_ms !== null && { key: 'silent', href: href.agents(), title: t('See why no data comes'),
			why: t('Nothing has been read of these processes lately: what is said here is as of then.') },
		f.kind === 'backlog' && { key: 'queue', href: href.queues(), title: t('Look at the queue'),
			why: t('More work comes in than goes out, and waits in memory.') },
		snapshotStep(alert, may),
		...versionSteps(alert),
		before(alert, at),
		may ? resolveStep(alert) : null,
	];
	return out.filter((n): n is Next => Boolean(n)).slice(0, MOST);
}

function before(alert: Alert, at: number): Next | null {
	const to = beforeAfter(alert, at);
	return to ? { key: 'before', href: to, title: t('Compare before and after'), why: t('The time since the growth began against as long before it.') } : null;
}

function snapshotStep(alert: Alert, may: boolean): Next | null {
	const { service } = alert.finding;
	const told = alert.snapshots.find((s) => s.growth !== null && s.growth.verdict !== 'no-leak');
	if (told) return { key: 'snapshot', href: href.snapshot(told.id), title: t('See what holds the memory'), why: said(told.growth?.words ?? '').replaceAll('`', '') };
	const best = clearest(alert.instances);
	if (!may || !best) return null;
	const seat = `${best.host.name} #${best.ordinal}`;
	const again = alert.snapshots.some((s) => s.instance === best.id);
	return { key: 'take', href: href.snapshots(service.id, { take: best.id }),
		title: again ? t('Take a second snapshot of {seat}', { seat }) : t('Take a snapshot of {seat}', { seat }),
		why: again ? t('Two of one process show what grows, and what holds it.') : t('Its growth is the surest; a snapshot shows what is in its heap.') };
}

function versionSteps(alert: Alert): Next[] {
	const clean = cleanest(alert.others);
	if (!clean) return [];
	const version = clean.label || clean.version;
	return [
		{ key: 'versus', href: versus(alert, clean), title: t('Compare with {version}', { version }),
			why: t('It does not leak on {n, plural, one {# instance} other {# instances}} of the same service.', { n: clean.instances }) },
		{ key: 'differs', href: href.difference(clean.id, alert.finding.version.id), title: t('See what differs from {version}', { version }),
			why: t('Packages, runtime and settings that only the leaking version has.') },
	];
}

function resolveStep(alert: Alert): Next {
	const newer = alert.others.filter((o) => o.id > alert.finding.version.id && isClean(o) && o.version !== '')
		.sort((a, b) => b.id - a.id)[0];
	if (newer) return { key: 'resolve', deed: 'resolve', version: newer.version, title: t('Resolve in {version}', { version: newer.version }),
		why: t('It is newer, and does not leak so far. It will be verified.') };
	return { key: 'resolve', deed: 'resolve', title: t('Resolve in a version…'),
		why: t('Name the version that will fix it, also one that does not exist yet; it will be verified.') };
}

export function NextSteps({ alert, run }: { alert: Alert; run: (deed: Deed, version?: string) => void }) {
	const steps = nextSteps(alert, now.value, mayAct());
	if (steps.length === 0) return null;
	return (
		<section class="next" aria-label={t('What to do next')}>
			<h2>{t('What to do next')}</h2>
			<ol>
				{steps.map((n) => (
					<li key={n.key}>
						{n.href ? <a href={n.href}>{n.title}</a>
							: <button type="button" class="text-button" onClick={() => n.deed && run(n.deed, n.version)}>{n.title}</button>}
						<p title={n.why.length > 120 ? n.why.slice(0, 600) : undefined}>{n.why}</p>
					</li>
				))}
			</ol>
		</section>
	);
}
