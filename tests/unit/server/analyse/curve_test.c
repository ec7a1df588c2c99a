#include "server/analyse/curve.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <stdlib.h>

enum { LIVES = 4, PLACES = 60 };

struct lives {
	struct arena arena;
	struct curve_life life[LIVES];
	int64_t place[LIVES][PLACES];
	double value[LIVES][PLACES];
};

/* What all share: rises by 2 a place; each life is 100 higher than the one before. */
static double shared(int64_t place)
{
	return 2 * (double)place;
}

static void fill(struct lives *l, size_t life, int64_t from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		l->place[life][i] = from + (int64_t)i;
		l->value[life][i] = 100 * (double)life + shared(from + (int64_t)i);
	}
	l->life[life] = (struct curve_life){l->place[life], l->value[life], count};
}

static struct lives *lives_create(void)
{
	struct lives *l = calloc(1, sizeof *l);
	arena_init(&l->arena);
	return l;
}

static void lives_destroy(struct lives *l)
{
	arena_finish(&l->arena);
	free(l);
}

static void assert_rises(const struct curve *c, double from, double to)
{
	for (int64_t p = (int64_t)from + 1; p <= (int64_t)to; p++)
		if (fabs(curve_at(c, p) - curve_at(c, p - 1) - 2) > 0.02)
			fail_msg("%g behind %g at %lld", curve_at(c, p),
				curve_at(c, p - 1), (long long)p);
}

static void lives_that_come_and_go_make_no_step(void **state)
{
	(void)state;
	struct lives *l = lives_create();
	fill(l, 0, 1000, 30);
	fill(l, 1, 1010, 30);
	fill(l, 2, 1025, 30);
	fill(l, 3, 1038, 20);
	struct curve c;
	curve_fit(l->life, LIVES, &l->arena, &c);
	assert_int_equal(c.first, 1000);
	assert_int_equal(c.count, 58);
	assert_rises(&c, 1000, 1057);
	for (size_t i = 1; i < LIVES; i++)
		assert_true(fabs(c.level[i] - c.level[i - 1] - 100) < 0.1);
	assert_int_equal(c.lives[12], 2);
	lives_destroy(l);
}

/* A long chain, each life beside the next for two places only. */
static void short_overlaps_string_a_chain(void **state)
{
	(void)state;
	struct lives *l = lives_create();
	for (size_t i = 0; i < LIVES; i++)
		fill(l, i, 28 * (int64_t)i, 30);
	struct curve c;
	curve_fit(l->life, LIVES, &l->arena, &c);
	assert_rises(&c, 0, 113);
	lives_destroy(l);
}

/* At the least squares what is left adds up to nothing, for each life and place. */
static void noise_is_shared_by_least_squares(void **state)
{
	(void)state;
	struct lives *l = lives_create();
	for (size_t i = 0; i < LIVES; i++) {
		fill(l, i, 12 * (int64_t)i, 30);
		for (size_t k = 0; k < 30; k++)
			l->value[i][k] += 40 * sin((double)(k * k + 3 * i));
	}
	struct curve c;
	curve_fit(l->life, LIVES, &l->arena, &c);
	double at_place[PLACES * 2] = {0};
	for (size_t i = 0; i < LIVES; i++) {
		double of_life = 0;
		for (size_t k = 0; k < 30; k++) {
			int64_t place = l->place[i][k];
			double rest = l->value[i][k] - c.level[i] - curve_at(&c, place);
			of_life += rest;
			at_place[place] += rest;
		}
		assert_true(fabs(of_life) < 0.1);
	}
	for (int64_t place = 0; place < (int64_t)c.count; place++)
		assert_true(fabs(at_place[place]) < 0.1);
	lives_destroy(l);
}

static void with_all_there_it_is_their_mean(void **state)
{
	(void)state;
	struct lives *l = lives_create();
	fill(l, 0, 5, 10);
	fill(l, 1, 5, 10);
	l->value[0][4] += 10;
	struct curve c;
	curve_fit(l->life, 2, &l->arena, &c);
	double mean = 0;
	for (int64_t p = 5; p < 15; p++)
		mean += curve_at(&c, p) / 10;
	assert_true(fabs(mean) < 1e-9);
	assert_true(fabs(curve_at(&c, 9) - curve_at(&c, 8) - 7) < 1e-3);
	assert_true(fabs(curve_at(&c, 10) - curve_at(&c, 9) + 3) < 1e-3);
	lives_destroy(l);
}

static void between_lives_that_never_meet_it_stands_still(void **state)
{
	(void)state;
	struct lives *l = lives_create();
	fill(l, 0, 0, 20);
	fill(l, 1, 26, 20);
	struct curve c;
	curve_fit(l->life, 2, &l->arena, &c);
	assert_rises(&c, 0, 19);
	assert_rises(&c, 26, 45);
	assert_true(isnan(curve_at(&c, 22)));
	assert_true(fabs(curve_at(&c, 26) - curve_at(&c, 19)) < 5);
	lives_destroy(l);
}

