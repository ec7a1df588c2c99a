// Where an alert stands: with people, and on its way to "verified".
import type { Alert, Verification } from '../api/types';
import { href } from '../app/address';
import { count } from '../format/number';
import { Silent } from '../ui/silent';
import { Ago, When } from '../ui/time';
import { rich, t } from '../words/words';
import { Marks, cameBack } from './list';
import { InboxBadge, archivedUntil, resolvedAs } from './words';

export function Standing({ alert: a }: { alert: Alert }) {
	const f = a.finding;
	return (
		<>
			<p class="lead standing">
				<InboxBadge inbox={a.inbox} /> <span><Since alert={a} /></span>
				{!f.active && <span>{rich('not seen since {ago}', { ago: <Ago ms={f.last_at_ms} /> })}</span>}
				{a.owner && <span>{rich('owner <b>{owner}</b>', { owner: a.owner, b: (x) => <strong>{x}</strong> })}</span>}
				{f.silent_since_ms !== null && <Silent since={f.silent_since_ms} />}
				<Marks alert={a} />
				{a.split_from !== null && <span>{rich('split off from <a>another alert</a>', { a: (x) => <a href={href.alert(a.split_from as number)}>{x}</a> })}</span>}
			</p>
			{a.state === 'archived' && a.archive && <p class="lead">{archivedUntil(a.archive)}</p>}
			{a.merged_into !== null && (
				<p class="notice">{rich('This alert lives inside <a>another one</a>, which speaks for it.', { a: (x) => <a href={href.alert(a.merged_into as number)}>{x}</a> })}</p>
			)}
			{a.inbox === 'regressed' && a.regressed_at_ms !== null && (
				<p class="notice bad">
					{rich('<b>Regressed.</b> It was to be fixed in {version}, and leaks there or on a later version since {when}.', {
						b: (x) => <strong>{x}</strong>, version: <strong class="version">{a.resolved_in ?? f.version.version}</strong>, when: <When ms={a.regressed_at_ms} /> })}
				</p>
			)}
			{a.verification && a.resolved_in && a.state === 'resolved' && <Verifying of={a.verification} version={a.resolved_in} />}
		</>
	);
}

function Since({ alert: a }: { alert: Alert }) {
	if (a.state === 'resolved' && a.resolved_at_ms) return <>{resolvedAs(a)} <Ago ms={a.resolved_at_ms} /></>;
	if (a.state === 'archived' && a.archive)
		return rich('by {who} {ago}', { who: a.archive.by ?? t('somebody'), ago: <Ago ms={a.archive.at_ms} /> });
	if (a.state === 'acknowledged' && a.acknowledged_at_ms) return (
		<>
			{rich('by {who} {ago}', { who: a.acknowledged_by ?? t('somebody'), ago: <Ago ms={a.acknowledged_at_ms} /> })}
			{a.acknowledged_until_ms !== null && <>, {rich('until {time}', { time: <When ms={a.acknowledged_until_ms} /> })}</>}
		</>
	);
	const again = a.reopened > 0 && <> · {cameBack(a.reopened)}</>;
	if (a.inbox === 'escalating' && a.escalated_at_ms !== null)
		return <>{rich('since {ago}, opened {opened}', { ago: <Ago ms={a.escalated_at_ms} />, opened: <Ago ms={a.opened_at_ms} /> })}{again}</>;
	return <>{rich('since {ago}', { ago: <Ago ms={a.opened_at_ms} /> })}{again}</>;
}

/** "31 of 72 host-hours on 2.0.1, 3 hosts." Pure. */
export function verifyingWords(v: Verification, version: string): string {
	if (v.state === 'waiting') return t('Nobody runs {version} yet. {needed} host-hours on it, or a later one, without the growth will verify it.', { version, needed: count(v.needed_h) });
	const seen = t('{seen} of {needed} host-hours on {version} or later without the growth, on {n, plural, one {# host} other {# hosts}}',
		{ seen: count(Math.floor(v.seen_h)), needed: count(v.needed_h), version, n: v.hosts });
	return v.state === 'verified' ? t('Verified: {seen}.', { seen }) : t('{text}.', { text: seen });
}

function Verifying({ of: v, version }: { of: Verification; version: string }) {
	const share = v.needed_h > 0 ? Math.min(1, v.seen_h / v.needed_h) : 0;
	return (
		<div class={`verifying v-${v.state}`}>
			<p>
				<strong>{v.state === 'verified' ? t('The fix holds') : v.state === 'waiting' ? t('Waits for its version') : t('Being verified')}</strong>{' '}
				{verifyingWords(v, version)}
				{v.verified_at_ms !== null && <> <Ago ms={v.verified_at_ms} /></>}
			</p>
			<span class="bar wide" role="progressbar" aria-label={t('Verified so far')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
				<span style={{ width: `${share * 100}%` }} />
			</span>
		</div>
	);
}
