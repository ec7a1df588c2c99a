/* A chart is read from where it costs least, and never from where it would be wrong. */
#include "server/history/chart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)

/* Seat 7 changes its version on day 3 and seat 8 is restarted on day 4. */
static const struct chart_life lives[] = {
	{.id = 1,
		.slot_id = 7,
		.service_id = 1,
		.line = 0,
		.from_ms = 0,
		.to_ms = 3 * DAY + HOUR},
	{.id = 2,
		.slot_id = 7,
		.service_id = 1,
		.line = 1,
		.from_ms = 3 * DAY + 2 * HOUR,
		.to_ms = 9 * DAY},
	{.id = 3,
		.slot_id = 8,
		.service_id = 1,
		.line = 2,
		.from_ms = 0,
		.to_ms = 4 * DAY + HOUR},
	{.id = 4,
		.slot_id = 8,
		.service_id = 1,
		.line = 2,
		.from_ms = 4 * DAY + HOUR,
		.to_ms = 9 * DAY},
};

static const struct chart_ask ask = {
	.lives = lives,
	.count = 4,
	.line_count = 3,
	.metric = PROCESS_rss_kb,
	.over = -1,
	.from_ms = DAY,
	.step_ms = 2 * HOUR,
	.steps = 60,
};

static void sealed_days_are_read_as_hours(void **state)
{
	(void)state;
	assert_int_equal(chart_hours_to(&ask, 4 * DAY), 4 * DAY);
	assert_int_equal(chart_hours_to(&ask, 90 * DAY), DAY + 120 * HOUR);
	assert_int_equal(chart_hours_to(&ask, 0), DAY);
	assert_int_equal(chart_hours_to(&ask, INT64_MIN), DAY);
}

static void what_hours_do_not_tell_is_read(void **state)
{
	(void)state;
	struct chart_ask other = ask;
	other.step_ms = HOUR / 2;
	assert_int_equal(chart_hours_to(&other, 4 * DAY), DAY);
	other = ask;
	other.metric = PROCESS_minor_faults;
	assert_int_equal(chart_hours_to(&other, 4 * DAY), DAY);
	other = ask;
	other.raw = true;
	assert_int_equal(chart_hours_to(&other, 4 * DAY), DAY);
	struct chart_life host = {.id = 1, .host_id = 1};
	other = ask;
	other.lives = &host;
	other.count = 1;
	assert_int_equal(chart_hours_to(&other, 4 * DAY), DAY);
}

static void a_day_of_two_versions_has_no_owner(void **state)
{
	(void)state;
	size_t line = 99;
	assert_true(chart_owner(&ask, 0, 2 * DAY, &line));
	assert_int_equal(line, 0);
	assert_false(chart_owner(&ask, 0, 3 * DAY, &line));
	assert_int_equal(line, 1); /* it ran longer */
	assert_true(chart_owner(&ask, 0, 4 * DAY, &line));
	assert_int_equal(line, 1);
	assert_true(chart_owner(&ask, 2, 4 * DAY, &line));
	assert_int_equal(line, 2);
	assert_false(chart_owner(&ask, 2, 20 * DAY, &line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealed_days_are_read_as_hours),
		cmocka_unit_test(what_hours_do_not_tell_is_read),
		cmocka_unit_test(a_day_of_two_versions_has_no_owner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
