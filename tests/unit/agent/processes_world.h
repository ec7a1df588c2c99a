/*
 * Processes' world: a small procfs with processes in it, read tick by tick.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_PROCESSES_WORLD_H
#define TIDEMARK_TESTS_UNIT_AGENT_PROCESSES_WORLD_H

#include "agent/processes.h"
#include "tests/unit/agent/fixture.h"

#define BOOT_MS INT64_C(10000000) /* since boot, at the first tick */
#define UNIX_MS INT64_C(1800000000000)
#define MIB     256L /* pages of 4 KiB */

struct world {
	struct fixture f;
	struct slots *slots;
	struct processes *processes;
	struct arena arena;
	struct processes_tick tick;
	int64_t age_ms; /* since the first tick */
	int64_t off_ms; /* of the wall clock */
	struct processes_options options;
	char procfs[PATH_MAX], cgroupfs[PATH_MAX];
};

static inline void begin(struct world *w)
{
	struct err e;
	assert_true(processes_open(&w->options, &w->processes, &e));
}

static inline int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	fixture_init(&w->f);
	fixture_write(&w->f, "proc/meminfo", "MemTotal: 8000000 kB\n");
	fixture_path(&w->f, w->procfs, "proc");
	fixture_path(&w->f, w->cgroupfs, "cg");
	w->slots = slots_create("boot");
	w->options = (struct processes_options){
		.procfs = w->procfs,
		.cgroupfs = w->cgroupfs,
		.interval_ms = 10000,
		.min_rss_bytes = 16 << 20,
		.kept_max = 100,
		.slots = w->slots,
	};
	arena_init(&w->arena);
	*state = w;
	return 0;
}

static inline int teardown(void **state)
{
	struct world *w = *state;
	processes_close(w->processes);
	slots_destroy(w->slots);
	arena_finish(&w->arena);
	fixture_finish(&w->f);
	free(w);
	return 0;
}

/* A process that started `age_ms` before the first tick, in 1/100 s. */
static inline void add(
	struct world *w, int pid, const char *comm, int64_t age_ms, long mib)
{
	const struct fixture_process p = {
		.pid = pid,
		.comm = comm,
		.start_ticks = (uint64_t)((BOOT_MS - age_ms) / 10),
		.rss_pages = mib * MIB,
		.shared_pages = mib * MIB / 4,
	};
	fixture_add(&w->f, &p);
}

static inline void end(struct world *w, int pid)
{
	char path[PATH_MAX];
	fixture_delete(fixture_path(&w->f, path, "proc/%d", pid));
}

static inline void tick(struct world *w)
{
	const struct processes_now now = {
		UNIX_MS + w->age_ms + w->off_ms, BOOT_MS + w->age_ms};
	struct err e;
	arena_reset(&w->arena);
	assert_true(processes_read(w->processes, &now, &w->arena, &w->tick, &e));
	w->age_ms += w->options.interval_ms;
}

/* The sample of a pid in the last tick, or -1. */
static inline int find(const struct world *w, int pid)
{
	for (size_t i = 0; i < w->tick.count; i++) {
		assert_int_equal(w->tick.samples[i].process, i);
		if (w->tick.processes[i].pid == (uint32_t)pid)
			return (int)i;
	}
	return -1;
}

static inline const struct wire_values *values(const struct world *w, int pid)
{
	int at = find(w, pid);
	assert_true(at >= 0);
	return &w->tick.samples[at].values;
}

static inline bool has(const struct wire_values *v, unsigned metric)
{
	return v->present >> metric & 1;
}

static inline int64_t host(const struct world *w, unsigned metric)
{
	assert_true(has(&w->tick.host, metric));
	return w->tick.host.value[metric];
}

static inline void set_forks(struct world *w, int forks)
{
	char text[128];
	snprintf(text, sizeof text, "cpu  1 2 3 4 5 6 7 8\nctxt 5\nprocesses %d\n",
		forks);
	fixture_write(&w->f, "proc/stat", text);
}

#endif
