#include "server/analyse/robust.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/golden.h"

#include <math.h>
#include <string.h>

static void assert_near(double value, double expected, double reach)
{
	if (!(fabs(value - expected) <= reach))
		fail_msg("%.15g is not %.15g", value, expected);
}

enum { SERIES = 3, POINTS_MAX = 40 };

struct points {
	double x[POINTS_MAX], y[POINTS_MAX];
	size_t count;
};

static void read_series(struct points *series)
{
	for (struct golden g = golden_open("robust_series"); golden_next(&g);) {
		struct points *p = &series[(size_t)g.value[0]];
		p->x[p->count] = g.value[1];
		p->y[p->count++] = g.value[2];
	}
}

static void figures_agree_with_scipy(void **state)
{
	(void)state;
	struct points series[SERIES] = {0};
	struct arena a;
	arena_init(&a);
	read_series(series);
	int rows = 0;
	for (struct golden g = golden_open("robust_reference"); golden_next(&g);
		rows++) {
		struct points *p = &series[(size_t)g.value[0]];
		double first = p->y[0];
		assert_near(robust_spread(p->y, p->count, &a), g.value[6], 1e-9);
		struct robust_points all = {p->x, p->y, NULL, p->count};
		struct robust_slope slope = robust_theil_sen(&all, 0, &a);
		assert_true(slope.known);
		assert_near(slope.value, g.value[7], 1e-9);
		assert_near(slope.low, g.value[8], 1e-9);
		assert_near(slope.high, g.value[9], 1e-9);
		assert_near(p->y[0], first, 0); /* left in order */
		static const double share[] = {0.03, 0.1, 0.9, 0.97};
		double copy[POINTS_MAX];
		memcpy(copy, p->y, sizeof copy);
		assert_near(robust_middle(copy, p->count), g.value[1], 1e-9);
		assert_near(robust_median(p->y, p->count), g.value[1], 1e-9);
		for (int k = 0; k < 4; k++)
			assert_near(robust_quantile(p->y, p->count, share[k]),
				g.value[2 + k], 1e-9);
	}
	assert_int_equal(rows, SERIES);
	arena_finish(&a);
}

static void correlation_widens_the_interval(void **state)
{
	(void)state;
	struct points series[SERIES] = {0};
	struct arena a;
	arena_init(&a);
	read_series(series);
	struct robust_points p = {series[1].x, series[1].y, NULL, series[1].count};
	struct robust_slope slope = robust_theil_sen(&p, 0, &a);
	struct robust_slope wider = robust_theil_sen(&p, 0.5, &a);
	assert_near(wider.value, slope.value, 1e-12);
	assert_true(wider.low < slope.low && wider.high > slope.high);
	arena_finish(&a);
}

/* Every order of few values, ties among them. */
static void the_middle_is_the_median(void **state)
{
	(void)state;
	for (int n = 1; n <= 6; n++)
		for (int code = 0; code < 4096; code++) {
			double values[6], sorted[6];
			for (int i = 0; i < n; i++)
				values[i] = sorted[i] = code >> (2 * i) & 3;
			double median = robust_median(sorted, (size_t)n);
			assert_near(robust_middle(values, (size_t)n), median, 0);
		}
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
	double x[] = {0, 1, 2, 3}, y[] = {5, 7, 8, 8};
	struct robust_points p = {x, y, NULL, 2};
	assert_false(robust_theil_sen(&p, 0, &a).known);
	double same[] = {1, 1, 1, 1};
	p = (struct robust_points){same, y, NULL, 4};
	assert_false(robust_theil_sen(&p, 0, &a).known);
	arena_finish(&a);
}

static void quantiles_agree_with_r(void **state)
{
	(void)state;
	int rows = 0;
	for (struct golden g = golden_open("robust_quantile"); golden_next(&g);
		rows++) {
		double t = robust_t_quantile(g.value[0], g.value[1]);
		assert_near(t, g.value[2], 1e-5 * fmax(1e-3, fabs(g.value[2])));
	}
	assert_in_range(rows, 50, 100);
	for (struct golden g = golden_open("robust_normal"); golden_next(&g);) {
		double z = g.value[0], tail = g.value[1];
		assert_near(robust_normal_tail(z) / tail, 1, 1e-10);
		assert_near(robust_normal_quantile(tail), -z, 1e-8);
	}
	assert_true(isinf(robust_normal_quantile(1)) && isinf(robust_t_quantile(0, 5)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_agree_with_scipy),
		cmocka_unit_test(correlation_widens_the_interval),
		cmocka_unit_test(the_middle_is_the_median),
		cmocka_unit_test(slope_takes_pairs_within_groups_only),
		cmocka_unit_test(too_few_points_have_no_slope),
		cmocka_unit_test(quantiles_agree_with_r),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
