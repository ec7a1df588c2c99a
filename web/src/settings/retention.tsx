// How long what is kept. It is set in the configuration of the server, which this shows.
import { useResource } from '../api/resource';
import type { About, Storage } from '../api/types';
import { href } from '../app/address';
import { bytes } from '../format/number';
import { DAY, duration } from '../format/time';
import { Loaded } from '../ui/states';
import { rich, t } from '../words/words';

export function RetentionTab() {
	const about = useResource<About>('/about', []);
	return <Loaded resource={about}>{(a) => <Kept about={a} />}</Loaded>;
}

function Kept({ about }: { about: About }) {
	const storage = useResource<Storage>('/storage', []).data.value;
	const room = (name: Storage['stages'][number]['name']) => {
		const found = storage?.stages.find((s) => s.name === name);
		return found ? bytes(found.bytes) : '';
	};
	const days = (n: number) => duration(n * DAY);
	const rows: [string, string, string, string, string][] = [
		[t('Every reading'), t('all metrics of processes and hosts, as they were read'), days(about.raw_retention_days), 'raw_retention', room('chunks')],
		[t('Hours'), t('least, most and mean of each hour, by seat and version'), days(about.rollup_retention_days), 'rollup_retention', room('rollups')],
		[t('Summaries of heaps'), t('snapshots, and what holds the memory; 500 of each service'), days(180), '', ''],
		[t('Raw heap files'), t('only where an admin asks for one; by room, not by time'), t('on its host'), 'snapshot_raw_max', ''],
		[t('Censuses'), t('timers, listeners and classes of running processes'), days(30), '', ''],
		[t('Warnings'), t('of runtimes, after they were last given'), days(90), '', ''],
		[t('Findings that never alerted'), t('after they were last seen'), days(30), '', ''],
		[t('Messages'), t('of notifications, sent or given up'), days(30), '', ''],
		[t('Tokens'), t('after they have ended or were revoked'), days(30), '', ''],
		[t('Alerts, notes, experiments, audit'), t('what people decided, and why'), t('always'), '', ''],
	];
	return (
		<>
			<table class="grid cards retention">
				<caption class="sr-only">{t('What is kept, and how long')}</caption>
				<thead>
					<tr>
						<th scope="col" class="c-name">{t('What')}</th>
						<th scope="col">{t('Kept')}</th>
						<th scope="col">{t('Option')}</th>
						<th scope="col" class="num">{t('Room')}</th>
					</tr>
				</thead>
				<tbody>
					{rows.map(([name, help, kept, option, size]) => (
						<tr key={name}>
							<th scope="row" class="c-name">{name}<p class="summary">{help}</p></th>
							<td data-of={t('Kept')}>{kept}</td>
							<td data-of={t('Option')}>{option ? <code>{option}</code> : <span class="quiet">{t('no option')}</span>}</td>
							<td data-of={t('Room')} class="num">{size}</td>
						</tr>
					))}
				</tbody>
			</table>
			<p class="quiet note">{rich('Options stand in {section} of the server’s configuration ({raw} in that of the agent) and hold after a restart; whole days are dropped within the hour. What room is taken: <a>Storage</a>.',
				{ section: <code>[server]</code>, raw: <code>snapshot_raw_max</code>, a: (x) => <a href={href.storage()}>{x}</a> })}</p>
		</>
	);
}
