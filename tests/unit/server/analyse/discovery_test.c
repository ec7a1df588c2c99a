#include "server/analyse/discovery.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/server/analyse/golden.h"

#include <math.h>

enum { P_MAX = 20 };

struct adjusted {
	double p[P_MAX], alike[P_MAX], any[P_MAX];
	size_t count;
};

static struct adjusted read_adjusted(void)
{
	struct adjusted r = {0};
	for (struct golden g = golden_open("stat_discovery"); golden_next(&g);
		r.count++) {
		/* In reverse, so that sorting has work to do. */
		size_t i = P_MAX - 1 - r.count;
		r.p[i] = g.value[0];
		r.alike[i] = g.value[1];
		r.any[i] = g.value[2];
	}
	return r;
}

/* What is held at q is what R adjusts to q at most. */
static void holds_are_those_of_r(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct adjusted r = read_adjusted();
	assert_int_equal(r.count, 15);
	const double *p = r.p + P_MAX - r.count;
	static const double qs[] = {0.001, 0.01, 0.05, 0.06, 0.1, 0.25, 0.6, 0.8};
	for (size_t k = 0; k < sizeof qs / sizeof *qs; k++)
		for (int any = 0; any < 2; any++) {
			struct discovery d = {p, r.count, r.count, qs[k],
				any ? DISCOVERY_ANY : DISCOVERY_ALIKE};
			bool holds[P_MAX];
			size_t held = discovery_hold(&d, holds, &a), expected = 0;
			const double *adjusted = (any ? r.any : r.alike) + P_MAX -
						 r.count;
			for (size_t i = 0; i < r.count; i++) {
				assert_int_equal(holds[i], adjusted[i] <= qs[k]);
				expected += adjusted[i] <= qs[k];
			}
			assert_int_equal(held, expected);
		}
	arena_finish(&a);
}

static void tests_that_came_to_nothing_count(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	double p[] = {1e-6, 0.002, 0.004};
	bool holds[3];
	struct discovery d = {p, 3, 3, 0.01, DISCOVERY_ALIKE};
	assert_int_equal(discovery_hold(&d, holds, &a), 3);
	d.tests = 1000;
	assert_int_equal(discovery_hold(&d, holds, &a), 1);
	assert_true(holds[0] && !holds[1] && !holds[2]);
	arena_finish(&a);
}

static void what_is_no_probability_never_holds(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	double p[] = {NAN, 1e-9, 1};
	bool holds[3];
	struct discovery d = {p, 3, 10, 0.01, DISCOVERY_ALIKE};
	assert_int_equal(discovery_hold(&d, holds, &a), 1);
	assert_true(!holds[0] && holds[1] && !holds[2]);
	d.count = 0;
	assert_int_equal(discovery_hold(&d, holds, &a), 0);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_are_those_of_r),
		cmocka_unit_test(tests_that_came_to_nothing_count),
		cmocka_unit_test(what_is_no_probability_never_holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
