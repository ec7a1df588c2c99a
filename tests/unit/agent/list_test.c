/* Names by commas: which there are, which match, and where a list is wrong. */
#include "agent/list.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

static void gives_each_name_without_blanks(void **state)
{
	(void)state;
	const char *rest = "checkout ,\tshop-* , a b,";
	char name[16];
	assert_true(list_next(&rest, name, sizeof name));
	assert_string_equal(name, "checkout");
	assert_true(list_next(&rest, name, sizeof name));
	assert_string_equal(name, "shop-*");
	assert_true(list_next(&rest, name, sizeof name));
	assert_string_equal(name, "a b");
	assert_false(list_next(&rest, name, sizeof name));
	assert_int_equal(*rest, '\0');
}

static void stops_where_it_is_wrong(void **state)
{
	(void)state;
	char name[4];
	const char *rest = "a, ,b";
	assert_true(list_next(&rest, name, sizeof name));
	assert_false(list_next(&rest, name, sizeof name));
	assert_int_not_equal(*rest, '\0');
	rest = "abcd"; /* does not fit */
	assert_false(list_next(&rest, name, sizeof name));
	assert_string_equal(rest, "abcd");
}

static void matches_as_globs(void **state)
{
	(void)state;
	assert_true(list_matches("checkout, shop-*", "checkout"));
	assert_true(list_matches("checkout, shop-*", "shop-api"));
	assert_true(list_matches("@acme/*", "@acme/x/y"));
	assert_true(list_matches("*", "anything"));
	assert_false(list_matches("checkout, shop-*", "checkout2"));
	assert_false(list_matches("checkout, shop-*", "shop"));
	assert_false(list_matches("", "checkout"));
	assert_false(list_matches("", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_each_name_without_blanks),
		cmocka_unit_test(stops_where_it_is_wrong),
		cmocka_unit_test(matches_as_globs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
