#include "server/analyse/pool.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/golden.h"

#include <math.h>
#include <string.h>

enum { SLOTS_MAX = 20, BINS = 72 * 3 };

static const double LIMIT_KB = 1400 * 1024;
static const double MIB = 1024;
static const double BIN_H = 1.0 / 3;

static void assert_near(double value, double expected)
{
	if (fabs(value - expected) > 1e-7 * fabs(expected) + 1e-9)
		fail_msg("%.12g, not %.12g", value, expected);
}

static void mean_and_interval_are_those_of_r(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	size_t rows = 0;
	for (struct golden g = golden_open("stat_pool"); golden_next(&g); rows++) {
		size_t k = (size_t)g.value[0];
		struct pool_slope slopes[8];
		for (size_t i = 0; i < k; i++)
			slopes[i] = (struct pool_slope){
				100 - (int64_t)i, g.value[1 + i], g.value[1 + k + i]};
		struct pool_result r;
		pool_slopes(slopes, k, &a, &r);
		const double *expected = g.value + 1 + 2 * k;
		assert_true(r.known);
		assert_int_equal(r.hosts, k);
		assert_near(r.rate.kb_h, expected[0]);
		assert_near(r.error_kb_h, expected[1]);
		assert_near(r.between_kb_h, expected[2]);
		assert_near(r.variation, expected[3]);
		assert_true(fabs(r.rate.low_kb_h - expected[4]) < 1e-4);
		assert_true(fabs(r.rate.high_kb_h - expected[5]) < 1e-4);
		assert_near(r.p_value, expected[6]);
	}
	assert_int_equal(rows, 3);
	arena_finish(&a);
}

static struct pool_result pool_of(struct arena *a, const struct pool_slope *s, size_t n)
{
	struct pool_result r;
	pool_slopes(s, n, a, &r);
	return r;
}

static void slots_of_one_host_are_one_witness(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct pool_slope one_host[6], six_hosts[6];
	for (size_t i = 0; i < 6; i++) {
		one_host[i] = (struct pool_slope){7, 3, 2};
		six_hosts[i] = (struct pool_slope){(int64_t)i, 3, 2};
	}
	struct pool_result one = pool_of(&a, one_host, 6);
	struct pool_result six = pool_of(&a, six_hosts, 6);
	assert_int_equal(one.hosts, 1);
	assert_near(one.error_kb_h, 2);
	assert_near(six.error_kb_h, 2 / sqrt(6));
	assert_true(one.p_value > 0.05 && six.p_value < 0.01);
	assert_near(one.p_sign, 0.5);
	assert_near(six.p_sign, 1.0 / 64);
	arena_finish(&a);
}

static void hosts_are_counted_by_their_mean(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct pool_slope s[] = {{1, 2, 1}, {2, 1, 1}, {3, -1, 1}, {4, 3, 1}, {1, 4, 1},
		{5, NAN, 1}, {6, 1, 0}, {7, 1, INFINITY}};
	struct pool_result r = pool_of(&a, s, 8);
	assert_int_equal(r.slots, 5);
	assert_int_equal(r.hosts, 4);
	assert_int_equal(r.hosts_rising, 3);
	assert_near(r.p_sign, 5.0 / 16);
	arena_finish(&a);
}

static void slopes_that_agree_too_well_are_told(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct pool_slope s[10];
	for (size_t i = 0; i < 10; i++)
		s[i] = (struct pool_slope){(int64_t)i, 3 + 0.01 * (double)i, 2};
	assert_true(pool_of(&a, s, 10).too_alike);
	for (size_t i = 0; i < 10; i++)
		s[i].kb_h = 3 + 2.5 * sin((double)i * 2);
	assert_false(pool_of(&a, s, 10).too_alike);
	arena_finish(&a);
}

static void too_few_say_nothing(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct pool_slope s = {1, 5, 1};
	assert_false(pool_of(&a, &s, 1).known);
	assert_false(pool_of(&a, NULL, 0).known);
	assert_true(pool_of(&a, &s, 1).p_value == 1);
	arena_finish(&a);
}

