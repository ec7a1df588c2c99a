/*
 * The detector on recorded processes, replayed as they came: every verdict sees only
 * what was read before it.  Most are also replayed 60 times slower.
 */
#include "common/scoped.h"
#include "server/analyse/fleet.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <stdio.h>

static const int64_t T0_MS = INT64_C(1700000000000);

struct replay {
	const char *name;
	int slower;
	double limit_mib;
	bool collects_late;
	double leak_by_min;  /* in the time of the replay; 0: must never be called, -1:
				may */
	double watch_by_min; /* 0: need not */
};

static const struct replay replays[] = {
	/* As recorded, on a machine of 24 GiB without a limit: what is shown live. */
	{"node_clean", 1, 24000, false, 0, 0},
	{"node_clean_restart", 1, 24000, false, 0, 0},
	{"java_plateau", 1, 24000, true, 0, 0},
	{"koa_clean_40", 1, 24000, false, 0, 0},
	{"koa_clean_restart", 1, 24000, false, 0, 0},
	{"koa_lru", 1, 24000, false, 0, 0},
	{"java_first_heap", 1, 24000, true, 0, 0},
	{"koa_leak_fast", 1, 24000, false, 5, 5},
	{"koa_leak_mid", 1, 24000, false, 10, 10},
	{"node_leak_restart", 1, 24000, false, -1, 40},
	{"node_listener", 1, 24000, false, -1, 0},
	{"py_leak", 1, 24000, false, -1, 0},
	/* A minute for each second. */
	{"node_clean", 60, 256, false, 0, 0},
	{"node_clean_restart", 60, 256, false, 0, 0},
	{"java_plateau", 60, 256, true, 0, 0},
	{"c_frag", 60, 256, false, 0, 0},
	{"node_leak_restart", 60, 256, false, 18 * 60, 12 * 60},
	{"node_listener", 60, 256, false, 40 * 60, 0},
	{"py_leak", 60, 256, false, 26 * 60, 0},
	{"node_v2_a", 60, 256, false, 52 * 60, 32 * 60},
};

struct heard {
	double leak_at_min, watch_at_min; /* -1: never */
	size_t rows_after, kept_after;    /* since it was first confirmed */
};

static void hear(struct heard *h, enum analyse_level level, double min)
{
	if (level >= ANALYSE_EARLY && h->watch_at_min < 0)
		h->watch_at_min = min;
	if (level == ANALYSE_CONFIRMED && h->leak_at_min < 0)
		h->leak_at_min = min;
	h->rows_after += h->leak_at_min >= 0;
	h->kept_after += h->leak_at_min >= 0 && level == ANALYSE_CONFIRMED;
}

static struct heard play(const struct replay *p)
{
	char path[512], line[128];
	snprintf(path, sizeof path, "%s/tests/golden/leak/%s.csv", TIDEMARK_SOURCE_DIR,
		p->name);
	scoped_file FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof line, file));
	struct heard heard = {.leak_at_min = -1, .watch_at_min = -1};
	struct fleet *f = fleet_create();
	struct fleet_seat seat = {1, 1, 1};
	struct reading_life life = {.fingerprint_id = 1,
		.limit_kb = p->limit_mib * 1024,
		.collects_late = p->collects_late};
	struct arena a;
	arena_init(&a);
	while (fgets(line, sizeof line, file)) {
		long long t_s, kb;
		long pid;
		assert_int_equal(sscanf(line, "%lld,%ld,%lld", &t_s, &pid, &kb), 3);
		struct reading r = {T0_MS + t_s * 1000 * p->slower, (double)kb, NAN,
			NAN, NAN, NAN, NAN, NAN, NAN, NAN};
		if (life.id != pid)
			life.started_ms = r.at_ms;
		life.id = pid;
		assert_true(fleet_put(f, &seat, &life, &r));
		arena_reset(&a);
		struct fleet_report report;
		struct fleet_slot said;
		fleet_step(f, r.at_ms, &a, &report);
		assert_true(fleet_look(f, 1, &a, &said));
		hear(&heard, said.level, (double)(t_s * p->slower) / 60);
	}
	arena_finish(&a);
	fleet_destroy(f);
	return heard;
}

/* Whether what was heard is what should be. */
static bool is_right(const struct replay *p, const struct heard *h)
{
	if (p->leak_by_min == 0 && h->leak_at_min >= 0)
		return false;
	if (p->leak_by_min > 0 &&
		(h->leak_at_min < 0 || h->leak_at_min > p->leak_by_min ||
			10 * h->kept_after < 9 * h->rows_after))
		return false;
	return p->watch_by_min == 0 ||
	       (h->watch_at_min >= 0 && h->watch_at_min <= p->watch_by_min);
}

static void leaks_are_called_and_clean_processes_are_not(void **state)
{
	(void)state;
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof replays / sizeof *replays; i++) {
		const struct replay *p = &replays[i];
		struct heard h = play(p);
		bool right = is_right(p, &h);
		print_message("%s %-20s x%-2d leak at %6.1f min, watch at %6.1f, "
			      "kept %zu of %zu\n",
			right ? "     " : "WRONG", p->name, p->slower, h.leak_at_min,
			h.watch_at_min, h.kept_after, h.rows_after);
		wrong += !right;
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaks_are_called_and_clean_processes_are_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
