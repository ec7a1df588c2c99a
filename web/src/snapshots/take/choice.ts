// Which instance is best looked at. Pure.
import type { Instance } from '../../api/types';
import { byVerdict } from '../../ui/verdict';

function isHealthy(i: Instance): boolean {
	return i.running && i.verdict !== 'leak';
}

/** The last one that neither leaks nor has ended, where there is only one such: a pause of it
 *  would leave nobody to answer well. */
export function lastHealthy(all: readonly Instance[]): number | null {
	const healthy = all.filter(isHealthy);
	return healthy.length === 1 ? (healthy[0] as Instance).id : null;
}

/** Those that can be taken, the clearest growth first, the last healthy one last. */
export function offered(all: readonly Instance[]): Instance[] {
	const last = lastHealthy(all);
	return all.filter((i) => i.running).sort((a, b) =>
		Number(a.id === last) - Number(b.id === last) || byVerdict(a, b)
		|| (b.rate?.low_kb_h ?? 0) - (a.rate?.low_kb_h ?? 0));
}
