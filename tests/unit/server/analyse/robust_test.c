#include "server/analyse/robust.h"
#include "tests/unit/cmocka_all.h"

#include <math.h>

/* Reference values: scipy 1.10.1, stats.theilslopes(y, x, 0.95),
 * stats.median_abs_deviation(y) x 1.4826, and numpy.quantile. */
static const double x12[] = {0, 1, 2, 3.5, 5, 6, 7, 9, 10, 11.5, 12, 14};
static const double y12[] = {
	10, 11.2, 11.9, 30, 15.1, 16.3, 16.8, 19.2, 20.1, 2, 22.2, 24.1};

static void assert_near(double value, double expected, double reach)
{
	if (!(fabs(value - expected) <= reach))
		fail_msg("%.15g is not %.15g", value, expected);
}

static void curve20(double *x, double *y)
{
	for (int i = 0; i < 20; i++) {
		x[i] = i;
		y[i] = (7 * i * i + 3 * i) % 11 + 0.3 * i;
	}
}

static void slope_ignores_wild_values(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct robust_points p = {x12, y12, NULL, 12};
	struct robust_slope slope = robust_theil_sen(&p, 0, &a);
	assert_true(slope.known);
	assert_near(slope.value, 0.9961538461538462, 1e-12);
	assert_near(slope.low, 0.85, 1e-12);
	assert_near(slope.high, 1.025, 1e-12);
	arena_finish(&a);
}

static void slope_of_noise_has_a_wide_interval(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	double x[20], y[20];
	curve20(x, y);
	struct robust_points p = {x, y, NULL, 20};
	struct robust_slope slope = robust_theil_sen(&p, 0, &a);
	assert_near(slope.value, 0.3, 1e-12);
	assert_near(slope.low, 0.05, 1e-12);
	assert_near(slope.high, 0.7166666666666667, 1e-12);

	struct robust_slope wider = robust_theil_sen(&p, 0.5, &a);
	assert_near(wider.value, slope.value, 1e-12);
	assert_true(wider.low < slope.low && wider.high > slope.high);
	arena_finish(&a);
}

/* Two lives of slope 2, the second far below the first: pairs across do not count. */
static void slope_takes_pairs_within_groups_only(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	double x[] = {0, 1, 2, 3, 4, 5, 6, 7}, y[] = {90, 92, 94, 96, 10, 12, 14, 16};
	size_t group[] = {0, 0, 0, 0, 1, 1, 1, 1};
	struct robust_points p = {x, y, group, 8};
	assert_near(robust_theil_sen(&p, 0, &a).value, 2, 1e-12);
	p.group = NULL;
	assert_true(robust_theil_sen(&p, 0, &a).value < 0);
	arena_finish(&a);
}

static void too_few_points_have_no_slope(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct robust_points p = {x12, y12, NULL, 2};
	assert_false(robust_theil_sen(&p, 0, &a).known);
	double same[] = {1, 1, 1, 1};
	p = (struct robust_points){same, y12, NULL, 4};
	assert_false(robust_theil_sen(&p, 0, &a).known);
	arena_finish(&a);
}

static void spread_and_quantiles(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	double x[20], y[20];
	curve20(x, y);
	assert_near(robust_spread(y, 20, &a), 4.89258, 1e-9);
	assert_near(y[1], 10.3, 1e-9); /* left in order */
	assert_near(robust_quantile(y, 20, 0.97), 14.503, 1e-9);
	assert_near(robust_quantile(y, 20, 0.1), 2.59, 1e-9);
	assert_near(robust_median(y, 20), 6.95, 1e-9);
	assert_near(robust_quantile(y, 20, 1), 15.7, 1e-9);
	arena_finish(&a);
}

/* Reference: R 4.2.2, qnorm, pnorm and qt. */
static void quantiles_of_normal_and_t(void **state)
{
	(void)state;
	assert_near(robust_normal_tail(3), 1.34989803163e-03, 1e-14);
	assert_near(robust_normal_quantile(0.975), 1.959963984540, 1e-10);
	assert_near(robust_normal_quantile(1e-5), -4.264890793924, 1e-9);
	assert_near(robust_t_quantile(0.975, 3), 3.1824463, 1e-5);
	assert_near(robust_t_quantile(0.999, 4.5), 6.4212429, 1e-5);
	assert_near(robust_t_quantile(0.001, 6), -5.2076262, 1e-4);
	assert_near(robust_t_quantile(0.99999, 10), 7.5269540, 1e-4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slope_ignores_wild_values),
		cmocka_unit_test(slope_of_noise_has_a_wide_interval),
		cmocka_unit_test(slope_takes_pairs_within_groups_only),
		cmocka_unit_test(too_few_points_have_no_slope),
		cmocka_unit_test(quantiles_of_normal_and_t),
		cmocka_unit_test(spread_and_quantiles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
