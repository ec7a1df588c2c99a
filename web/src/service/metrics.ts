// What can be drawn: the metrics that the API lists, in words.
import type { Metric } from '../api/types';

export interface Choice {
	name: string;
	words: string;
	help: string;
}

const WORDS: Record<string, string> = {
	rss_anon_kb: 'Anonymous memory',
	rss_kb: 'Resident memory (RSS)',
	rss_file_kb: 'File-backed memory',
	rss_shmem_kb: 'Shared memory',
	swap_kb: 'Swapped out',
	pss_kb: 'Proportional memory (PSS)',
	cpu_ratio: 'CPU',
	threads: 'Threads',
	fds: 'Open files',
	minor_faults: 'Page faults, minor',
	major_faults: 'Page faults, major',
	cgroup_usage_kb: 'Control group memory',
	cgroup_limit_kb: 'Control group limit',
	cgroup_oom_kills: 'OOM kills',
	heap_used_kb: 'Heap used',
	heap_total_kb: 'Heap committed',
	heap_limit_kb: 'Heap limit',
	heap_floor_kb: 'Heap after full GC',
	heap_new_kb: 'Heap, young objects',
	heap_old_kb: 'Heap, old objects',
	heap_large_kb: 'Heap, large objects',
	heap_code_kb: 'Compiled code',
	heap_other_kb: 'Heap, other spaces',
	external_kb: 'External memory',
	array_buffers_kb: 'Array buffers',
	loop_delay_p99_us: 'Loop delay, p99',
	loop_delay_max_us: 'Loop delay, longest',
	loop_busy_permille: 'Event loop busy',
	gc_count: 'Collections',
	gc_full_count: 'Collections, full',
	gc_ms: 'Time in collections',
	insides_us: 'Cost of reading: time',
	insides_bytes: 'Cost of reading: bytes',
	insides_pause_us: 'Cost of reading: pause',
};

const FIRST = ['rss_anon_kb', 'rss_kb', 'cpu_ratio', 'threads', 'fds'];

export function wordsOf(name: string): string {
	return WORDS[name] ?? name.replaceAll('_', ' ');
}

/** The five that matter most first, the rest as the API lists them. */
export function choices(metrics: readonly Metric[]): Choice[] {
	const listed = metrics.filter((m) => m.scope === 'process' && m.name !== 'cpu_ms')
		.map((m) => ({ name: m.name, words: wordsOf(m.name), help: m.help }));
	const cpu = { name: 'cpu_ratio', words: wordsOf('cpu_ratio'), help: 'Cores used, user and system time' };
	const all = [cpu, ...listed.filter((m) => m.name !== 'cpu_ratio')];
	const place = (c: Choice) => {
		const at = FIRST.indexOf(c.name);
		return at < 0 ? FIRST.length : at;
	};
	return all.sort((a, b) => place(a) - place(b));
}
