/* Versions of programs, in the order in which they are made. */
#include "common/semver.h"

#include "tests/unit/cmocka_all.h"

static struct semver parsed(const char *text)
{
	struct semver v;
	if (!semver_parse(text, &v))
		fail_msg("'%s' is a version", text);
	return v;
}

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

static void versions_have_an_order(void **state)
{
	(void)state;
	/* The order of semver.org 2.0.0, item 11, and around it. */
	static const char *const order[] = {"0.9", "1.0.0-9", "1.0.0-10", "1.0.0-alpha",
		"1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
		"1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.9", "1.0.10", "1.2.0",
		"v1.10", "2", "20261123.0.0"};
	enum { COUNT = sizeof order / sizeof *order };
	for (int i = 0; i < COUNT; i++) {
		for (int k = 0; k < COUNT; k++) {
			struct semver a = parsed(order[i]), b = parsed(order[k]);
			if (sign(semver_compare(&a, &b)) != sign(i - k))
				fail_msg("%s and %s", order[i], order[k]);
		}
	}
}

static void what_says_nothing_of_the_order_is_left_out(void **state)
{
	(void)state;
	struct semver a = parsed("1.2"), b = parsed("v1.2.0+build.7");
	assert_int_equal(semver_compare(&a, &b), 0);
	a = parsed("1.0.0-rc.1+1");
	b = parsed("1.0.0-rc.1+2");
	assert_int_equal(semver_compare(&a, &b), 0);
}

static void other_texts_are_none(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "v", "latest", "1.", "1..2", "1.2.3.4",
		"1.2.3-", "1.2.3-a..b", "1.2.3+", "1.2.3 ", " 1.2.3", "1:2.3", "-1.0.0",
		"1.2.3-ä", "99999999999999999999.0.0", "1.1.0 · deps 3f2a11"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct semver v;
		if (semver_parse(texts[i], &v))
			fail_msg("'%s' is no version", texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_have_an_order),
		cmocka_unit_test(what_says_nothing_of_the_order_is_left_out),
		cmocka_unit_test(other_texts_are_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
