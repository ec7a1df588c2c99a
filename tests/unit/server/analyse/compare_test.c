#include "server/analyse/compare.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

enum { STEPS = 120, LIVES = 40 };

static const double MIB = 1024;
static const int64_t STEP_MS = 180000; /* 6 h in all */
static const int64_t FROM_MS = INT64_C(1795341600000);

static uint64_t seed;

static double uniform(void)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(seed >> 11) / 9007199254740992.0;
}

static double normal(void)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += uniform();
	return sum;
}

/* A group of instances, each on a host of its own. */
struct group {
	size_t hosts;
	double slope, spread; /* MiB/h, and its standard deviation between hosts */
	double noise;         /* MiB */
	double per_load;      /* MiB for each request per second */
	double load_from, load_to;
	int64_t started_ms;
	bool is_warming;    /* 64 MiB in the first hours of its life */
	size_t first, last; /* steps */
	size_t restart_every;
};

static const struct group usual = {.hosts = 8,
	.noise = 2,
	.last = STEPS,
	.started_ms = FROM_MS - INT64_C(5) * 86400000,
	.load_from = NAN};

struct made {
	struct compare_life lives[LIVES];
	double value[LIVES][STEPS], load[LIVES][STEPS];
	size_t count;
};

static struct compare_life *begin_life(
	struct made *m, int64_t host, int64_t started_ms, bool has_load)
{
	size_t i = m->count++;
	assert_true(i < LIVES);
	for (size_t k = 0; k < STEPS; k++)
		m->value[i][k] = m->load[i][k] = NAN;
	m->lives[i] = (struct compare_life){.slot_id = host + 1,
		.host_id = host + 1,
		.started_ms = started_ms,
		.value = m->value[i],
		.load = has_load ? m->load[i] : NULL};
	return &m->lives[i];
}

static void run(struct made *m, const struct group *g, int64_t host)
{
	double slope = g->slope + g->spread * normal(), level = 200 + 20 * uniform();
	int64_t started = g->started_ms;
	for (size_t k = g->first; k < g->last; k++) {
		bool is_restart = g->restart_every && k && k % g->restart_every == 0;
		int64_t at = FROM_MS + (int64_t)k * STEP_MS;
		if (is_restart)
			started = at;
		if (k == g->first || is_restart)
			begin_life(m, host, started, !isnan(g->load_from));
		double age_h = (double)(at + STEP_MS / 2 - started) / 3600e3;
		double load = g->load_from +
			      (g->load_to - g->load_from) * (double)k / STEPS +
			      normal();
		double mib = level + slope * age_h + g->noise * normal();
		if (!isnan(load))
			mib += g->per_load * load;
		if (g->is_warming)
			mib += 64 * (1 - exp(-age_h / 1.5));
		m->value[m->count - 1][k] = mib * MIB;
		m->load[m->count - 1][k] = load;
	}
}

static struct compare_side make(struct made *m, struct group g)
{
	m->count = 0;
	for (size_t h = 0; h < g.hosts; h++)
		run(m, &g, (int64_t)h);
	return (struct compare_side){m->lives, m->count, FROM_MS};
}

struct result {
	struct compare_found found[2];
	struct compare_difference d;
};

static struct made made[2];

static struct result compared(
	struct arena *a, struct group first, struct group other, bool by_age)
{
	struct result r;
	struct compare_side sides[2] = {make(&made[0], first), make(&made[1], other)};
	struct compare_input in = {.sides = sides,
		.count = 2,
		.steps = STEPS,
		.step_ms = STEP_MS,
		.by_age = by_age,
		.floor = 16};
	struct compare_names names = {"1.0.0", "1.1.0", "KiB", true, by_age};
	compare_sides(&in, a, r.found);
	compare_pair(&r.found[0], &r.found[1], &names, a, &r.d);
	return r;
}

static void assert_says(const struct result *r, const char *part)
{
	if (!strstr(r->d.text, part))
		fail_msg("\"%s\" lacks \"%s\"", r->d.text, part);
}

