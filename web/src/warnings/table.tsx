import type { Warning } from '../api/types';
import { count } from '../format/number';
import { None } from '../ui/none';
import { When } from '../ui/time';
import { VersionName } from '../ui/verdict';
import { useWindow } from '../ui/window';
import { rich, t } from '../words/words';
import { WARNING_WORDS, otherFields, warningSentence, whoWarned } from './words';

export function WarningTable({ rows, name }: { rows: readonly Warning[]; name: string }) {
	const { shown, rest } = useWindow(rows, name);
	return (
		<>
			<div class="scroll" tabIndex={0} role="region" aria-label={name}>
				<table class="grid compact warnings">
					<thead>
						<tr>
							<th scope="col">{t('Warning')}</th>
							<th scope="col">{t('Instance')}</th>
							<th scope="col">{t('Version')}</th>
							<th scope="col">{t('First')}</th>
							<th scope="col">{t('Last')}</th>
							<th scope="col" class="num">{t('Times')}</th>
							<th scope="col">{t('Told by')}</th>
						</tr>
					</thead>
					<tbody>
						{shown.map((w) => (
							<tr key={w.id}>
								<th scope="row"><What warning={w} /></th>
								<td class="c-who">{whoWarned(w)}</td>
								<td>{w.version ? <VersionName version={w.version.version} /> : <None />}</td>
								<td class="c-when"><When ms={w.first_at_ms} /></td>
								<td class="c-when"><When ms={w.last_at_ms} /></td>
								<td class="num">{count(w.count)}</td>
								<td class="c-when quiet">{w.source}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{rest}
		</>
	);
}

function What({ warning: w }: { warning: Warning }) {
	const others = otherFields(w);
	const stack = w.fields['stack'];
	return (
		<>
			{rich('<b>{state}</b>: {why}', { state: WARNING_WORDS[w.kind] ?? w.kind.replaceAll('_', ' '),
				why: <span class="said">{warningSentence(w)}</span>, b: (x) => <span class="warn">{x}</span> })}
			{others.length > 0 && <p class="summary" translate={false}>{others.map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`).join(' · ')}</p>}
			{stack && <details class="remarks"><summary>{t('Where it was added')}</summary><pre class="stack-trace" tabIndex={0}>{stack.replaceAll(' < ', '\n')}</pre></details>}
		</>
	);
}
