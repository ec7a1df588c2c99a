/* How fast, and until when. */
#include "server/analyse/forecast.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>

static const int64_t NOW_MS = 1700000000000;
static const double HOUR_MS = 3600e3;

static void a_rate_has_an_interval_around_it(void **state)
{
	(void)state;
	struct analyse_rate r = forecast_rate(1000, 100);
	assert_true(r.known);
	assert_float_equal(r.kb_h, 1000, 1e-9);
	assert_float_equal(r.low_kb_h, 1000 - 100 * FORECAST_ERRORS, 1e-9);
	assert_float_equal(r.high_kb_h, 1000 + 100 * FORECAST_ERRORS, 1e-9);
}

/* However sure the fit is: a leak hardly runs evenly. */
static void an_interval_is_never_narrow(void **state)
{
	(void)state;
	struct analyse_rate r = forecast_rate(1000, 0);
	assert_float_equal(r.low_kb_h, 1000 * (1 - FORECAST_LEAST), 1e-9);
	assert_float_equal(r.high_kb_h, 1000 * (1 + FORECAST_LEAST), 1e-9);
	r = forecast_rate(-1000, 0);
	assert_true(r.low_kb_h < -1000 && r.high_kb_h > -1000);
}

static void no_rate_comes_of_no_number(void **state)
{
	(void)state;
	assert_false(forecast_rate(NAN, 1).known);
	assert_false(forecast_rate(INFINITY, 1).known);
	assert_false(forecast_rate(1, NAN).known);
	assert_false(forecast_rate(1, INFINITY).known);
}

/* 400 MiB left at 40 (20 to 80) MiB/h: 10 h (5 to 20). */
static void the_ceiling_is_reached_by_both_ends_of_the_rate(void **state)
{
	(void)state;
	struct analyse_rate r = {true, 40 * 1024, 20 * 1024, 80 * 1024};
	struct analyse_moment m = forecast_ceiling(&r, 112 * 1024, 512 * 1024, NOW_MS);
	assert_float_equal((double)(m.at_ms - NOW_MS) / HOUR_MS, 10, 1e-3);
	assert_float_equal((double)(m.low_ms - NOW_MS) / HOUR_MS, 5, 1e-3);
	assert_float_equal((double)(m.high_ms - NOW_MS) / HOUR_MS, 20, 1e-3);
}

static void a_rate_that_may_be_none_may_never_reach_it(void **state)
{
	(void)state;
	struct analyse_rate r = {true, 40 * 1024, -1, 80 * 1024};
	struct analyse_moment m = forecast_ceiling(&r, 112 * 1024, 512 * 1024, NOW_MS);
	assert_true(m.at_ms > NOW_MS && m.low_ms > NOW_MS);
	assert_int_equal(m.high_ms, 0);
	r.low_kb_h = 0;
	assert_int_equal(
		forecast_ceiling(&r, 112 * 1024, 512 * 1024, NOW_MS).high_ms, 0);
}

static void what_is_already_above_its_ceiling_is_there_now(void **state)
{
	(void)state;
	struct analyse_rate r = {true, 40 * 1024, 20 * 1024, 80 * 1024};
	struct analyse_moment m = forecast_ceiling(&r, 600 * 1024, 512 * 1024, NOW_MS);
	assert_int_equal(m.at_ms, NOW_MS);
	assert_int_equal(m.low_ms, NOW_MS);
	assert_int_equal(m.high_ms, NOW_MS);
}

static void assert_unknown(struct analyse_moment m)
{
	assert_int_equal(m.at_ms, 0);
	assert_int_equal(m.low_ms, 0);
	assert_int_equal(m.high_ms, 0);
}

/* Unknown limits, rates that fall or are none, and what is further than a year. */
static void without_an_end_in_sight_there_is_no_time(void **state)
{
	(void)state;
	struct analyse_rate r = {true, 1024, 512, 2048}, unknown = {0};
	struct analyse_rate falls = {true, -1024, -2048, -512};
	struct analyse_rate rests = {true, 0, -1, 1};
	assert_unknown(forecast_ceiling(&r, 1000, 0, NOW_MS));
	assert_unknown(forecast_ceiling(&r, 1000, NAN, NOW_MS));
	assert_unknown(forecast_ceiling(&r, NAN, 2000, NOW_MS));
	assert_unknown(forecast_ceiling(&unknown, 1000, 2000, NOW_MS));
	assert_unknown(forecast_ceiling(&falls, 1000, 2000, NOW_MS));
	assert_unknown(forecast_ceiling(&rests, 1000, 2000, NOW_MS));
	assert_unknown(forecast_ceiling(&r, 0, 1024.0 * 24 * 400, NOW_MS));
	assert_unknown(forecast_ceiling(&r, 0, 1e12, NOW_MS));
	assert_true(forecast_ceiling(&r, 0, 1024.0 * 24 * 360, NOW_MS).at_ms > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_has_an_interval_around_it),
		cmocka_unit_test(an_interval_is_never_narrow),
		cmocka_unit_test(no_rate_comes_of_no_number),
		cmocka_unit_test(the_ceiling_is_reached_by_both_ends_of_the_rate),
		cmocka_unit_test(a_rate_that_may_be_none_may_never_reach_it),
		cmocka_unit_test(what_is_already_above_its_ceiling_is_there_now),
		cmocka_unit_test(without_an_end_in_sight_there_is_no_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
