#include "server/analyse/chance.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/golden.h"

#include <math.h>

/* Relative: tails are small. */
static void assert_near(double value, double expected)
{
	if (fabs(value - expected) > 1e-9 * fabs(expected) + 1e-300)
		fail_msg("%.12g, not %.12g", value, expected);
}

static void tails_of_t_are_those_of_r(void **state)
{
	(void)state;
	size_t rows = 0;
	for (struct golden g = golden_open("stat_t"); golden_next(&g); rows++)
		assert_near(chance_t_above(g.value[0], g.value[1]), g.value[2]);
	assert_int_equal(rows, 42);
}

static void tails_of_chi_squared_are_those_of_r(void **state)
{
	(void)state;
	size_t rows = 0;
	for (struct golden g = golden_open("stat_chi"); golden_next(&g); rows++)
		assert_near(chance_chi_below(g.value[0], g.value[1]), g.value[2]);
	assert_int_equal(rows, 24);
}

static void coins_fall_as_in_r(void **state)
{
	(void)state;
	size_t rows = 0;
	for (struct golden g = golden_open("stat_binomial"); golden_next(&g); rows++)
		assert_near(chance_binomial(
				    (size_t)g.value[0], (size_t)g.value[1], g.value[2]),
			g.value[3]);
	assert_int_equal(rows, 6);
}

static void tables_are_as_unlikely_as_in_r(void **state)
{
	(void)state;
	size_t rows = 0;
	for (struct golden g = golden_open("stat_fisher"); golden_next(&g); rows++) {
		struct chance_table t = {(size_t)g.value[0], (size_t)g.value[1],
			(size_t)g.value[2], (size_t)g.value[3]};
		assert_near(chance_fisher(&t), g.value[4]);
	}
	assert_int_equal(rows, 6);
}

static void what_cannot_be_is_certain_or_impossible(void **state)
{
	(void)state;
	assert_true(isnan(chance_t_above(NAN, 3)));
	assert_true(chance_t_above(INFINITY, 3) == 0);
	assert_true(chance_t_above(-INFINITY, 3) == 1);
	assert_true(chance_chi_below(1e9, 3) == 1);
	assert_true(chance_chi_below(-1, 3) == 0);
	assert_true(chance_binomial(0, 0, 0.5) == 1);
	assert_true(chance_binomial(3, 2, 0.5) == 0);
	assert_true(chance_binomial(1, 9, 0) == 0);
	assert_near(chance_fisher(&(struct chance_table){0}), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tails_of_t_are_those_of_r),
		cmocka_unit_test(tails_of_chi_squared_are_those_of_r),
		cmocka_unit_test(coins_fall_as_in_r),
		cmocka_unit_test(tables_are_as_unlikely_as_in_r),
		cmocka_unit_test(what_cannot_be_is_certain_or_impossible),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