static struct group growing(size_t hosts, double slope)
{
	struct group g = usual;
	g.hosts = hosts;
	g.slope = slope;
	g.spread = slope / 10;
	return g;
}

static void a_leak_is_told_with_its_interval(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	seed = 1;
	struct result r = compared(&a, growing(9, 0), growing(12, 38), false);
	assert_int_equal(r.d.verdict, COMPARE_FASTER);
	assert_true(r.d.growth.low < 38 * MIB && r.d.growth.high > 38 * MIB);
	assert_true(r.d.growth.high - r.d.growth.low < 10 * MIB);
	assert_true(r.d.p < 1e-6);
	assert_int_equal(r.found[1].instances, 12);
	assert_int_equal(r.found[1].growth_hosts, 12);
	assert_int_equal(r.found[1].hosts_rising, 12);
	assert_true(fabs(r.found[1].hours - 12 * 6) < 0.01);
	assert_true(fabs(r.found[1].span_h - 6) < 0.01);
	assert_says(&r, "1.1.0 grows faster than 1.0.0 by 3");
	assert_says(&r, "12 hosts against 9");
	/* The other way round it is the first that grows. */
	r = compared(&a, growing(12, 38), growing(9, 0), false);
	assert_int_equal(r.d.verdict, COMPARE_SLOWER);
	assert_true(r.d.growth.high < 0);
	assert_says(&r, "1.0.0 grows faster than 1.1.0 by 3");
	assert_says(&r, "12 hosts against 9");
	arena_finish(&a);
}

static void what_does_not_differ_is_told_with_what_would_show(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	seed = 2;
	struct result r = compared(&a, growing(2, 0), growing(2, 0), false);
	assert_int_equal(r.d.verdict, COMPARE_ALIKE);
	assert_true(r.d.detectable > 0 && r.d.detectable < 4 * MIB);
	assert_true(r.d.remarks & COMPARE_FEW_HOSTS);
	assert_says(&r, "No difference that 6 h, and 2 hosts against 2, could show");
	arena_finish(&a);
}

/* Of a hundred comparisons of equals and of known differences. */
static void intervals_hold_what_they_promise(void **state)
{
	(void)state;
	size_t found = 0, held = 0;
	seed = 3;
	for (int i = 0; i < 100; i++) {
		struct arena a;
		arena_init(&a);
		struct group first = growing(6, 0), other = growing(6, 0);
		first.spread = other.spread = 1;
		struct result r = compared(&a, first, other, false);
		found += r.d.verdict != COMPARE_ALIKE;
		other.slope = 5;
		r = compared(&a, first, other, false);
		held += r.d.growth.low < 5 * MIB && r.d.growth.high > 5 * MIB;
		arena_finish(&a);
	}
	if (found > 10 || held < 90)
		fail_msg("%zu of 100 equals differ, %zu of 100 intervals hold", found,
			held);
}

static void what_is_detectable_is_mostly_found(void **state)
{
	(void)state;
	size_t found = 0;
	double detectable = 0;
	seed = 4;
	for (int i = 0; i < 100; i++) {
		struct arena a;
		arena_init(&a);
		struct group first = growing(6, 0), other = growing(6, 0);
		first.spread = other.spread = 1;
		other.slope = detectable / MIB;
		struct result r = compared(&a, first, other, false);
		found += i > 0 && r.d.verdict == COMPARE_FASTER;
		detectable += (r.d.detectable - detectable) / (i + 1);
		arena_finish(&a);
	}
	if (found < 65 || found > 95)
		fail_msg("%zu of 99 are found", found);
}

