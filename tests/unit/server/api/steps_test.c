/*
 * Steps are round, cover what was asked for, and are never too many.
 */
#include "server/api/steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
/* After what it needs. */
#include <cmocka.h>

#define T INT64_C(1795341603217)

static void an_hour_in_twelve(void **state)
{
	(void)state;
	struct steps s = steps_choose(T - 3600000, T, 13, 10000);
	assert_int_equal(s.step_ms, 300000);
	assert_int_equal(s.from_ms % s.step_ms, 0);
	assert_true(s.from_ms <= T - 3600000 && s.to_ms >= T);
	assert_int_equal(s.count, (s.to_ms - s.from_ms) / s.step_ms);
}

static void a_step_holds_at_least_one_reading(void **state)
{
	(void)state;
	assert_int_equal(steps_choose(T - 60000, T, 1000, 10000).step_ms, 15000);
	assert_int_equal(steps_choose(T - 60000, T, 1000, 1000).step_ms, 2000);
	assert_int_equal(steps_choose(T - 60000, T, 1000, 0).step_ms, 1000);
	assert_int_equal(steps_choose(T - 60000, T, 1000, 60000).step_ms, 120000);
}

static void spans_of_every_length_fit(void **state)
{
	(void)state;
	for (int64_t span = 1; span < INT64_C(400) * 86400000; span = span * 3 + 1)
		for (int64_t points = STEPS_MIN; points <= STEPS_MAX; points += 99) {
			struct steps s = steps_choose(T - span, T, points, 5000);
			assert_true(s.count >= 1 && s.count <= (size_t)points);
			assert_true(s.from_ms <= T - span && s.to_ms >= T);
			assert_true(s.from_ms > T - span - s.step_ms);
			assert_true(s.to_ms < T + s.step_ms);
		}
}

static void a_chart_that_moves_on_keeps_its_steps(void **state)
{
	(void)state;
	struct steps a = steps_choose(T - 3600000, T, 300, 10000);
	struct steps b = steps_choose(T - 3600000 + 700, T + 700, 300, 10000);
	assert_int_equal(a.from_ms, b.from_ms);
	assert_int_equal(a.to_ms, b.to_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hour_in_twelve),
		cmocka_unit_test(a_step_holds_at_least_one_reading),
		cmocka_unit_test(spans_of_every_length_fit),
		cmocka_unit_test(a_chart_that_moves_on_keeps_its_steps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
