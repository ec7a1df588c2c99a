// A retaining path: what keeps an object alive, from the object towards the root.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { HeapHolder, HeapName } from '../api/types';
import { rich, t } from '../words/words';
import { Name } from './heap';
import { isForeign, propertyPath, signedCount } from './words';

const WHOLE_UP_TO = 10; // steps
const FIRST = 6;
const LAST = 2;

type Step = { edge: string; holder: HeapName } | { left: number };

/** The steps to draw: of a long path the middle is left out. Pure. */
export function folded(path: HeapHolder['path'], whole: boolean): Step[] {
	if (whole || path.length <= WHOLE_UP_TO) return path;
	const left = path.length - FIRST - LAST;
	return [...path.slice(0, FIRST), { left }, ...path.slice(-LAST)];
}

const edge = (inside: ComponentChildren) => <span class="chain-edge">{inside}</span>;

/** `grown`: the holder's new children come first, as the end of the chain that grows. */
export function Chain({ holder, grown = false }: { holder: HeapHolder; grown?: boolean }) {
	const [whole, setWhole] = useState(false);
	if (holder.path.length === 0)
		return <p class="quiet">{t(holder.path_is_cut ? 'The path was not kept.' : 'It is held by the root itself.')}</p>;
	return (
		<div class="chain-block">
			<p class="chain-path"><span class="sr-only">{t('As properties:')} </span><code>{propertyPath(holder)}</code></p>
			<ol class="chain" aria-label={t('Held by, from the object towards the root')}>
				{grown && <li class="chain-grown"><strong>{signedCount(holder.child_count)}</strong> <Name of={holder.child} /></li>}
				<li class="chain-object">{grown ? rich('<e>in</e> {holder}', { e: edge, holder: <Name of={holder} /> }) : <Name of={holder} />}</li>
				{folded(holder.path, whole).map((step, i) => 'left' in step
					? (
						<li class="chain-fold" key="fold">
							<button type="button" class="text-button" onClick={() => setWhole(true)}>
								{t('{n, plural, one {# more step} other {# more steps}}', { n: step.left })}
							</button>
						</li>
					)
					: (
						<li key={i} class={isForeign(step.holder) ? 'chain-foreign' : ''}>
							{rich('<e>{edge} in</e> {holder}', { e: edge, edge: <code>{step.edge}</code>, holder: <Name of={step.holder} /> })}
						</li>
					))}
				<li class="chain-root">{t(holder.path_is_cut ? 'and on towards the root' : 'root')}</li>
			</ol>
		</div>
	);
}