/* Memory that follows its load is no leak; where the load is not known it looks so. */
static void load_is_taken_out(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	seed = 5;
	struct group first = usual, other = usual;
	first.load_from = first.load_to = 20;
	other.load_from = 20;
	other.load_to = 60;
	first.per_load = other.per_load = 2;
	struct result r = compared(&a, first, other, false);
	assert_true(r.found[1].load_used);
	assert_true(fabs(r.found[1].load - 40) < 1);
	assert_int_equal(r.d.verdict, COMPARE_ALIKE);
	assert_true(r.d.remarks & COMPARE_LOAD_DIFFERS);
	for (size_t i = 0; i < made[1].count; i++)
		made[0].lives[i].load = made[1].lives[i].load = NULL;
	struct compare_side sides[] = {{made[0].lives, made[0].count, FROM_MS},
		{made[1].lives, made[1].count, FROM_MS}};
	struct compare_input in = {sides, 2, STEPS, STEP_MS, false, 16};
	struct compare_names names = {"a", "b", "KiB", true, false};
	compare_sides(&in, &a, r.found);
	compare_pair(&r.found[0], &r.found[1], &names, &a, &r.d);
	assert_int_equal(r.d.verdict, COMPARE_FASTER);
	assert_true(r.d.remarks & COMPARE_LOAD_UNKNOWN);
	assert_true(isnan(r.found[1].load));
	arena_finish(&a);
}

/* Twice the load and twice the slope: the same leak for each request. */
static void a_leak_by_request_is_the_same_at_any_load(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	seed = 6;
	struct group first = growing(6, 30), other = growing(6, 60);
	first.spread = other.spread = 0;
	first.load_from = first.load_to = 25;
	other.load_from = other.load_to = 50;
	struct result r = compared(&a, first, other, false);
	assert_int_equal(r.d.verdict, COMPARE_FASTER);
	/* 30 MiB an hour by 90,000 requests an hour. */
	assert_true(fabs(r.found[0].per_load.value - 30 * MIB / 90) < 30);
	assert_true(r.d.per_load.known);
	assert_true(r.d.per_load.low < 0 && r.d.per_load.high > 0);
	arena_finish(&a);
}

static void restarts_do_not_hide_it(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	seed = 7;
	struct group first = growing(3, 0), other = growing(3, 30);
	first.restart_every = other.restart_every = 24;
	struct result r = compared(&a, first, other, false);
	assert_int_equal(r.d.verdict, COMPARE_FASTER);
	assert_true(r.d.growth.low < 30 * MIB && r.d.growth.high > 30 * MIB);
	assert_int_equal(r.found[1].instances, 3);
	assert_int_equal(r.found[1].lives, 15);
	arena_finish(&a);
}

/* Young against old: a warm-up passes for growth, until ages are made equal. */
static void at_equal_age_a_warm_up_is_none(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	seed = 8;
	struct group first = growing(6, 0), other = growing(6, 0);
	first.is_warming = other.is_warming = true;
	first.restart_every = 40;
	other.first = 60;
	other.started_ms = FROM_MS + 60 * STEP_MS;
	struct group old = growing(6, 0);
	struct result r = compared(&a, old, other, false);
	assert_int_equal(r.d.verdict, COMPARE_FASTER);
	assert_true(r.d.remarks & COMPARE_AGE_DIFFERS);
	r = compared(&a, first, other, true);
	assert_int_equal(r.d.verdict, COMPARE_ALIKE);
	assert_false(r.d.remarks & COMPARE_AGE_DIFFERS);
	/* What began before the span has no start to be set beside another. */
	assert_int_equal(r.found[0].lives, 12);
	assert_int_equal(r.found[0].bands[0].n, 12);
	assert_int_equal(r.found[0].bands[40].n, 0);
	old.started_ms = FROM_MS - 20 * STEP_MS;
	r = compared(&a, old, other, true);
	assert_int_equal(r.found[0].lives, 0);
	assert_int_equal(r.found[0].bands[30].n, 0);
	assert_int_equal(r.d.verdict, COMPARE_UNKNOWN);
	assert_says(&r, "no process of 1.0.0 began within the span");
	arena_finish(&a);
}

