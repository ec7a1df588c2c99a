// How the services are spread over the verdicts: figures that are buttons.
import type { Fleet, Verdict } from '../api/types';
import { VERDICTS } from '../app/address';
import { count } from '../format/number';
import { VERDICT_HELP, VERDICT_WORDS, VerdictGlyph } from '../ui/verdict';
import { rich, t } from '../words/words';

/** `counted`: what is listed is services, which are counted beside each. */
export function VerdictFilter({ fleet, counted, chosen, choose }: {
	fleet: Fleet;
	counted: boolean;
	chosen: Verdict | '';
	choose: (verdict: Verdict | '') => void;
}) {
	const present = VERDICTS.filter((v) => fleet.verdicts[v] > 0 || v === chosen);
	return (
		<div class="filter" role="group" aria-label={t('By verdict')}>
			<button type="button" class="chip" aria-pressed={chosen === ''} onClick={() => choose('')}>
				{counted ? rich('All <n>{services}</n>', { services: count(fleet.services), n: (x) => <span class="n">{x}</span> }) : t('All')}
			</button>
			{present.map((v) => (
				<button type="button" key={v} class={`chip v-${v}`} aria-pressed={chosen === v} title={VERDICT_HELP[v]}
					onClick={() => choose(chosen === v ? '' : v)}>
					<VerdictGlyph verdict={v} />
					{VERDICT_WORDS[v]} {counted && <span class="n">{count(fleet.verdicts[v])}</span>}
				</button>
			))}
		</div>
	);
}
