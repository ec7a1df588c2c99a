// Beside the case: facts, what lives inside it, what was like it, and the way out of the console.
import type { Alert, Finding, SimilarAlert } from '../api/types';
import { href } from '../app/address';
import { count } from '../format/number';
import { mayAct } from '../session/session';
import { causeOf } from '../ui/finding';
import { Growth } from '../ui/growth';
import { Exhaustion, Onset } from '../ui/moment';
import { Ago } from '../ui/time';
import { LevelBadge, VersionName } from '../ui/verdict';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { type Changed, quietly, take } from './steps';

/** A package leads to all that run it. */
function CauseLink({ finding }: { finding: Finding }) {
	const cause = causeOf(finding);
	const [, name, version] = /^(\S+) (\d\S*)$/.exec(finding.cause ?? '') ?? [];
	if (name && version && name !== 'version') return <a href={href.packages({ name, version })}>{cause}</a>;
	return <>{cause ?? <span class="unknown">{t('unknown')}</span>}</>;
}

export function Facts({ alert }: { alert: Alert }) {
	const f = alert.finding;
	const leaks = t('{n} of {all, plural, one {# instance} other {# instances}}', { n: count(f.instances_leaking), all: f.instances });
	return (
		<dl class="facts">
			<div><dt>{t('Service')}</dt><dd><a class="clamp" href={href.service(f.service.id)} title={f.service.name.slice(0, 600)}>{f.service.name}</a></dd></div>
			<div><dt>{t('Cause')}</dt><dd><CauseLink finding={f} /></dd></div>
			<div>
				<dt>{t('{n, plural, one {Version} other {Versions}}', { n: f.versions.length })}</dt>
				<dd>{f.versions.map((v, i) => <span key={v.id}>{i > 0 && ', '}<VersionName version={v.version} /></span>)}</dd>
			</div>
			<div><dt>{t('Level')}</dt><dd><LevelBadge level={f.level} /></dd></div>
			<div><dt>{t('Leaks on')}</dt><dd>{leaks}, {t('{n, plural, one {# host} other {# hosts}}', { n: f.hosts_leaking })}</dd></div>
			<div><dt>{t('Growth')}</dt><dd><Growth value={f.rate} /></dd></div>
			{f.onset && <div><dt>{t('Growing since')}</dt><dd><Onset moment={f.onset} /></dd></div>}
			{f.exhaust && <div><dt>{t('Limit reached')}</dt><dd><Exhaustion moment={f.exhaust} /></dd></div>}
			<div><dt>{t('Last seen')}</dt><dd><Ago ms={f.last_at_ms} /></dd></div>
		</dl>
	);
}

/** Alerts that were merged into this one. */
export function Inside({ alert, changed }: { alert: Alert; changed: Changed }) {
	if (alert.merged.length === 0) return null;
	return (
		<section class="part">
			<h2>{t('Alerts inside')}</h2>
			<ul class="links">
				{alert.merged.map((id) => (
					<li key={id}>
						<a href={href.alert(id)}>{t('Alert {id}', { id })}</a>
						{mayAct() && (
							<button type="button" class="text-button" onClick={() => void quietly(take('unmerge', alert, { alerts: [id] }, changed))}>
								{t('Take out')}<span class="sr-only"> {t('Alert {id}', { id })}</span>
							</button>
						)}
					</li>
				))}
			</ul>
		</section>
	);
}

/** What was like it before, and how that ended. */
export function Similar({ alert }: { alert: Alert }) {
	if (alert.similar.length === 0) return null;
	return (
		<section class="part">
			<h2>{t('Like it, earlier')}</h2>
			<ul class="links similar">
				{alert.similar.map((a) => (
					<li key={a.id}>
						<a class="clamp" href={href.alert(a.id)} title={said(a.summary).slice(0, 600)}>{[a.service.name, a.version.version].filter(Boolean).join(' ')}</a>
						<p class="quiet">
							{a.same_cause ? rich('<b>same cause</b>, {cause}', { b: (x) => <strong>{x}</strong>, cause: said(a.cause ?? '') }) : t('same service')}
							{' · '}
							{a.state === 'resolved' ? <>{ended(a)} <Ago ms={a.resolved_at_ms} /></> : rich('opened {ago}', { ago: <Ago ms={a.opened_at_ms} /> })}
						</p>
						{a.ended && <p class="clamp">{a.resolution === 'gone' ? said(a.ended) : a.ended}</p>}
					</li>
				))}
			</ul>
		</section>
	);
}

function ended(a: SimilarAlert): string {
	if (a.resolution === 'not-a-leak') return t('not a leak');
	if (a.resolution === 'gone') return t('gone by itself');
	return a.resolved_in ? t('fixed in {version}', { version: a.resolved_in }) : t('fixed');
}

export function reportAddress(id: number, format: 'md' | 'html'): string {
	return `/api/v1/alerts/${id}/report?format=${format}`;
}
