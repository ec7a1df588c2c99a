// What a silence says about itself. Pure.
import type { AlertRow, Silence } from '../api/types';
import { DAY, type Zone, clock, duration, when } from '../format/time';
import { KIND_WORDS } from '../ui/finding';
import { t } from '../words/words';

/** What a new silence says; see cases.ts. */
export type Draft = Pick<Silence, 'service' | 'host' | 'version' | 'kind' | 'starts_at_ms' | 'ends_at_ms' | 'weekly' | 'reason'>;
export type Muted = Pick<Silence, 'service' | 'host' | 'version' | 'kind'>;

export const STATE_WORDS: Record<Silence['state'], string> = { active: t('active'), pending: t('to come'), expired: t('over') };

/** What all of `alerts` have in common: the least that mutes them all. */
export function silenceOf(alerts: readonly AlertRow[]): Muted {
	const same = <T>(of: (a: AlertRow) => T): T | undefined => {
		const all = new Set(alerts.map(of));
		return all.size === 1 ? [...all][0] : undefined;
	};
	const service = same((a) => a.finding.service.name) ?? '';
	// Names of versions mean little without their service.
	const version = service === '' ? '' : same((a) => a.finding.versions.length === 1 ? a.finding.version.version : '') ?? '';
	return { service: literal(service), host: '', version: literal(version), kind: same((a) => a.finding.kind) ?? null };
}

const GLOB_MAX = 200;

/** A name as a glob that matches it. */
function literal(name: string): string {
	const glob = name.replaceAll('*', '?');
	return glob.length > GLOB_MAX ? `${glob.slice(0, GLOB_MAX / 4)}*` : glob;
}

/** "service checkout, hosts web-*": what it mutes; at least one is given. */
export function scope(s: Muted): string {
	return [
		s.service && t('service {glob}', { glob: s.service }),
		s.version && t('version {glob}', { glob: s.version }),
		s.host && t('host {glob}', { glob: s.host }),
		s.kind && t('what {kind}', { kind: KIND_WORDS[s.kind] ?? s.kind }),
	].filter(Boolean).join(', ');
}

/** "every Monday, 02:00 – 04:00 UTC". */
export function weekly(s: Pick<Silence, 'starts_at_ms' | 'ends_at_ms'>): string {
	return t('every {day}, {from} – {to} UTC', { day: weekday(s.starts_at_ms), from: clock(s.starts_at_ms, 'utc'), to: clock(s.ends_at_ms, 'utc') });
}

function weekday(ms: number): string {
	return [t('Sunday'), t('Monday'), t('Tuesday'), t('Wednesday'), t('Thursday'), t('Friday'), t('Saturday')][new Date(ms).getUTCDay()] ?? '';
}

const WEEK = 7 * DAY;

/** Of a weekly one that which goes on, or comes next. */
export function occurrence(s: Pick<Silence, 'starts_at_ms' | 'ends_at_ms' | 'weekly'>, now: number): { from: number; to: number } {
	const weeks = s.weekly ? Math.max(0, Math.ceil((now - s.ends_at_ms) / WEEK)) : 0;
	return { from: s.starts_at_ms + weeks * WEEK, to: s.ends_at_ms + weeks * WEEK };
}

export function window(s: Pick<Silence, 'starts_at_ms' | 'ends_at_ms' | 'weekly'>, now: number, zone: Zone): string {
	if (s.weekly) return weekly(s);
	return t('{from} – {to}, {length}', { from: when(s.starts_at_ms, now, zone), to: when(s.ends_at_ms, now, zone),
		length: duration(s.ends_at_ms - s.starts_at_ms) });
}
