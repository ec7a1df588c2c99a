// What can be drawn: the metrics that the API lists, in words.
import type { Metric } from '../api/types';
import { t } from '../words/words';

export interface Choice {
	name: string;
	words: string;
	help: string;
}

const WORDS: Record<string, string> = {
	rss_anon_kb: t('Anonymous memory'),
	rss_kb: t('Resident memory (RSS)'),
	rss_file_kb: t('File-backed memory'),
	rss_shmem_kb: t('Shared memory'),
	swap_kb: t('Swapped out'),
	pss_kb: t('Proportional memory (PSS)'),
	cpu_ratio: t('CPU'),
	heap_ratio: t('Heap, of its limit'),
	threads: t('Threads'),
	fds: t('Open files'),
	minor_faults: t('Page faults, minor'),
	major_faults: t('Page faults, major'),
	cgroup_usage_kb: t('Control group memory'),
	cgroup_limit_kb: t('Control group limit'),
	cgroup_oom_kills: t('OOM kills'),
	heap_used_kb: t('Heap used'),
	heap_total_kb: t('Heap committed'),
	heap_limit_kb: t('Heap limit'),
	heap_floor_kb: t('Heap after full GC'),
	heap_new_kb: t('Heap, young objects'),
	heap_old_kb: t('Heap, old objects'),
	heap_large_kb: t('Heap, large objects'),
	heap_code_kb: t('Compiled code'),
	heap_other_kb: t('Heap, other spaces'),
	external_kb: t('External memory'),
	array_buffers_kb: t('Array buffers'),
	loop_delay_p99_us: t('Loop delay, p99'),
	loop_delay_max_us: t('Loop delay, longest'),
	loop_busy_permille: t('Event loop busy'),
	gc_count: t('Collections'),
	gc_full_count: t('Collections, full'),
	gc_ms: t('Time in collections'),
	native_contexts: t('V8 contexts'),
	detached_contexts: t('V8 contexts, detached'),
	resources: t('Active resources'),
	timers: t('Timers'),
	listeners: t('Listeners on one event'),
	backlog: t('Connections in backlog'),
	requests: t('Requests'),
	insides_us: t('Cost of reading: time'),
	insides_bytes: t('Cost of reading: bytes'),
	insides_pause_us: t('Cost of reading: pause'),
};

const FIRST = ['rss_anon_kb', 'rss_kb', 'heap_used_kb', 'external_kb', 'array_buffers_kb', 'rss_file_kb', 'rss_shmem_kb', 'swap_kb', 'heap_ratio',
	'cpu_ratio', 'requests', 'threads', 'fds'];

export function wordsOf(name: string): string {
	return WORDS[name] ?? name.replaceAll('_', ' ');
}

/** Kinds of memory first, then what explains them, the rest as the API lists them. */
export function choices(metrics: readonly Metric[]): Choice[] {
	const listed = metrics.filter((m) => m.scope === 'process' && m.name !== 'cpu_ms')
		.map((m) => ({ name: m.name, words: wordsOf(m.name), help: m.help }));
	const made = [{ name: 'cpu_ratio', words: wordsOf('cpu_ratio'), help: t('Cores used, user and system time') },
		{ name: 'heap_ratio', words: wordsOf('heap_ratio'), help: t('The part of its limit that the managed heap uses') }];
	const all = [...made, ...listed.filter((m) => !made.some((one) => one.name === m.name))];
	const place = (c: Choice) => {
		const at = FIRST.indexOf(c.name);
		return at < 0 ? FIRST.length : at;
	};
	return all.sort((a, b) => place(a) - place(b));
}
