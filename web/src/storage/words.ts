// How storing goes, in words. Pure.
import type { Storage } from '../api/types';
import { bytes, count, digits, plural } from '../format/number';
import { duration } from '../format/time';

/** Later than this somebody should know. */
export const LATE_MS = 10 * 60_000;
const LAG_MS = 60_000;

/** The heading: the worst of what there is to say. */
export function title(s: Storage): string {
	if (s.trouble) return 'Nothing can be stored just now';
	const away = s.databases.filter((d) => !d.up);
	if (away.length > 0) return `${plural(away.length, 'database')} ${away.length === 1 ? 'does' : 'do'} not answer`;
	if (s.disk && s.disk.state !== 'ok') return 'The disk is nearly full';
	if (s.stream.compaction_lag_ms > LATE_MS) return `Compaction is ${duration(s.stream.compaction_lag_ms)} behind`;
	if (s.agents.behind > 0) return `${plural(s.agents.behind, 'agent')} ${s.agents.behind === 1 ? 'is' : 'are'} behind`;
	if (s.stream.newest_ms === null) return 'Nothing was stored yet';
	if (s.agents.reporting === 0) return 'No agent reports';
	return 'Storing keeps up';
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
		name: 'Storing', good: s.trouble === null,
		words: s.trouble ?? (rate === 0 ? 'nothing came in the last minute'
			: `${digits(rate)} readings a second; a transaction takes ${figure(mean)}, the longest ${figure(longest)}`),
		help: s.trouble ? 'Reading goes on. Nothing is acknowledged; agents keep what they read and send it again.'
			: 'A reading is all metrics of one process or host at one time. An agent forgets it when its transaction is committed.',
	};
}

function figure(ms: number): string {
	return ms >= 1000 ? duration(ms) : `${digits(ms)}\u00a0ms`;
}

function agents(s: Storage): State {
	const { slowest, backlog_bytes: backlog, backlog_batches: batches } = s.agents;
	const late = slowest !== null && slowest.lag_ms > LAG_MS;
	const waits = backlog > 0 ? `; ${bytes(backlog)} in ${plural(batches, 'batch', 'batches')} ${batches === 1 ? 'waits' : 'wait'} in spools` : '';
	return {
		name: 'Agents', good: !late,
		words: slowest === null ? `none reports${waits}`
			: `${count(s.agents.reporting)} of ${count(s.agents.total)} report; the slowest, ${slowest.host.name}, is ${duration(slowest.lag_ms)} behind${waits}`,
		help: 'What was not sent yet is on the disk of its host. It grows while the server or the network is away, and shrinks after.',
	};
}

function compaction(s: Storage): State {
	const lag = s.stream.compaction_lag_ms;
	return {
		name: 'Compaction', good: lag <= LATE_MS,
		words: s.stream.compacted_ms === null ? 'nothing to do yet' : lag === 0 ? 'on time' : `${duration(lag)} behind`,
		help: 'Five minutes are packed when nearly all agents have sent them. While it is behind, hot rows take more room; nothing is lost.',
	};
}

function disk(s: Storage): State {
	const { disk: d } = s;
	if (!d) return { name: 'Disk', good: true, words: 'your own database: watch its disk there', help: 'When it is full, nothing is stored until there is room.' };
	return {
		name: 'Disk', good: d.state === 'ok',
		words: `${bytes(d.free_bytes)} of ${bytes(d.total_bytes)} free; the database takes ${bytes(s.database_bytes)}`,
		help: d.state === 'ok' ? 'When it is full, reading goes on and agents keep what they read.'
			: 'Make room, or lower raw_retention. What is kept at last: see days and bytes below.',
	};
}

/** Only where readings live in several. */
function databases(s: Storage): State[] {
	if (s.databases.length < 2) return [];
	const away = s.databases.filter((d) => !d.up).map((d) => d.name);
	return [{
		name: 'Databases', good: away.length === 0,
		words: away.length === 0 ? `all ${count(s.databases.length)} answer` : `${away.join(', ')} ${away.length === 1 ? 'does' : 'do'} not answer`,
		help: 'Readings of a host are in one of them. While it is away those of its hosts are missing here, and wait at their agents.',
	}];
}

export function states(s: Storage): State[] {
	return [readings(s), ...databases(s), agents(s), compaction(s), disk(s)];
}

export const STAGES: Record<Storage['stages'][number]['name'], { name: string; help: string }> = {
	hot: { name: 'Hot', help: 'as they came, a row a reading; the last hour and a bit' },
	late: { name: 'Late', help: 'came after their five minutes were packed; join their day' },
	segments: { name: 'Segments', help: 'five minutes, packed; until their day is over' },
	chunks: { name: 'Chunks', help: 'a day of one metric of one process; every reading, as long as raw_retention says' },
	rollups: { name: 'Rollups', help: 'hours of seats and versions; kept for years' },
	other: { name: 'All else', help: 'names, alerts, snapshots, queues, users' },
};

/** What a day costs, and all days that are kept: "546 MiB a day, 16 GiB when all 30 days are there". */
export function dayWords(s: Storage): string | null {
	const chunks = s.stages.find((stage) => stage.name === 'chunks');
	if (!chunks || s.chunks.days === 0) return null;
	const day = chunks.bytes / s.chunks.days;
	const days = Math.round(s.stream.raw_retention_ms / 86_400_000);
	const ratio = s.chunks.bytes_per_value === null ? '' : ` A value takes ${s.chunks.bytes_per_value.toFixed(2)} bytes.`;
	const rest = s.chunks.days < days ? `, ${bytes(day * days)} when all ${count(days)} days are there` : '';
	return `${plural(s.chunks.days, 'day')} in chunks: ${bytes(day)} a day${rest}.${ratio}`;
}
