// How the services are spread over the verdicts: figures that are buttons.
import type { Fleet, Verdict } from '../api/types';
import { VERDICTS } from '../app/address';
import { count } from '../format/number';
import { VERDICT_HELP, VERDICT_WORDS, VerdictGlyph } from '../ui/verdict';

export function VerdictFilter({ fleet, chosen, choose }: {
	fleet: Fleet;
	chosen: Verdict | '';
	choose: (verdict: Verdict | '') => void;
}) {
	const present = VERDICTS.filter((v) => fleet.verdicts[v] > 0 || v === chosen);
	return (
		<div class="filter" role="group" aria-label="Services by verdict">
			<button type="button" class="chip" aria-pressed={chosen === ''} onClick={() => choose('')}>
				All <span class="n">{count(fleet.services)}</span>
			</button>
			{present.map((v) => (
				<button type="button" key={v} class={`chip v-${v}`} aria-pressed={chosen === v} title={VERDICT_HELP[v]}
					onClick={() => choose(chosen === v ? '' : v)}>
					<VerdictGlyph verdict={v} />
					{VERDICT_WORDS[v]} <span class="n">{count(fleet.verdicts[v])}</span>
				</button>
			))}
		</div>
	);
}
