// Where queues and load are read, and how each source does: a queue that is not read must not
// look like one that rests.
import { useResource } from '../api/resource';
import type { Page, Source } from '../api/types';
import { said } from '../words/said';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { t } from '../words/words';
import { isOfQueues, kindWords, tookWords } from './words';

export function Sources() {
	const sources = useResource<Page<Source>>('/sources', ['queues', 'samples']);
	return (
		<section class="part">
			<h2>{t('Sources')}</h2>
			<Loaded resource={sources} rows={2}>
				{({ items }) => {
					const own = items.filter(isOfQueues);
					const others = items.filter((s) => !isOfQueues(s));
					return (
						<>
							{own.length === 0 ? <p class="quiet">{t('No agent reads a queue yet.')}</p> : <SourceTable rows={own} name={t('Sources')} />}
							{others.length > 0 && (
								<details class="remarks other-sources">
									<summary>{othersSaid(others)}</summary>
									<SourceTable rows={others} name={t('Other sources')} />
								</details>
							)}
						</>
					);
				}}
			</Loaded>
		</section>
	);
}

/** "26 other sources: runtimes, logs; 4 fail". Pure. */
export function othersSaid(rows: readonly Pick<Source, 'works'>[]): string {
	const failing = rows.filter((s) => !s.works).length;
	const n = rows.length;
	return failing === 0 ? t('{n, plural, one {# other source} other {# other sources}} of agents, such as runtimes and logs', { n })
		: t('{n, plural, one {# other source} other {# other sources}} of agents, such as runtimes and logs; {failing, plural, one {# fails} other {# fail}}',
			{ n, failing });
}

function SourceTable({ rows, name }: { rows: readonly Source[]; name: string }) {
	const sorted = [...rows].sort((a, b) => Number(a.works) - Number(b.works) || a.name.localeCompare(b.name)
		|| a.host.name.localeCompare(b.host.name));
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={name}>
			<table class="grid compact sources">
				<thead>
					<tr>
						<th scope="col">{t('Source')}</th>
						<th scope="col">{t('Kind')}</th>
						<th scope="col">{t('Host')}</th>
						<th scope="col">{t('State')}</th>
						<th scope="col">{t('Since')}</th>
						<th scope="col" class="num">{t('Last reading took')}</th>
						<th scope="col">{t('Read')}</th>
					</tr>
				</thead>
				<tbody>
					{sorted.map((s) => (
						<tr key={`${s.host.id}|${s.name}`}>
							<th scope="row">{s.name}</th>
							<td>{kindWords(s.kind)}</td>
							<td>{s.host.name}</td>
							<td class="c-state"><SourceState source={s} /></td>
							<td><Ago ms={s.changed_at_ms} /></td>
							<td class="num">{tookWords(s.took_us)}</td>
							<td><Ago ms={s.at_ms} /></td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

export function SourceState({ source: s }: { source: Pick<Source, 'works' | 'text'> }) {
	if (s.works) return <span class="source-state v-steady"><span aria-hidden="true">●</span> {t('works')}</span>;
	return (
		<>
			<span class="source-state v-leak"><span aria-hidden="true">▲</span> {t('fails')}</span>
			{s.text && <p class="summary">{said(s.text)}</p>}
		</>
	);
}
