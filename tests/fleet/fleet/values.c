#include "tests/fleet/fleet/values.h"

#include <math.h>

/* In the order in which they are wanted. */
static const enum metric_process values_node[] = {PROCESS_rss_kb, PROCESS_rss_anon_kb,
	PROCESS_rss_file_kb, PROCESS_cpu_ms, PROCESS_threads, PROCESS_fds,
	PROCESS_minor_faults, PROCESS_heap_used_kb, PROCESS_heap_total_kb,
	PROCESS_heap_floor_kb, PROCESS_heap_old_kb, PROCESS_external_kb,
	PROCESS_gc_count, PROCESS_gc_ms, PROCESS_loop_delay_p99_us, PROCESS_requests,
	PROCESS_swap_kb, PROCESS_pss_kb, PROCESS_rss_shmem_kb, PROCESS_major_faults,
	PROCESS_cgroup_usage_kb, PROCESS_cgroup_limit_kb, PROCESS_cgroup_oom_kills,
	PROCESS_heap_limit_kb, PROCESS_heap_new_kb, PROCESS_heap_large_kb,
	PROCESS_heap_code_kb, PROCESS_heap_other_kb, PROCESS_array_buffers_kb,
	PROCESS_native_contexts, PROCESS_detached_contexts, PROCESS_loop_delay_max_us,
	PROCESS_loop_busy_permille, PROCESS_gc_full_count, PROCESS_resources,
	PROCESS_timers, PROCESS_listeners, PROCESS_backlog, PROCESS_insides_us,
	PROCESS_insides_bytes, PROCESS_insides_pause_us};
static const enum metric_process values_native[] = {PROCESS_rss_kb, PROCESS_rss_anon_kb,
	PROCESS_rss_file_kb, PROCESS_cpu_ms, PROCESS_threads, PROCESS_fds,
	PROCESS_minor_faults, PROCESS_pss_kb, PROCESS_swap_kb, PROCESS_rss_shmem_kb,
	PROCESS_major_faults, PROCESS_cgroup_usage_kb, PROCESS_cgroup_limit_kb,
	PROCESS_cgroup_oom_kills, PROCESS_requests, PROCESS_backlog};
enum {
	VALUES_NODE = sizeof values_node / sizeof *values_node,
	VALUES_NATIVE = sizeof values_native / sizeof *values_native,
	VALUES_FILE_KB = 40 * 1024,
	VALUES_SHMEM_KB = 128,
	VALUES_HOST_KB = 64 << 20,
};
_Static_assert((int)VALUES_NODE == (int)METRIC_PROCESS_COUNT, "each metric once");

static int64_t values_pages_kb(double kb)
{
	return 4 * (int64_t)(kb / 4);
}

static void values_memory(
	const struct recipe *r, const struct process_sample *s, int64_t *v)
{
	int64_t rss = values_pages_kb(s->rss_kb);
	int64_t file = rss / 3 < VALUES_FILE_KB ? values_pages_kb(s->rss_kb / 3)
						: VALUES_FILE_KB;
	v[PROCESS_rss_kb] = rss;
	v[PROCESS_rss_file_kb] = file;
	v[PROCESS_rss_shmem_kb] = VALUES_SHMEM_KB;
	v[PROCESS_rss_anon_kb] = rss > file + VALUES_SHMEM_KB
					 ? rss - file - VALUES_SHMEM_KB
					 : 0;
	v[PROCESS_pss_kb] = rss - file / 2;
	v[PROCESS_cgroup_usage_kb] = rss + 8192;
	v[PROCESS_cgroup_limit_kb] = (int64_t)r->limit_kb;
}

/* What load moves: `mean` is 1 at the process' usual load. */
static void values_load(const struct recipe *r, const struct process_sample *s,
	struct values_life *life, int64_t *v)
{
	double mean = r->load.reported && r->load.mean_per_s > 0
			      ? s->req_s / r->load.mean_per_s
			      : 1;
	life->cpu_ms += r->dt_s * 1000 * 0.04 * mean;
	life->requests += s->req_s * r->dt_s;
	life->minor_faults += r->dt_s * 30 * mean;
	v[PROCESS_cpu_ms] = 10 * (int64_t)(life->cpu_ms / 10);
	v[PROCESS_requests] = (int64_t)life->requests;
	v[PROCESS_minor_faults] = (int64_t)life->minor_faults;
	v[PROCESS_major_faults] = 12;
	v[PROCESS_threads] = r->heap.managed ? 11 : 6;
	v[PROCESS_fds] = 24 + (int64_t)(6 * mean);
	v[PROCESS_loop_delay_p99_us] = 10000 + (int64_t)(800 * mean);
	v[PROCESS_loop_delay_max_us] = 12000 + (int64_t)(3000 * mean);
	v[PROCESS_loop_busy_permille] = (int64_t)fmin(1000, 45 * mean);
	v[PROCESS_resources] = 9 + (int64_t)(3 * mean);
	v[PROCESS_timers] = 4;
	v[PROCESS_listeners] = 6;
}