static void unusable_values_are_left_out(void **state)
{
	(void)state;
	struct lives *l = lives_create();
	fill(l, 0, 100, 30);
	fill(l, 1, 100, 30);
	l->value[0][7] = NAN;
	l->value[1][9] = INFINITY;
	l->place[1][12] = 3; /* far back */
	l->place[0][20] = INT64_MIN;
	l->place[0][21] = l->place[0][22];
	struct curve c;
	curve_fit(l->life, 2, &l->arena, &c);
	assert_true(c.count <= CURVE_PLACES_MAX);
	assert_true(isnan(curve_at(&c, INT64_MAX)));
	assert_true(isnan(curve_at(&c, 99)) || c.first < 100);
	assert_true(fabs(curve_at(&c, 129) - curve_at(&c, 101) - 56) < 0.1);
	curve_fit(l->life, 0, &l->arena, &c);
	assert_int_equal(c.count, 0);
	assert_true(isnan(curve_at(&c, 0)));
	lives_destroy(l);
}

static uint64_t random_state = 5;

static double noise(void)
{
	double sum = -6;
	for (int i = 0; i < 12; i++) {
		random_state = random_state * 6364136223846793005u +
			       1442695040888963407u;
		sum += (double)(random_state >> 11) / 9007199254740992.0;
	}
	return sum;
}

enum { POINTS = 72 };

static struct curve_verdict judge_values(double *value, double span_h, bool young)
{
	double clock[POINTS];
	uint8_t segment[POINTS] = {0};
	for (int i = 0; i < POINTS; i++) {
		clock[i] = span_h * i / (POINTS - 1);
		value[i] += 500000 + 1000 * noise();
	}
	struct shape_points p = {.clock_h = clock,
		.age_h = clock,
		.day_h = clock,
		.value_kb = value,
		.segment = segment,
		.count = POINTS,
		.segments = 1,
		.span_h = span_h,
		.bin_h = span_h / POINTS,
		.noise_floor_kb = 16};
	struct curve_verdict v;
	curve_judge(&p, 1000000, young, &v);
	return v;
}

static struct curve_verdict judge(
	double rise_per_h, double tau_h, double span_h, bool young)
{
	double value[POINTS];
	for (int i = 0; i < POINTS; i++) {
		double hour = span_h * i / (POINTS - 1);
		value[i] = tau_h ? rise_per_h * tau_h * (1 - exp(-hour / tau_h))
				 : rise_per_h * hour;
	}
	return judge_values(value, span_h, young);
}

static void growth_is_told_from_rest_and_warm_up(void **state)
{
	(void)state;
	random_state = 5;
	struct curve_verdict v = judge(1000, 0, 48, false);
	assert_int_equal(v.level, ANALYSE_CONFIRMED);
	assert_true(fabs(v.rate_kb_h - 1000) < 60);
	assert_true(v.grown_kb > 40000 && v.noise_kb > 700 && v.noise_kb < 1400);
	assert_int_equal(judge(0, 0, 48, false).level, ANALYSE_QUIET);
	assert_int_equal(judge(10000, 6, 48, false).level, ANALYSE_QUIET);
}

/* Such growth is sure, but a shape that rests says as much. */
static void steps_and_ramps_that_rest_are_no_growth(void **state)
{
	(void)state;
	random_state = 5;
	double steps[POINTS], ramp[POINTS];
	for (int i = 0; i < POINTS; i++) {
		steps[i] = i < 25 ? 0 : i < 50 ? 10000 : 20000;
		ramp[i] = 400 * fmin(i, 50);
	}
	assert_int_equal(judge_values(steps, 48, false).level, ANALYSE_QUIET);
	assert_int_equal(judge_values(ramp, 48, false).level, ANALYSE_QUIET);
}

static void young_ones_wait_for_a_bend(void **state)
{
	(void)state;
	random_state = 5;
	assert_int_equal(judge(5000, 0, 8, true).level, ANALYSE_QUIET);
	assert_int_equal(judge(5000, 0, 13, true).level, ANALYSE_EARLY);
	assert_int_equal(judge(5000, 0, 17, true).level, ANALYSE_CONFIRMED);
	assert_int_equal(judge(5000, 0, 8, false).level, ANALYSE_CONFIRMED);
}

static void rules_of_the_higher_level_are_stricter(void **state)
{
	(void)state;
	for (int young = 0; young < 2; young++) {
		struct curve_rules early = curve_rules(ANALYSE_EARLY, young);
		struct curve_rules sure = curve_rules(ANALYSE_CONFIRMED, young);
		assert_true(sure.sureness >= early.sureness);
		assert_true(sure.least_rate >= early.least_rate);
		assert_true(sure.lead >= early.lead);
		assert_true(sure.growth >= early.growth);
		assert_true(sure.growth_sd >= early.growth_sd);
		assert_true(sure.span_h >= early.span_h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lives_that_come_and_go_make_no_step),
		cmocka_unit_test(short_overlaps_string_a_chain),
		cmocka_unit_test(noise_is_shared_by_least_squares),
		cmocka_unit_test(with_all_there_it_is_their_mean),
		cmocka_unit_test(between_lives_that_never_meet_it_stands_still),
		cmocka_unit_test(unusable_values_are_left_out),
		cmocka_unit_test(growth_is_told_from_rest_and_warm_up),
		cmocka_unit_test(steps_and_ramps_that_rest_are_no_growth),
		cmocka_unit_test(young_ones_wait_for_a_bend),
		cmocka_unit_test(rules_of_the_higher_level_are_stricter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
