/*
 * The detector on recorded processes, replayed as they came: every verdict sees only
 * what was read before it.  The files of an hour are also replayed 60 times slower.
 */
#include "common/scoped.h"
#include "server/analyse/analyse.h"
#include "tests/unit/cmocka_all.h"

#include <stdlib.h>

enum { ROWS_MAX = 800, LIVES_MAX = 12 };

struct recording {
	struct analyse_point points[ROWS_MAX];
	long pid[ROWS_MAX];
	size_t count;
};

static void read_recording(const char *name, int slower, struct recording *r)
{
	char path[512], line[128];
	snprintf(path, sizeof path, "%s/tests/golden/leak/%s.csv", TIDEMARK_SOURCE_DIR,
		name);
	scoped_file FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof line, file));
	r->count = 0;
	while (fgets(line, sizeof line, file)) {
		long long t_s, kb;
		assert_true(r->count < ROWS_MAX);
		assert_int_equal(
			sscanf(line, "%lld,%ld,%lld", &t_s, &r->pid[r->count], &kb), 3);
		r->points[r->count++] = (struct analyse_point){
			INT64_C(1700000000000) + t_s * 1000 * slower, (double)kb};
	}
}

/* What was known after the first `count` readings. */
static enum analyse_verdict judge(
	const struct recording *r, size_t count, double limit_kb, bool collects_late)
{
	struct analyse_generation lives[LIVES_MAX];
	struct analyse_slot slot = {.id = 1,
		.host_id = 1,
		.series = ANALYSE_RSS,
		.limit_kb = limit_kb,
		.collects_late = collects_late,
		.generations = lives};
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from; to < count && r->pid[to] == r->pid[from]; to++)
			;
		assert_true(slot.count < LIVES_MAX);
		lives[slot.count++] = (struct analyse_generation){r->pid[from],
			r->points[from].at_ms, r->points + from, to - from};
	}
	struct arena a;
	arena_init(&a);
	struct analyse_slot_result result;
	analyse_slot(&slot, r->points[count - 1].at_ms, &a, &result);
	arena_finish(&a);
	return result.verdict;
}

struct replay {
	const char *name;
	int slower;
	double limit_mib;
	bool collects_late;
	double leak_by_min;  /* in the time of the replay; 0: must never be called */
	double watch_by_min; /* 0: need not */
};

static const struct replay replays[] = {
	/* As recorded. */
	{"node_clean", 1, 24000, false, 0, 0},
	{"node_clean_restart", 1, 24000, false, 0, 0},
	{"java_plateau", 1, 24000, true, 0, 0},
	{"c_frag", 1, 24000, false, 0, 0},
	{"koa_clean_40", 1, 24000, false, 0, 0},
	{"koa_clean_restart", 1, 24000, false, 0, 0},
	{"koa_lru", 1, 24000, false, 0, 0},
	{"java_first_heap", 1, 24000, true, 0, 0},
	{"koa_leak_fast", 1, 24000, false, 5, 0},
	{"koa_leak_mid", 1, 24000, false, 10, 0},
	{"node_leak_restart", 1, 24000, false, 45, 25},
	{"node_listener", 1, 24000, false, 55, 45},
	{"py_leak", 1, 24000, false, -1, 58},
	/* A minute for each second. */
	{"node_clean", 60, 256, false, 0, 0},
	{"node_clean_restart", 60, 256, false, 0, 0},
	{"java_plateau", 60, 256, true, 0, 0},
	{"node_leak_restart", 60, 256, false, 18 * 60, 12 * 60},
	{"node_listener", 60, 256, false, 24 * 60, 0},
	{"py_leak", 60, 256, false, 24 * 60, 0},
	{"node_v2_a", 60, 256, false, 52 * 60, 32 * 60},
};

static void play(const struct replay *p)
{
	static struct recording r;
	read_recording(p->name, p->slower, &r);
	double leak_at = 0, watch_at = 0;
	size_t rounds = 0, leaks_after = 0, rounds_after = 0;
	for (size_t count = 6; count <= r.count; count += 6, rounds++) {
		double min = (double)(r.points[count - 1].at_ms - r.points[0].at_ms) /
			     60000;
		enum analyse_verdict v = judge(
			&r, count, p->limit_mib * 1024, p->collects_late);
		if (v == ANALYSE_LEAK && leak_at == 0)
			leak_at = min;
		if (v >= ANALYSE_WATCH && watch_at == 0)
			watch_at = min;
		if (leak_at > 0) {
			rounds_after++;
			leaks_after += v == ANALYSE_LEAK;
		}
	}
	print_message(
		"%-20s x%-2d leak at %6.1f min, watch at %6.1f, kept %zu of %zu\n",
		p->name, p->slower, leak_at, watch_at, leaks_after, rounds_after);
	if (p->leak_by_min == 0)
		assert_true(leak_at == 0);
	if (p->leak_by_min > 0) {
		assert_true(leak_at > 0 && leak_at <= p->leak_by_min);
		assert_true((double)leaks_after >= 0.6 * (double)rounds_after);
	}
	if (p->watch_by_min > 0)
		assert_true(watch_at > 0 && watch_at <= p->watch_by_min);
}

static void leaks_are_called_and_clean_processes_are_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof replays / sizeof *replays; i++)
		play(&replays[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaks_are_called_and_clean_processes_are_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
