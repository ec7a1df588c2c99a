// Whose objects are these? Classes whose growth goes with what the process counted.
import type { HeapArithmetic, HeapMeaning } from '../api/types';
import { said } from '../words/said';
import { t } from '../words/words';
import { Name } from './heap';
import { sentence as asSentence, signedBytes, signedCount } from './words';

const FIRST = 8;

/** What it means, for who has not read how it is computed. */
const HELP: Record<HeapMeaning, string> = {
	unexplained: t('Neither as many as requests were served, nor twice, half, … as many.'),
	kept: t('As many objects stay as there was work, and the work is over: something never lets go of them.'),
	backlog: t('As many objects stay as items wait: the work is behind, nothing leaks.'),
	'in-use': t('They belong to what is open now.'),
	undecided: t('Counts of different meaning fit equally well.'),
};

/** "1 class (618.8 KiB) keeps objects of work that is over." Pure. */
export function sentence(a: Pick<HeapArithmetic, 'text'>): string {
	return asSentence(a.text);
}

/** "3 classes grew in 9,900 requests; 1 of them goes with no count." Pure. */
export function scope(a: Pick<HeapArithmetic, 'grown_classes' | 'unexplained_classes' | 'requests'>): string {
	const left = a.unexplained_classes;
	const values = { grown: a.grown_classes, requests: a.requests };
	return left === 0
		? t('{grown, plural, one {# class} other {# classes}} grew in {requests, plural, one {# request} other {# requests}}.', values)
		: t('{grown, plural, one {# class} other {# classes}} grew in {requests, plural, one {# request} other {# requests}}; {left, plural, one {# of them goes} other {# of them go}} with no count.',
			{ ...values, left });
}

export function Arithmetic({ of: a }: { of: HeapArithmetic }) {
	if (a.grown_classes === 0) return null;
	return (
		<section class="part" aria-labelledby="arithmetic-title">
			<h2 id="arithmetic-title">{t('Against the requests in between')}</h2>
			<p class="growth-words">{sentence(a)}</p>
			<p class="quiet">{HELP[a.meaning]} {scope(a)}</p>
			{a.matches.length > 0 && (
				<ul class="matches">
					{a.matches.slice(0, FIRST).map((m) => (
						<li key={`${m.name}|${m.location ?? ''}`}>
							<Name of={m} /> <span class="quiet">{signedCount(m.count_delta)}, {signedBytes(m.shallow_delta_bytes)}:</span>{' '}
							{said(m.text.slice(m.text.lastIndexOf(': ') + 2))}
						</li>
					))}
				</ul>
			)}
		</section>
	);
}
