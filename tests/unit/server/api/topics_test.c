/*
 * A change is told at once, many changes once a second.
 */
#include "server/api/topics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
/* After what it needs. */
#include <cmocka.h>

static void the_first_is_told_at_once(void **state)
{
	(void)state;
	struct topics t = {0};
	unsigned alerts = topics_parse("alerts");
	assert_int_equal(topics_take(&t, 5000), 0);
	assert_true(topics_due_ms(&t) == INT64_MAX);
	topics_add(&t, alerts);
	assert_true(topics_due_ms(&t) <= 5000);
	assert_int_equal(topics_take(&t, 5000), alerts);
	assert_int_equal(topics_take(&t, 5001), 0);
}

static void many_become_one_a_second(void **state)
{
	(void)state;
	struct topics t = {0};
	unsigned samples = topics_parse("samples");
	int told = 0;
	for (int64_t now_ms = 10000; now_ms < 20000; now_ms += 10) {
		topics_add(&t, samples);
		told += topics_take(&t, now_ms) == samples;
	}
	assert_int_equal(told, 10);
	assert_true(topics_due_ms(&t) == 20000);
	assert_int_equal(topics_take(&t, 20000), samples);
}

static void topics_do_not_wait_for_each_other(void **state)
{
	(void)state;
	struct topics t = {0};
	unsigned samples = topics_parse("samples"), alerts = topics_parse("alerts");
	topics_add(&t, samples);
	assert_int_equal(topics_take(&t, 1000), samples);
	topics_add(&t, samples | alerts);
	assert_int_equal(topics_take(&t, 1100), alerts);
	assert_int_equal(topics_take(&t, 2000), samples);
}

static void names_are_known(void **state)
{
	(void)state;
	struct buf text = {0};
	unsigned all = 0;
	for (int i = 0; i < TOPICS_COUNT; i++)
		all |= topics_parse(topics_name[i]);
	assert_int_equal(all, (1u << TOPICS_COUNT) - 1);
	assert_int_equal(topics_parse("resync"), 0);
	assert_int_equal(topics_parse(""), 0);
	topics_write(topics_parse("samples") | topics_parse("alerts"), &text);
	assert_string_equal(text.data, "{\"topics\":[\"alerts\",\"samples\"]}");
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_told_at_once),
		cmocka_unit_test(many_become_one_a_second),
		cmocka_unit_test(topics_do_not_wait_for_each_other),
		cmocka_unit_test(names_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