static void too_little_is_said_to_be(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	seed = 9;
	struct group none = usual, brief = usual;
	none.hosts = 0;
	brief.last = 5;
	struct result r = compared(&a, usual, none, false);
	assert_int_equal(r.d.verdict, COMPARE_UNKNOWN);
	assert_says(&r, "nothing was read of 1.1.0");
	assert_false(r.d.growth.known);
	assert_int_equal(r.found[1].bands[3].n, 0);
	r = compared(&a, brief, usual, false);
	assert_int_equal(r.d.verdict, COMPARE_UNKNOWN);
	assert_says(&r, "15 min of 1.0.0 do not show a slope");
	arena_finish(&a);
}

static void one_instance_speaks_for_itself(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	seed = 10;
	struct result r = compared(&a, growing(1, 0), growing(1, 20), false);
	assert_int_equal(r.d.verdict, COMPARE_FASTER);
	assert_true(r.d.remarks & COMPARE_ONE_INSTANCE);
	assert_says(&r, "1 host against 1");
	arena_finish(&a);
}

static void bands_are_quantiles_over_instances(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	double value[11][2];
	struct compare_life lives[11];
	for (size_t i = 0; i < 11; i++) {
		value[i][0] = (double)(10 * i);
		value[i][1] = i < 2 ? (double)i : NAN;
		lives[i] = (struct compare_life){
			.slot_id = (int64_t)i + 1, .host_id = 1, .value = value[i]};
	}
	/* Two lives of one instance in a step are one instance, the later life. */
	lives[1].slot_id = 1;
	struct compare_side side = {lives, 11, FROM_MS};
	struct compare_input in = {&side, 1, 2, STEP_MS, false, 16};
	struct compare_found found;
	compare_sides(&in, &a, &found);
	assert_int_equal(found.bands[0].n, 10);
	assert_true(fabs(found.bands[0].median - 55) < 1e-9);
	assert_true(fabs(found.bands[0].low - 19) < 1e-9);
	assert_true(fabs(found.bands[0].high - 91) < 1e-9);
	assert_int_equal(found.bands[1].n, 1);
	assert_true(found.bands[1].median == 1);
	assert_int_equal(found.hosts, 1);
	assert_int_equal(found.instances, 10);
	arena_finish(&a);
}

/* Cores, a thousandth of which counts. */
static void small_units_have_slopes(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	seed = 11;
	struct compare_side sides[2] = {
		make(&made[0], growing(5, 0)), make(&made[1], growing(5, 30))};
	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < made[s].count; i++)
			for (size_t k = 0; k < STEPS; k++)
				made[s].value[i][k] /= 1024 * MIB;
	struct compare_input in = {sides, 2, STEPS, STEP_MS, false, 0};
	struct compare_names names = {"a", "b", "cores", false, false};
	struct result r;
	compare_sides(&in, &a, r.found);
	compare_pair(&r.found[0], &r.found[1], &names, &a, &r.d);
	assert_int_equal(r.d.verdict, COMPARE_FASTER);
	assert_true(fabs(r.d.growth.value - 30.0 / 1024) < 0.005);
	assert_says(&r, "cores/h (0.02");
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leak_is_told_with_its_interval),
		cmocka_unit_test(what_does_not_differ_is_told_with_what_would_show),
		cmocka_unit_test(intervals_hold_what_they_promise),
		cmocka_unit_test(what_is_detectable_is_mostly_found),
		cmocka_unit_test(load_is_taken_out),
		cmocka_unit_test(a_leak_by_request_is_the_same_at_any_load),
		cmocka_unit_test(restarts_do_not_hide_it),
		cmocka_unit_test(at_equal_age_a_warm_up_is_none),
		cmocka_unit_test(too_little_is_said_to_be),
		cmocka_unit_test(one_instance_speaks_for_itself),
		cmocka_unit_test(bands_are_quantiles_over_instances),
		cmocka_unit_test(small_units_have_slopes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
