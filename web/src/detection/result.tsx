// The answer of a replay: for each seat what would have been raised, above what was.
import type { Alarm, Replay } from '../api/types';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { memory } from '../format/number';
import { when } from '../format/time';
import { VersionName } from '../ui/verdict';
import { When } from '../ui/time';
import { t } from '../words/words';
import { type Lane, barsOf, difference, lanesOf, verdictOf } from './lanes';
import { SENSITIVITY_WORDS } from './words';

export function ReplayResult({ replay: r }: { replay: Replay }) {
	const lanes = lanesOf(r);
	return (
		<>
			<p class="replay-verdict" role="status">{verdictOf(r)}</p>
			{lanes.length === 0
				? <p class="quiet">{t('In that time there was nothing to raise, and nothing was.')}</p>
				: <Lanes replay={r} lanes={lanes} />}
		</>
	);
}

function Lanes({ replay: r, lanes }: { replay: Replay; lanes: readonly Lane[] }) {
	return (
		<>
			<p class="lane-key quiet">
				<span><i class="lane-swatch l-confirmed" /> {t('alerts')}</span>
				<span><i class="lane-swatch l-watch" /> {t('only watched')}</span>
				<span>{t('upper bar: {sensitivity}; lower bar: in fact', { sensitivity: SENSITIVITY_WORDS[r.sensitivity] })}</span>
			</p>
			<div class="scroll" tabIndex={0} role="region" aria-label={t('What would have been raised')}>
				<table class="grid lanes">
					<thead>
						<tr>
							<th scope="col">{t('Instance')}</th>
							<th scope="col">{t('Version')}</th>
							<th scope="col" class="c-lane">
								<span class="ends"><When ms={r.from_ms} /><When ms={r.to_ms} /></span>
							</th>
							<th scope="col">{SENSITIVITY_WORDS[r.sensitivity]}</th>
							<th scope="col">{t('In fact')}</th>
							<th scope="col">{t('Difference')}</th>
						</tr>
					</thead>
					<tbody>{lanes.map((l) => <Row key={l.key} lane={l} from={r.from_ms} to={r.to_ms} />)}</tbody>
				</table>
			</div>
		</>
	);
}

function Row({ lane, from, to }: { lane: Lane; from: number; to: number }) {
	return (
		<tr>
			<th scope="row" title={`${lane.host} #${lane.ordinal}`}>{lane.host} <span class="quiet">#{lane.ordinal}</span></th>
			<td><VersionName version={lane.version} /></td>
			<td class="c-lane"><Timeline lane={lane} from={from} to={to} /></td>
			<td class="c-said"><Said alarms={lane.alarms} /></td>
			<td class="c-said"><Said alarms={lane.raised} /></td>
			<td>{difference(lane)}</td>
		</tr>
	);
}

/** Seen only: the words stand in the next columns. */
function Timeline({ lane, from, to }: { lane: Lane; from: number; to: number }) {
	const bars = (alarms: readonly Alarm[], y: number) => barsOf(alarms, from, to).map((b, i) => (
		<rect key={i} class={`l-${b.level}`} x={`${b.left}%`} width={`${b.width}%`} y={b.level === 'watch' ? y + 2 : y}
			height={b.level === 'watch' ? 4 : 8} rx="1.5" />
	));
	return (
		<svg class="lane" height="26" aria-hidden="true">
			<line x1="0" x2="100%" y1="6" y2="6" /><line x1="0" x2="100%" y1="20" y2="20" />
			{bars(lane.alarms, 2)}
			{bars(lane.raised, 16)}
		</svg>
	);
}

const SAYS = { watch: t('watched'), confirmed: t('alerted') } as const;

/** "alerted 09:20 – 10:05 at 58 MiB/h": each alarm in words. */
function Said({ alarms }: { alarms: readonly Alarm[] }) {
	if (alarms.length === 0) return <span class="quiet">{t('nothing')}</span>;
	const say = (ms: number) => when(ms, now.value, zone.value);
	return (
		<ul>
			{alarms.map((a, i) => (
				<li key={i}>
					{SAYS[a.level]} {a.to_ms === null ? t('since {when}', { when: say(a.from_ms) }) : `${say(a.from_ms)} – ${say(a.to_ms)}`}
					{a.rate_kb_h !== null && <span class="quiet"> {t('{size}/h', { size: memory(a.rate_kb_h) })}</span>}
				</li>
			))}
		</ul>
	);
}
