#include "server/analyse/contrast.h"
#include "server/analyse/robust.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/golden.h"

#include <math.h>

static void assert_near(double value, double expected)
{
	if (fabs(value - expected) > 1e-9 * fabs(expected))
		fail_msg("%.12g, not %.12g", value, expected);
}

static void groups_differ_as_in_r(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	size_t rows = 0;
	for (struct golden g = golden_open("stat_contrast"); golden_next(&g); rows++) {
		size_t n = (size_t)g.value[0], m = (size_t)g.value[1];
		const double *expected = g.value + 2 + n + m;
		struct contrast c;
		contrast_groups(g.value + 2, n, g.value + 2 + n, m, &a, &c);
		assert_true(c.known);
		assert_near(c.t, expected[0]);
		assert_near(c.freedom, expected[1]);
		assert_near(c.p_mean, expected[2]);
		assert_near(c.p_ranks, expected[3]);
		assert_near(c.difference, (expected[4] + expected[5]) / 2);
	}
	assert_int_equal(rows, 4);
	arena_finish(&a);
}

static void one_against_many_is_held_to_their_spread(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	double one = 5, many[] = {0.5, -0.5, 1, -1, 0};
	struct contrast c;
	contrast_groups(&one, 1, many, 5, &a, &c);
	assert_near(c.error, sqrt(0.625 * 1.2)); /* variance x (1 + 1/5) */
	assert_near(c.freedom, 4);
	assert_near(c.p_ranks, 1.0 / 6);
	assert_near(c.p_ranks_least, 1.0 / 6);
	assert_int_equal(c.above_all, 1);
	assert_near(c.superiority, 1);
	arena_finish(&a);
}

static void large_groups_are_approximated(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	double v[90];
	for (int i = 0; i < 90; i++)
		v[i] = fmod(i * 0.618034, 1) + (i < 40 ? 0.2 : 0);
	struct contrast exact, near;
	contrast_groups(v, 20, v + 40, 45, &a, &exact);
	contrast_groups(v, 20, v + 40, 46, &a, &near);
	assert_float_equal(exact.p_ranks, near.p_ranks, 0.006);
	assert_true(exact.p_ranks < 0.05);
	arena_finish(&a);
}

static void nothing_follows_from_too_few(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	double v[] = {1, 2};
	struct contrast c;
	contrast_groups(v, 0, v, 2, &a, &c);
	assert_false(c.known);
	contrast_groups(v, 2, v, 1, &a, &c);
	assert_false(c.known);
	assert_true(c.p_mean == 1 && c.p_ranks == 1);
	double same[] = {1, 1, 1, 1};
	contrast_groups(same, 2, same + 2, 2, &a, &c);
	assert_true(c.p_mean >= 0.5 && c.p_ranks >= 0.5);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_differ_as_in_r),
		cmocka_unit_test(one_against_many_is_held_to_their_spread),
		cmocka_unit_test(large_groups_are_approximated),
		cmocka_unit_test(nothing_follows_from_too_few),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
