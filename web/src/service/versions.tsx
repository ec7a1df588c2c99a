// The versions of the service as judged last, each with what speaks for and against.
import { useState } from 'preact/hooks';
import type { Service, VersionRow } from '../api/types';
import { VersionKey } from '../chart/swatch';
import { count } from '../format/number';
import { Growth } from '../ui/growth';
import { Reasons } from '../ui/reasons';
import { Silent } from '../ui/silent';
import { Until, When } from '../ui/time';
import { VerdictBadge, byVerdict } from '../ui/verdict';
import { said } from '../words/said';
import { rich, t } from '../words/words';

/** "leaks on 2 of 2 instances": the contrast between versions in words. */
export function leaksOn(v: Pick<VersionRow, 'instances' | 'instances_leaking'>): string {
	return t('leaks on {leaking} of {n, plural, one {# instance} other {# instances}}', { leaking: count(v.instances_leaking), n: v.instances });
}

export function VersionTable({ versions, colourOf, open }: {
	versions: readonly VersionRow[];
	colourOf: (versionId: number) => number;
	/** Whose reasons are shown from the start. */
	open: (v: VersionRow) => boolean;
}) {
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={t('Versions')}>
			<table class="grid versions-table">
				<thead>
					<tr>
						<th scope="col">{t('Version')}</th>
						<th scope="col">{t('Verdict')}</th>
						<th scope="col">{t('Leaks on')}</th>
						<th scope="col" class="num">{t('Growth')}</th>
						<th scope="col" class="num">{t('Hosts')}</th>
						<th scope="col">{t('Limit reached')}</th>
						<th scope="col">{t('First seen')}</th>
						<th scope="col"><span class="sr-only">{t('Reasons')}</span></th>
					</tr>
				</thead>
				{versions.map((v) => <Version key={v.id} version={v} colour={colourOf(v.id)} open={open(v)} />)}
			</table>
		</div>
	);
}

function Version({ version: v, colour, open }: { version: VersionRow; colour: number; open: boolean }) {
	const [shown, show] = useState(open);
	return (
		<tbody>
			<tr>
				<th scope="row">
					<VersionKey colour={colour} version={v.label} />
					{v.runtime && <span class="runtime">{v.runtime}</span>}
				</th>
				<td><VerdictBadge verdict={v.verdict} /> <Silent since={v.silent_since_ms} /></td>
				<td>{t('{leaking} of {n, plural, one {# instance} other {# instances}}', { leaking: count(v.instances_leaking), n: v.instances })}</td>
				<td class="num"><Growth value={v.rate} /></td>
				<td class="num">{count(v.hosts)}</td>
				<td><Until ms={v.exhaust_at_ms} /></td>
				<td><When ms={v.first_seen_ms} /></td>
				<td class="num">
					<button type="button" class="text-button" aria-expanded={shown} onClick={() => show(!shown)}>
						{rich('Why<of> is {version} judged so</of>?', { of: (x) => <span class="sr-only">{x}</span>, version: v.label })}
					</button>
				</td>
			</tr>
			{shown && (
				<tr class="why">
					<td colSpan={8}>
						<div>
							<p class="summary">{said(v.summary)}</p>
							<Reasons reasons={v.reasons} />
						</div>
					</td>
				</tr>
			)}
		</tbody>
	);
}

/** Worst first, and among equals the newest version. */
export function worstFirst(service: Service): readonly VersionRow[] {
	return [...service.versions].sort((a, b) => byVerdict(a, b) || b.id - a.id);
}
