#include "server/history/rollup.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

static const int64_t DAY = INT64_C(1795305600000); /* a midnight, UTC */
static const int64_t HOUR = 3600 * 1000;

enum { ROWS = 8640 };

static uint64_t seed = 1;

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void assert_rollup(const struct rollup *r, int64_t n, int64_t sum, int64_t low,
	int64_t high, int64_t last)
{
	assert_int_equal(r->n, n);
	assert_int_equal(r->sum, sum);
	assert_int_equal(r->low, low);
	assert_int_equal(r->high, high);
	assert_int_equal(r->last, last);
}

static void assert_only_hour(const struct rollup *hours, int hour)
{
	for (int i = 0; i < ROLLUP_HOURS; i++)
		assert_int_equal(hours[i].n > 0, i == hour);
}

static void metrics_of_the_list_are_kept(void **state)
{
	(void)state;
	assert_true(rollup_has(PROCESS_rss_kb));
	assert_true(rollup_has(PROCESS_cpu_ms));
	assert_true(rollup_has(PROCESS_requests));
	assert_false(rollup_has(PROCESS_pss_kb));
	assert_false(rollup_has(-1));
	assert_false(rollup_has(METRIC_PROCESS_COUNT));
}

static void gauges_add_up(void **state)
{
	(void)state;
	struct rollup r = {0}, none = {0};
	rollup_add(&r, -5);
	assert_rollup(&r, 1, -5, -5, -5, -5);
	rollup_add(&r, 7);
	rollup_add(&r, 3);
	assert_rollup(&r, 3, 5, -5, 7, 3);
	rollup_merge(&r, &none);
	assert_rollup(&r, 3, 5, -5, 7, 3);
	rollup_merge(&none, &r);
	assert_rollup(&none, 3, 5, -5, 7, 3);
}

static void parts_merge_into_the_whole(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		struct rollup whole = {0}, merged = {0}, part = {0};
		for (int i = 0; i < 50; i++) {
			int64_t value = (int64_t)draw() >> (8 + draw() % 56);
			rollup_add(&whole, value);
			rollup_add(&part, value);
			if (draw() % 8 == 0) {
				rollup_merge(&merged, &part);
				part = (struct rollup){0};
			}
		}
		rollup_merge(&merged, &part);
		assert_memory_equal(&merged, &whole, sizeof whole);
	}
}

static void sums_do_not_wrap(void **state)
{
	(void)state;
	struct rollup up = {0}, down = {0};
	for (int i = 0; i < 3; i++) {
		rollup_add(&up, INT64_MAX);
		rollup_add(&down, INT64_MIN);
	}
	assert_rollup(&up, 3, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX);
	assert_rollup(&down, 3, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN);
}

static void gauges_go_to_their_hours(void **state)
{
	(void)state;
	struct rollup hours[ROLLUP_HOURS] = {0};
	const int64_t at_ms[] = {DAY - 1, DAY, DAY + HOUR - 1, DAY + HOUR,
		DAY + 24 * HOUR - 1, DAY + 24 * HOUR};
	const int64_t values[] = {1, 2, 3, 4, 5, 6};
	rollup_day(hours, METRIC_GAUGE, DAY, at_ms, values, NULL, 6);
	assert_rollup(&hours[0], 2, 5, 2, 3, 3);
	assert_rollup(&hours[1], 1, 4, 4, 4, 4);
	assert_rollup(&hours[23], 1, 5, 5, 5, 5);
	for (int i = 2; i < 23; i++)
		assert_int_equal(hours[i].n, 0);
}

static void rows_without_a_value_do_not_count(void **state)
{
	(void)state;
	struct rollup hours[ROLLUP_HOURS] = {0};
	const int64_t at_ms[] = {DAY, DAY + 10000, DAY + 20000};
	const int64_t values[] = {5, 0, 7};
	const bool has[] = {true, false, true};
	rollup_day(hours, METRIC_GAUGE, DAY, at_ms, values, has, 3);
	assert_rollup(&hours[0], 2, 12, 5, 7, 7);
	/* Of a counter the increase spans the row that has none. */
	memset(hours, 0, sizeof hours);
	rollup_day(hours, METRIC_COUNTER, DAY, at_ms, values, has, 3);
	assert_rollup(&hours[0], 20, 2, 360, 360, 7);
}

static void increases_belong_to_their_later_reading(void **state)
{
	(void)state;
	struct rollup hours[ROLLUP_HOURS] = {0};
	const int64_t at_ms[] = {
		DAY + HOUR - 5000, DAY + HOUR + 5000, DAY + HOUR + 15000};
	const int64_t values[] = {1000, 1010, 1050};
	rollup_day(hours, METRIC_COUNTER, DAY, at_ms, values, NULL, 3);
	assert_only_hour(hours, 1);
	assert_rollup(&hours[1], 20, 50, 3600, 14400, 1050);
}

static void the_day_begins_where_the_one_before_ended(void **state)
{
	(void)state;
	struct rollup hours[ROLLUP_HOURS] = {0};
	const int64_t at_ms[] = {DAY - 20000, DAY - 10000, DAY, DAY + 24 * HOUR};
	const int64_t values[] = {10, 20, 50, 90};
	rollup_day(hours, METRIC_COUNTER, DAY, at_ms, values, NULL, 4);
	assert_only_hour(hours, 0);
	assert_rollup(&hours[0], 10, 30, 10800, 10800, 50);
}

