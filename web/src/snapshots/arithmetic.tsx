// Whose objects are these? Classes whose growth goes with what the process counted.
import type { HeapArithmetic, HeapMeaning } from '../api/types';
import { count, plural } from '../format/number';
import { Name } from './heap';
import { signedBytes, signedCount } from './words';

const FIRST = 8;

/** What it means, for who has not read how it is computed. */
const HELP: Record<HeapMeaning, string> = {
	unexplained: 'Neither as many as requests were served, nor twice, half, … as many.',
	kept: 'As many objects stay as there was work, and the work is over: something never lets go of them.',
	backlog: 'As many objects stay as items wait: the work is behind, nothing leaks.',
	'in-use': 'They belong to what is open now.',
	undecided: 'Counts of different meaning fit equally well.',
};

/** "1 class (618.8 KiB) keeps objects of work that is over." Pure. */
export function sentence(a: Pick<HeapArithmetic, 'text'>): string {
	return `${a.text[0]?.toUpperCase() ?? ''}${a.text.slice(1)}.`;
}

/** "3 classes grew in 9,900 requests; 1 of them goes with no count." Pure. */
export function scope(a: Pick<HeapArithmetic, 'grown_classes' | 'unexplained_classes' | 'requests'>): string {
	const left = a.unexplained_classes;
	const rest = left === 0 ? '' : `; ${count(left)} of them ${left === 1 ? 'goes' : 'go'} with no count`;
	return `${plural(a.grown_classes, 'class', 'classes')} grew in ${plural(a.requests, 'request')}${rest}.`;
}

export function Arithmetic({ of: a }: { of: HeapArithmetic }) {
	if (a.grown_classes === 0) return null;
	return (
		<section class="part" aria-labelledby="arithmetic-title">
			<h2 id="arithmetic-title">Against the requests in between</h2>
			<p class="growth-words">{sentence(a)}</p>
			<p class="quiet">{HELP[a.meaning]} {scope(a)}</p>
			{a.matches.length > 0 && (
				<ul class="matches">
					{a.matches.slice(0, FIRST).map((m) => (
						<li key={`${m.name}|${m.location ?? ''}`}>
							<Name of={m} /> <span class="quiet">{signedCount(m.count_delta)}, {signedBytes(m.shallow_delta_bytes)}:</span>{' '}
							{m.text.slice(m.text.lastIndexOf(': ') + 2)}
						</li>
					))}
				</ul>
			)}
		</section>
	);
}
