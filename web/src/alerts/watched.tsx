// What grows, but not yet surely: shown early, and nobody is alerted.
import { usePages } from '../api/resource';
import type { Finding } from '../api/types';
import { href } from '../app/address';
import { count } from '../format/number';
import { causeOf } from '../ui/finding';
import { Growth } from '../ui/growth';
import { Exhaustion, Onset } from '../ui/moment';
import { More } from '../ui/more';
import { None } from '../ui/none';
import { useRowKeys } from '../ui/rows';
import { Silent } from '../ui/silent';
import { Empty, Loaded } from '../ui/states';
import { LevelBadge } from '../ui/verdict';
import { said } from '../words/said';
import { t } from '../words/words';

const PAGE = 100;

export function Watched({ q }: { q: string }) {
	useRowKeys(t('finding'));
	const pages = usePages<Finding>('/findings', { level: 'watch', active: 'true', limit: PAGE }, ['verdicts']);
	return (
		<Loaded resource={pages}>
			{(all) => {
				const rows = matching(all, q);
				if (rows.length === 0) return <Nothing q={q} any={all.length > 0} />;
				return <><WatchedTable rows={rows} /><More pages={pages} /></>;
			}}
		</Loaded>
	);
}

function matching(rows: readonly Finding[], q: string): Finding[] {
	const words = q.toLowerCase().split(/\s+/).filter(Boolean);
	return rows.filter((f) => {
		const text = [f.service.name, f.summary, f.kind, f.cause, ...f.versions.map((v) => v.version)].join(' ').toLowerCase();
		return words.every((w) => text.includes(w));
	});
}

function Nothing({ q, any }: { q: string; any: boolean }) {
	if (any) return <Empty title={t('Nothing watched matches')}><p>{t('Nothing that is watched says “{q}”.', { q })}</p></Empty>;
	return (
		<Empty title={t('Nothing is watched')}>
			<p>{t('Growth that is not yet sure, or not yet much, is shown here before anybody is alerted.')}</p>
		</Empty>
	);
}

function WatchedTable({ rows }: { rows: readonly Finding[] }) {
	return (
		<table class="grid alerts watched">
			<caption class="sr-only">{t('What is watched, newest first')}</caption>
			<thead>
				<tr>
					<th scope="col" class="c-state">{t('Level')}</th>
					<th scope="col" class="c-name">{t('What grows')}</th>
					<th scope="col" class="c-growth num">{t('Growth')}</th>
					<th scope="col" class="c-of">{t('Instances')}</th>
					<th scope="col" class="c-exhaust">{t('Limit reached')}</th>
					<th scope="col" class="c-when">{t('Growing since')}</th>
				</tr>
			</thead>
			<tbody>
				{rows.map((f) => (
					<tr key={f.id} data-row data-finding={f.id}>
						<td class="c-state"><LevelBadge level={f.level} /></td>
						<th scope="row" class="c-name">
							<a class="row-link" href={href.service(f.service.id)}>{said(f.summary)}</a>
							<p class="summary">{[f.service.name, causeOf(f)].filter(Boolean).join(' · ')} <Silent since={f.silent_since_ms} /></p>
						</th>
						<td class="c-growth num"><Growth value={f.rate} /></td>
						<td class="c-of">{t('{n} of {all}', { n: count(f.instances_leaking), all: count(f.instances) })}</td>
						<td class="c-exhaust">{f.exhaust ? <Exhaustion moment={f.exhaust} /> : <None />}</td>
						<td class="c-when">{f.onset ? <Onset moment={f.onset} /> : <None />}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}
