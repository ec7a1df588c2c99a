// How storing goes, in words. Pure.
import type { Storage } from '../api/types';
import { bytes, count, digits } from '../format/number';
import { duration } from '../format/time';
import { said } from '../words/said';
import { t } from '../words/words';

/** Later than this somebody should know. */
export const LATE_MS = 10 * 60_000;
const LAG_MS = 60_000;

/** The heading: the worst of what there is to say. */
export function title(s: Storage): string {
	if (s.trouble) return t('Nothing can be stored just now');
	const away = s.databases.filter((d) => !d.up);
	if (away.length > 0) return t('{n, plural, one {# database does} other {# databases do}} not answer', { n: away.length });
	if (s.disk && s.disk.state !== 'ok') return t('The disk is nearly full');
	if (s.stream.compaction_lag_ms > LATE_MS) return t('Compaction is {span} behind', { span: duration(s.stream.compaction_lag_ms) });
	if (s.agents.behind > 0) return t('{n, plural, one {# agent is} other {# agents are}} behind', { n: s.agents.behind });
	if (s.stream.newest_ms === null) return t('Nothing was stored yet');
	if (s.agents.reporting === 0) return t('No agent reports');
	return t('Storing keeps up');
}

export interface State {
	name: string;
	good: boolean;
	words: string;
	/** What it means, in one line. */
	help: string;
}

function readings(s: Storage): State {
	const { readings_per_s: rate, commit_mean_ms: mean, commit_longest_ms: longest } = s.ingest;
	return {
		name: t('Storing'), good: s.trouble === null,
		words: s.trouble ? said(s.trouble) : rate === 0 ? t('nothing came in the last minute')
			: t('{rate} readings a second; a transaction takes {mean}, the longest {longest}',
				{ rate: digits(rate), mean: figure(mean), longest: figure(longest) }),
		help: t(s.trouble ? 'Reading goes on. Nothing is acknowledged; agents keep what they read and send it again.'
			: 'A reading is all metrics of one process or host at one time. An agent forgets it when its transaction is committed.'),
	};
}

function figure(ms: number): string {
	return ms >= 1000 ? duration(ms) : `${digits(ms)}\u00a0ms`;
}

function agents(s: Storage): State {
	const { slowest, backlog_bytes: backlog, backlog_batches: batches } = s.agents;
	const late = slowest !== null && slowest.lag_ms > LAG_MS;
	const waits = backlog === 0 ? ''
		: `; ${t('{size} in {n, plural, one {# batch waits} other {# batches wait}} in spools', { size: bytes(backlog), n: batches })}`;
	return {
		name: t('Agents'), good: !late,
		words: (slowest === null ? t('none reports') : t('{n} of {all} report; the slowest, {host}, is {span} behind', {
			n: count(s.agents.reporting), all: count(s.agents.total), host: slowest.host.name, span: duration(slowest.lag_ms) })) + waits,
		help: t('What was not sent yet is on the disk of its host. It grows while the server or the network is away, and shrinks after.'),
	};
}

function compaction(s: Storage): State {
	const lag = s.stream.compaction_lag_ms;
	return {
		name: t('Compaction'), good: lag <= LATE_MS,
		words: s.stream.compacted_ms === null ? t('nothing to do yet') : lag === 0 ? t('on time') : t('{span} behind', { span: duration(lag) }),
		help: t('Five minutes are packed when nearly all agents have sent them. While it is behind, hot rows take more room; nothing is lost.'),
	};
}

function disk(s: Storage): State {
	const { disk: d } = s;
	if (!d) return { name: t('Disk'), good: true, words: t('your own database: watch its disk there'),
		help: t('When it is full, nothing is stored until there is room.') };
	return {
		name: t('Disk'), good: d.state === 'ok',
		words: t('{free} of {all} free; the database takes {size}',
			{ free: bytes(d.free_bytes), all: bytes(d.total_bytes), size: bytes(s.database_bytes) }),
		help: t(d.state === 'ok' ? 'When it is full, reading goes on and agents keep what they read.'
			: 'Make room, or lower raw_retention. What is kept at last: see days and bytes below.'),
	};
}

/** Only where readings live in several. */
function databases(s: Storage): State[] {
	if (s.databases.length < 2) return [];
	const away = s.databases.filter((d) => !d.up).map((d) => d.name);
	return [{
		name: t('Databases'), good: away.length === 0,
		words: away.length === 0 ? t('all {n} answer', { n: count(s.databases.length) })
			: t('{names} {n, plural, one {does} other {do}} not answer', { names: away.join(', '), n: away.length }),
		help: t('Readings of a host are in one of them. While it is away those of its hosts are missing here, and wait at their agents.'),
	}];
}

export function states(s: Storage): State[] {
	return [readings(s), ...databases(s), agents(s), compaction(s), disk(s)];
}

export const STAGES: Record<Storage['stages'][number]['name'], { name: string; help: string }> = {
	hot: { name: t('Hot'), help: t('as they came, a row a reading; the last hour and a bit') },
	late: { name: t('Late'), help: t('came after their five minutes were packed; join their day') },
	segments: { name: t('Segments'), help: t('five minutes, packed; until their day is over') },
	chunks: { name: t('Chunks'), help: t('a day of one metric of one process; every reading, as long as raw_retention says') },
	rollups: { name: t('Rollups'), help: t('hours of seats and versions; kept for years') },
	other: { name: t('All else'), help: t('names, alerts, snapshots, queues, users') },
};

/** What a day costs, and all days that are kept: "546 MiB a day, 16 GiB when all 30 days are there". */
export function dayWords(s: Storage): string | null {
	const chunks = s.stages.find((stage) => stage.name === 'chunks');
	if (!chunks || s.chunks.days === 0) return null;
	const day = chunks.bytes / s.chunks.days;
	const days = Math.round(s.stream.raw_retention_ms / 86_400_000);
	const ratio = s.chunks.bytes_per_value === null ? '' : ` ${t('A value takes {n} bytes.', { n: s.chunks.bytes_per_value.toFixed(2) })}`;
	const values = { n: s.chunks.days, day: bytes(day) };
	return (s.chunks.days >= days ? t('{n, plural, one {# day} other {# days}} in chunks: {day} a day.', values)
		: t('{n, plural, one {# day} other {# days}} in chunks: {day} a day, {all} when all {days} days are there.',
			{ ...values, all: bytes(day * days), days: count(days) })) + ratio;
}