static void a_fall_is_a_new_beginning(void **state)
{
	(void)state;
	struct rollup hours[ROLLUP_HOURS] = {0};
	const int64_t at_ms[] = {DAY, DAY + 10000, DAY + 20000, DAY + 30000};
	const int64_t values[] = {500, 510, 4, 7};
	rollup_day(hours, METRIC_COUNTER, DAY, at_ms, values, NULL, 4);
	assert_rollup(&hours[0], 20, 13, 1080, 3600, 7);
}

static void one_reading_is_no_increase(void **state)
{
	(void)state;
	struct rollup hours[ROLLUP_HOURS] = {0};
	const int64_t at_ms[] = {DAY + HOUR}, values[] = {500};
	rollup_day(hours, METRIC_COUNTER, DAY, at_ms, values, NULL, 1);
	rollup_day(hours, METRIC_COUNTER, DAY, at_ms, values, NULL, 0);
	assert_only_hour(hours, -1);
	/* And one that stands is one of nothing. */
	const int64_t stands_ms[] = {DAY, DAY + 400};
	const int64_t stands[] = {500, 500};
	rollup_day(hours, METRIC_COUNTER, DAY, stands_ms, stands, NULL, 2);
	assert_rollup(&hours[0], 1, 0, 0, 0, 500);
}

static void lives_of_a_seat_add_up(void **state)
{
	(void)state;
	struct rollup hours[ROLLUP_HOURS] = {0};
	const int64_t first_ms[] = {DAY, DAY + 10000}, first[] = {100, 130};
	const int64_t next_ms[] = {DAY + 20000, DAY + 30000}, next[] = {120, 180};
	rollup_day(hours, METRIC_COUNTER, DAY, first_ms, first, NULL, 2);
	rollup_day(hours, METRIC_COUNTER, DAY, next_ms, next, NULL, 2);
	/* From 130 to 120 is no fall, and from 130 to 180 no increase. */
	assert_rollup(&hours[0], 20, 90, 10800, 21600, 180);
}

static void odd_milliseconds_do_not_add_up(void **state)
{
	(void)state;
	static int64_t at_ms[ROWS], values[ROWS];
	struct rollup hours[ROLLUP_HOURS] = {0};
	int64_t seconds = 0, increase = 0;
	for (int i = 0; i < ROWS; i++) {
		at_ms[i] = DAY + 10000 * (int64_t)i + (int64_t)(draw() % 900);
		values[i] = i ? values[i - 1] + (int64_t)(draw() % 100) : 0;
	}
	rollup_day(hours, METRIC_COUNTER, DAY, at_ms, values, NULL, ROWS);
	for (int i = 0; i < ROLLUP_HOURS; i++) {
		assert_in_range(hours[i].n, 3589, 3601);
		seconds += hours[i].n;
		increase += hours[i].sum;
	}
	assert_in_range(seconds, 86390 - 24, 86390 + 24);
	assert_int_equal(increase, values[ROWS - 1]);
}

static void seconds_are_rounded(void **state)
{
	(void)state;
	struct rollup hours[ROLLUP_HOURS] = {0};
	const int64_t at_ms[] = {DAY, DAY + 9996, DAY + HOUR, DAY + HOUR + 9996};
	const int64_t values[] = {5, 6, 7, 8};
	const bool has[] = {true, true, false, true};
	rollup_day(hours, METRIC_COUNTER, DAY, at_ms, values, has, 2);
	assert_int_equal(hours[0].n, 10);
	rollup_day(hours, METRIC_COUNTER, DAY, at_ms, values, has, 4);
	assert_int_equal(hours[0].n, 20);
	assert_int_equal(hours[1].n, 3600);
}

static void extremes_do_no_harm(void **state)
{
	(void)state;
	struct rollup hours[ROLLUP_HOURS] = {0};
	const int64_t at_ms[] = {INT64_MIN, DAY, DAY + 1, DAY + 2, INT64_MAX};
	const int64_t values[] = {0, INT64_MIN, INT64_MAX, 0, INT64_MAX};
	rollup_day(hours, METRIC_COUNTER, DAY, at_ms, values, NULL, 5);
	rollup_day(hours, METRIC_COUNTER, INT64_MIN, at_ms, values, NULL, 5);
	rollup_day(hours, METRIC_GAUGE, INT64_MAX, at_ms, values, NULL, 5);
	/* The rate of a large step ends at the greatest number. */
	const int64_t up_ms[] = {DAY, DAY + 1}, up[] = {0, INT64_MAX};
	memset(hours, 0, sizeof hours);
	rollup_day(hours, METRIC_COUNTER, DAY, up_ms, up, NULL, 2);
	assert_rollup(&hours[0], 1, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metrics_of_the_list_are_kept),
		cmocka_unit_test(gauges_add_up),
		cmocka_unit_test(parts_merge_into_the_whole),
		cmocka_unit_test(sums_do_not_wrap),
		cmocka_unit_test(gauges_go_to_their_hours),
		cmocka_unit_test(rows_without_a_value_do_not_count),
		cmocka_unit_test(increases_belong_to_their_later_reading),
		cmocka_unit_test(the_day_begins_where_the_one_before_ended),
		cmocka_unit_test(a_fall_is_a_new_beginning),
		cmocka_unit_test(one_reading_is_no_increase),
		cmocka_unit_test(lives_of_a_seat_add_up),
		cmocka_unit_test(odd_milliseconds_do_not_add_up),
		cmocka_unit_test(seconds_are_rounded),
		cmocka_unit_test(extremes_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