static void values_heap(
	const struct recipe *r, const struct process_sample *s, int64_t *v)
{
	v[PROCESS_heap_used_kb] = (int64_t)s->heap_used_kb;
	v[PROCESS_heap_total_kb] = values_pages_kb(s->heap_total_kb);
	v[PROCESS_heap_floor_kb] = (int64_t)s->post_gc_kb;
	v[PROCESS_heap_limit_kb] = (int64_t)r->limit_kb;
	v[PROCESS_heap_old_kb] = (int64_t)(0.9 * s->heap_used_kb);
	v[PROCESS_heap_new_kb] = (int64_t)(0.06 * s->heap_used_kb);
	v[PROCESS_heap_large_kb] = (int64_t)(0.03 * s->heap_used_kb);
	v[PROCESS_heap_code_kb] = 1800;
	v[PROCESS_heap_other_kb] = 900;
	v[PROCESS_external_kb] = 2300;
	v[PROCESS_array_buffers_kb] = 310;
	v[PROCESS_native_contexts] = 1;
	v[PROCESS_gc_count] = 10 * s->gc_count;
	v[PROCESS_gc_full_count] = s->gc_count;
	v[PROCESS_gc_ms] = 43 * s->gc_count;
	v[PROCESS_insides_us] = 900;
	v[PROCESS_insides_bytes] = 2100;
	v[PROCESS_insides_pause_us] = 1500;
}

void values_process(const struct recipe *r, const struct process_sample *s,
	uint32_t count, struct values_life *life, struct wire_values *out)
{
	bool inside = r->heap.managed && r->heap.hook;
	const enum metric_process *order = inside ? values_node : values_native;
	uint32_t most = inside ? VALUES_NODE : VALUES_NATIVE;
	int64_t all[METRIC_PROCESS_COUNT] = {0};
	values_memory(r, s, all);
	values_load(r, s, life, all);
	if (inside)
		values_heap(r, s, all);
	*out = (struct wire_values){0};
	for (uint32_t i = 0; i < count && i < most; i++) {
		out->present |= UINT64_C(1) << order[i];
		out->value[order[i]] = all[order[i]];
	}
}

void values_host(uint32_t number, int64_t ticks, int64_t interval_ms, int cpus,
	const struct wire_tick *tick, struct wire_values *out)
{
	int64_t used = 0, elapsed_ms = (ticks + 1) * interval_ms, *v = out->value;
	*out = (struct wire_values){0};
	for (size_t i = 0; i < tick->sample_count; i++)
		used += tick->samples[i].values.value[PROCESS_rss_kb];
	if (used > VALUES_HOST_KB)
		used = VALUES_HOST_KB;
	v[HOST_mem_total_kb] = VALUES_HOST_KB;
	v[HOST_mem_available_kb] = VALUES_HOST_KB - used;
	v[HOST_mem_free_kb] = (VALUES_HOST_KB - used) / 2;
	v[HOST_cached_kb] = (VALUES_HOST_KB - used) / 3;
	v[HOST_anon_kb] = used;
	v[HOST_shmem_kb] = 9000;
	v[HOST_slab_kb] = 410000 + number % 997;
	v[HOST_cpu_busy_ms] = elapsed_ms * cpus / 7;
	v[HOST_cpu_total_ms] = elapsed_ms * cpus;
	v[HOST_load1_milli] = 1100 + ticks * 37 % 500;
	v[HOST_psi_cpu_some_us] = elapsed_ms * 3;
	v[HOST_psi_io_some_us] = elapsed_ms;
	v[HOST_processes] = 120 + (int64_t)tick->sample_count;
	v[HOST_rest_processes] = 120;
	v[HOST_rest_rss_kb] = 380000;
	v[HOST_rest_anon_kb] = 210000;
	out->present = (UINT64_C(1) << METRIC_HOST_COUNT) - 1;
}
