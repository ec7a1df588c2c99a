#include "schema/metric.h"

#include "common/scoped.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

/* The numbers on the wire: a line that moved would turn one metric into another
 * between an old agent and a new server. */
static void numbers_are_frozen(void **state)
{
	(void)state;
	static const char *const process[] = {"rss_kb", "rss_anon_kb", "rss_file_kb",
		"rss_shmem_kb", "swap_kb", "pss_kb", "cpu_ms", "threads", "fds",
		"minor_faults", "major_faults", "cgroup_usage_kb", "cgroup_limit_kb",
		"cgroup_oom_kills", "heap_used_kb", "heap_total_kb", "heap_limit_kb",
		"heap_floor_kb", "heap_new_kb", "heap_old_kb", "heap_large_kb",
		"heap_code_kb", "heap_other_kb", "external_kb", "array_buffers_kb",
		"native_contexts", "detached_contexts", "loop_delay_p99_us",
		"loop_delay_max_us", "loop_busy_permille", "gc_count", "gc_full_count",
		"gc_ms", "resources", "timers", "listeners", "requests", "backlog",
		"insides_us", "insides_bytes", "insides_pause_us"};
	static const char *const host[] = {"mem_total_kb", "mem_available_kb",
		"mem_free_kb", "cached_kb", "anon_kb", "shmem_kb", "slab_kb",
		"swap_total_kb", "swap_free_kb", "cpu_busy_ms", "cpu_total_ms",
		"load1_milli", "psi_memory_some_us", "psi_memory_full_us",
		"psi_cpu_some_us", "psi_io_some_us", "oom_kills", "processes",
		"rest_processes", "rest_rss_kb", "rest_anon_kb"};
	static const char *const queue[] = {"depth", "waiting", "active", "delayed",
		"failed", "entered", "completed", "failures", "oldest_ms", "overdue",
		"workers"};
	for (size_t i = 0; i < sizeof process / sizeof *process; i++)
		assert_string_equal(metric_process[i].name, process[i]);
	for (size_t i = 0; i < sizeof host / sizeof *host; i++)
		assert_string_equal(metric_host[i].name, host[i]);
	for (size_t i = 0; i < sizeof queue / sizeof *queue; i++)
		assert_string_equal(metric_queue[i].name, queue[i]);
	assert_int_equal(PROCESS_insides_pause_us, 40);
	assert_int_equal(HOST_rest_anon_kb, 20);
	assert_int_equal(QUEUE_workers, 10);
}

static void assert_well_formed(const struct metric *metrics, size_t count)
{
	assert_true(count <= METRIC_MAX && count <= METRIC_VALUES);
	for (size_t i = 0; i < count; i++) {
		const struct metric *m = &metrics[i];
		assert_true(strcmp(m->column, "int4") == 0 ||
			    strcmp(m->column, "int8") == 0);
		assert_true(m->help[0] && m->unit[0]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(m->name, metrics[k].name);
	}
}

static void lines_are_well_formed(void **state)
{
	(void)state;
	assert_well_formed(metric_process, METRIC_PROCESS_COUNT);
	assert_well_formed(metric_host, METRIC_HOST_COUNT);
	assert_well_formed(metric_queue, METRIC_QUEUE_COUNT);
}

static void the_column_bounds_the_value(void **state)
{
	(void)state;
	assert_int_equal(metric_maximum(&metric_process[PROCESS_threads]), INT32_MAX);
	assert_int_equal(metric_maximum(&metric_process[PROCESS_rss_kb]), INT64_MAX);
}

/* A later migration that adds columns needs a line here as well. */
static char *read_migration(const char *name)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/schema/sql/%s", TIDEMARK_SOURCE_DIR, name);
	scoped_file FILE *file = fopen(path, "re");
	if (!file)
		fail_msg("cannot open %s", path);
	char *text = calloc(1, 1 << 20);
	assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
	return text;
}

/* The lines after `head` are the metrics; `begin` stands before each name. */
static void assert_columns(const char *sql, const char *head, const char *begin,
	const struct metric *metrics, size_t count, const char *end)
{
	const char *at = strstr(sql, head);
	assert_non_null(at);
	for (size_t i = 0; i < count; i++) {
		char name[64], type[16];
		at = strchr(at, '\n');
		at += strspn(at, "\n\t ");
		assert_memory_equal(at, begin, strlen(begin));
		assert_int_equal(
			sscanf(at + strlen(begin), " %63s %15[a-z0-9]", name, type), 2);
		assert_string_equal(name, metrics[i].name);
		assert_string_equal(type, metrics[i].column);
	}
	at = strpbrk(at, ";\n");
	assert_memory_equal(at, end, strlen(end));
}

static void tables_have_the_metrics_as_columns(void **state)
{
	(void)state;
	enum { FIRST = PROCESS_heap_used_kb }; /* of what came later */
	scoped_free char *begun = read_migration("0001_foundation.sql");
	scoped_free char *later = read_migration("0006_insight.sql");
	const char *sample = strstr(begun, "CREATE TABLE sample (");
	const char *host = strstr(begun, "CREATE TABLE host_sample (");
	const char *queue = strstr(later, "CREATE TABLE queue_sample (");
	assert_true(sample && host && queue);
	assert_columns(sample, "\tat ", "", metric_process, FIRST, "\n)");
	assert_columns(host, "\tat ", "", metric_host, METRIC_HOST_COUNT, "\n)");
	assert_columns(later, "ALTER TABLE sample\n", "ADD COLUMN",
		metric_process + FIRST, METRIC_PROCESS_COUNT - FIRST, ";");
	assert_columns(queue, "\tat ", "", metric_queue, METRIC_QUEUE_COUNT, "\n)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_frozen),
		cmocka_unit_test(lines_are_well_formed),
		cmocka_unit_test(the_column_bounds_the_value),
		cmocka_unit_test(tables_have_the_metrics_as_columns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
