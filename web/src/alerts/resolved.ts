import type { AlertRow } from '../api/types';

/** How it ended, and by whom: "not a leak, says ada". Pure. */
export function resolvedAs(alert: Pick<AlertRow, 'resolution' | 'resolved_by'>): string {
	const who = alert.resolved_by ?? 'the detector';
	if (alert.resolution === 'not-a-leak') return `not a leak, says ${who}`;
	if (alert.resolution === 'gone') return 'gone: the detector finds it no more';
	return `as fixed by ${who}`;
}
