// Times that keep themselves right: ages grow, the zone follows the switch in the header.
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { ago, full, until, when } from '../format/time';

function Time({ ms, text }: { ms: number; text: string }) {
	return <time dateTime={new Date(ms).toISOString()} title={full(ms, zone.value)}>{text}</time>;
}

/** "5 min ago". */
export function Ago({ ms }: { ms: number }) {
	return <Time ms={ms} text={ago(ms, now.value)} />;
}

/** "14:32", with its date when that is not today. */
export function When({ ms }: { ms: number }) {
	return <Time ms={ms} text={when(ms, now.value, zone.value)} />;
}

/** "in 5 h". */
export function Until({ ms }: { ms: number }) {
	return <Time ms={ms} text={until(ms, now.value)} />;
}
