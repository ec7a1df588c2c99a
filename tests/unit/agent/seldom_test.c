/* A trouble that repeats is said, and does not fill the log. */
#include "agent/seldom.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000 };

static void each_text_is_said_once_an_hour(void **state)
{
	(void)state;
	struct seldom s = {0};
	char longer[2000];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_true(seldom_may(&s, "one", 5));
	assert_false(seldom_may(&s, "one", 6));
	assert_true(seldom_may(&s, "two", 1000));
	assert_true(seldom_may(&s, longer, 2000));
	assert_false(seldom_may(&s, longer, 3000));
	assert_false(seldom_may(&s, "one", HOUR_MS + 4));
	assert_true(seldom_may(&s, "one", HOUR_MS + 5));
	assert_false(seldom_may(&s, "two", HOUR_MS + 6));
}

static void ever_other_texts_are_few_in_an_hour(void **state)
{
	(void)state;
	struct seldom s = {0};
	int said = 0;
	for (int i = 0; i < 10 * 360; i++) {
		char text[64];
		snprintf(text, sizeof text, "tick %d is out of bounds", i);
		said += seldom_may(&s, text, INT64_C(10000) * i);
	}
	assert_in_range(said, 10, 10 * SELDOM_TEXTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_is_said_once_an_hour),
		cmocka_unit_test(ever_other_texts_are_few_in_an_hour),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
