// Times that keep themselves right: ages grow, the zone follows the switch in the header.
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { ago, full, until, when } from '../format/time';
import { None } from './none';

function Time({ ms, say }: { ms: number | null; say: (ms: number) => string }) {
	if (ms === null) return <None />;
	return <time dateTime={new Date(ms).toISOString()} title={full(ms, zone.value)}>{say(ms)}</time>;
}

/** "5 min ago". */
export function Ago({ ms }: { ms: number | null }) {
	return <Time ms={ms} say={(at) => ago(at, now.value)} />;
}

/** "14:32", with its date when that is not today. */
export function When({ ms }: { ms: number | null }) {
	return <Time ms={ms} say={(at) => when(at, now.value, zone.value)} />;
}

/** "in 5 h". */
export function Until({ ms }: { ms: number | null }) {
	return <Time ms={ms} say={(at) => until(at, now.value)} />;
}