/* Simulated instances of a service, two on each host. */
struct world {
	struct arena arena;
	uint64_t random;
	size_t slots;
	double hours, noise_kb;
	double leak_kb_h, odd_leak_kb_h; /* the second: of one instance alone */
	double warm_kb, warm_h, daily_kb;
	double load_ramp, kb_per_load; /* load per hour; memory for it */
	bool shows_load, young;
	struct pool_member members[SLOTS_MAX];
	struct pool_slope slopes[SLOTS_MAX];
	struct pool_curve curve;
};

static double uniform(struct world *w)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return ((double)(w->random >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct world *w)
{
	double radius = sqrt(-2 * log(uniform(w)));
	return radius * cos(2 * M_PI * uniform(w));
}

/* Slope and its error by least squares: what a slot by itself would say. */
static struct pool_slope slope_of(const struct pool_member *m, int64_t host_id)
{
	double n = (double)m->count, middle = (n - 1) / 2, mean = 0, xx = 0, xy = 0;
	for (size_t i = 0; i < m->count; i++)
		mean += m->value_kb[i] / n;
	for (size_t i = 0; i < m->count; i++) {
		double x = ((double)i - middle) * BIN_H;
		xx += x * x;
		xy += x * (m->value_kb[i] - mean);
	}
	double rest = 0, slope = xy / xx;
	for (size_t i = 0; i < m->count; i++) {
		double x = ((double)i - middle) * BIN_H;
		rest += pow(m->value_kb[i] - mean - slope * x, 2);
	}
	return (struct pool_slope){host_id, slope, sqrt(rest / (n - 2) / xx)};
}

static void add_slot(struct world *w, size_t slot)
{
	size_t count = (size_t)(w->hours / BIN_H);
	int64_t *place = arena_array(&w->arena, count, sizeof *place);
	double *value = arena_array(&w->arena, count, sizeof *value);
	double *load = arena_array(&w->arena, count, sizeof *load);
	double level = 200 * MIB * (1 + uniform(w));
	for (size_t i = 0; i < count; i++) {
		double hour = (double)i * BIN_H;
		place[i] = (int64_t)i;
		load[i] = (20 + w->load_ramp * hour) * (1 + 0.05 * normal(w));
		value[i] = level + w->noise_kb * normal(w) + w->kb_per_load * load[i] +
			   (w->leak_kb_h + (slot == 3 ? w->odd_leak_kb_h : 0)) * hour -
			   w->daily_kb * cos(2 * M_PI * hour / 24);
		if (w->warm_h)
			value[i] += w->warm_kb * (1 - exp(-hour / w->warm_h));
	}
	w->members[slot] = (struct pool_member){
		place, value, w->shows_load ? load : NULL, count};
	w->slopes[slot] = slope_of(&w->members[slot], (int64_t)(slot / 2));
}

static struct pool_verdict run(struct world *w)
{
	arena_init(&w->arena);
	for (size_t slot = 0; slot < w->slots; slot++)
		add_slot(w, slot);
	pool_mean_curve(w->members, w->slots, BIN_H, true, &w->arena, &w->curve);
	struct pool_input in = {.slopes = w->slopes,
		.slope_count = w->slots,
		.curve = &w->curve,
		.scale_kb = LIMIT_KB,
		.young = w->young};
	struct pool_verdict v;
	pool_judge(&in, &w->arena, &v);
	return v;
}

static struct world world_of(size_t slots, double hours)
{
	return (struct world){
		.random = 11, .slots = slots, .hours = hours, .noise_kb = 15 * MIB};
}

static void weak_leak_shows_together_within_a_day(void **state)
{
	(void)state;
	for (int young = 0; young < 2; young++) {
		struct world w = world_of(20, 24);
		w.leak_kb_h = 3 * MIB;
		w.young = young;
		struct pool_verdict v = run(&w);
		assert_int_equal(v.level, ANALYSE_CONFIRMED);
		assert_int_equal(v.slopes.hosts, 10);
		assert_true(fabs(v.rate.kb_h - 3 * MIB) < 0.5 * MIB);
		assert_true(v.rate.low_kb_h < 3 * MIB && v.rate.high_kb_h > 3 * MIB);
		assert_true(v.slopes.detectable_kb_h < 3 * MIB);
		assert_non_null(strstr(v.summary, "20 instances on 10 hosts grow by"));
		arena_finish(&w.arena);
	}
}

static void mean_curve_has_the_noise_of_many(void **state)
{
	(void)state;
	struct world w = world_of(20, 24);
	struct pool_verdict v = run(&w);
	assert_true(v.curve.noise_kb < 1.3 * 15 * MIB / sqrt(20));
	assert_true(fabs(w.curve.lives - 20) < 1e-9);
	assert_int_equal(v.level, ANALYSE_QUIET);
	assert_non_null(strstr(v.summary, "or more would show"));
	arena_finish(&w.arena);
}

static void long_curves_are_joined(void **state)
{
	(void)state;
	struct world w = world_of(5, 168);
	run(&w);
	assert_true(w.curve.points.count > 64);
	assert_true(w.curve.points.count <= SHAPE_POINTS_MAX);
	assert_near(w.curve.points.bin_h, 4 * BIN_H);
	assert_true(fabs(w.curve.points.span_h - 166.67) < 2);
	arena_finish(&w.arena);
}

/* What moves all alike makes slopes agree; the curve knows better. */
static void assert_quiet(struct world w)
{
	static const double hours[] = {10, 16, 24, 48, 72};
	for (size_t i = 0; i < sizeof hours / sizeof *hours; i++)
		for (uint64_t seed = 1; seed <= 6; seed++) {
			struct world now = w;
			now.hours = hours[i];
			now.random = seed * 104729;
			struct pool_verdict v = run(&now);
			arena_finish(&now.arena);
			if (v.level)
				fail_msg("%s after %g h, lead %g, p %g",
					analyse_level_name(v.level), hours[i],
					v.curve.lead, v.slopes.p_value);
		}
}

static void common_warm_up_is_no_leak(void **state)
{
	(void)state;
	struct world w = world_of(20, 0);
	w.warm_kb = 100 * MIB;
	w.warm_h = 6;
	w.young = true;
	assert_quiet(w);
	w.warm_h = 12;
	assert_quiet(w);
	w.hours = 24;
	struct pool_verdict v = run(&w);
	assert_true(v.slopes.p_value < 1e-6);
	arena_finish(&w.arena);
}

static void common_season_is_no_leak(void **state)
{
	(void)state;
	struct world w = world_of(20, 0);
	w.daily_kb = 60 * MIB;
	assert_quiet(w);
}

static void load_that_rises_for_all_is_no_leak(void **state)
{
	(void)state;
	struct world w = world_of(20, 0);
	w.load_ramp = 0.5;
	w.kb_per_load = 3 * MIB;
	w.shows_load = true;
	assert_quiet(w);
}

static void one_leaking_instance_is_not_the_version(void **state)
{
	(void)state;
	struct world w = world_of(20, 0);
	w.odd_leak_kb_h = 30 * MIB;
	assert_quiet(w);
}

static void slopes_alone_are_not_enough(void **state)
{
	(void)state;
	struct world w = world_of(20, 24);
	w.leak_kb_h = 3 * MIB;
	run(&w);
	struct pool_input in = {
		.slopes = w.slopes, .slope_count = 20, .scale_kb = LIMIT_KB};
	struct pool_verdict v;
	pool_judge(&in, &w.arena, &v);
	assert_true(v.slopes.p_value < 1e-6);
	assert_int_equal(v.level, ANALYSE_QUIET);
	arena_finish(&w.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mean_and_interval_are_those_of_r),
		cmocka_unit_test(slots_of_one_host_are_one_witness),
		cmocka_unit_test(hosts_are_counted_by_their_mean),
		cmocka_unit_test(slopes_that_agree_too_well_are_told),
		cmocka_unit_test(too_few_say_nothing),
		cmocka_unit_test(weak_leak_shows_together_within_a_day),
		cmocka_unit_test(mean_curve_has_the_noise_of_many),
		cmocka_unit_test(long_curves_are_joined),
		cmocka_unit_test(common_warm_up_is_no_leak),
		cmocka_unit_test(common_season_is_no_leak),
		cmocka_unit_test(load_that_rises_for_all_is_no_leak),
		cmocka_unit_test(one_leaking_instance_is_not_the_version),
		cmocka_unit_test(slopes_alone_are_not_enough),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
