/* The few variables that are kept. */
#include "agent/fingerprint/environment.h"

#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define NAMES "APP_VERSION, GIT_SHA,RELEASE"

static void pick(
	const char *text, size_t length, struct arena *a, struct environment *out)
{
	char *copy = malloc(length ? length : 1);
	assert_non_null(copy);
	memcpy(copy, text, length);
	environment_pick(copy, length, NAMES, a, out);
	free(copy);
}

static void keeps_allowed_names_and_nothing_else(void **state)
{
	(void)state;
	static const char text[] = "PATH=/bin\0GIT_SHA=abc\0DB_PASSWORD=hunter2\0"
				   "APP_VERSION=1.2.3\0RELEASE=\0XAPP_VERSION=9\0"
				   "APP_VERSIONS=8\0nonsense\0=x\0GIT_SHA";
	struct environment e;
	struct arena a;
	arena_init(&a);
	pick(text, sizeof text - 1, &a, &e);
	assert_int_equal(e.count, 2);
	assert_string_equal(e.items[0], "APP_VERSION=1.2.3");
	assert_string_equal(e.items[1], "GIT_SHA=abc");
	assert_string_equal(environment_get(&e, "APP_VERSION"), "1.2.3");
	assert_string_equal(environment_get(&e, "APP_VER"), "");
	arena_finish(&a);
}

static void takes_nothing_that_is_cut_or_too_long(void **state)
{
	(void)state;
	struct environment e;
	struct arena a;
	char text[600] = "APP_VERSION=";
	arena_init(&a);
	pick("RELEASE=half", 12, &a, &e); /* the file ended in it */
	assert_int_equal(e.count, 0);
	memset(text + 12, 'x', 500);
	pick(text, 513, &a, &e);
	assert_int_equal(e.count, 0);
	pick("", 0, &a, &e);
	assert_int_equal(e.count, 0);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_allowed_names_and_nothing_else),
		cmocka_unit_test(takes_nothing_that_is_cut_or_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
