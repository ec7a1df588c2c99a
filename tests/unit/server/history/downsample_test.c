/* Steps of charts say what the readings said. */
#include "server/history/downsample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* After what it needs. */
#include <cmocka.h>

static struct arena arena;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static const bool all[64] = {
	true, true, true, true, true, true, true, true, true, true, true, true};

static void expect(const struct downsample *d, size_t step, double max, double min,
	double last, double mean)
{
	assert_true(downsample_value(d, step, DOWNSAMPLE_MAX) == max);
	assert_true(downsample_value(d, step, DOWNSAMPLE_MIN) == min);
	assert_true(downsample_value(d, step, DOWNSAMPLE_LAST) == last);
	assert_true(downsample_value(d, step, DOWNSAMPLE_MEAN) == mean);
}

static void gauges_keep_their_peaks(void **state)
{
	(void)state;
	static const int64_t at[] = {90, 100, 110, 119, 140, 145, 150, 160};
	static const int64_t values[] = {1000, 5, 90, 10, 7, 8, 9, 3000};
	static const bool has[] = {true, true, true, true, true, false, true, true};
	struct downsample d = downsample_make(100, 20, 3, &arena);
	downsample_gauge(&d, at, values, has, 8);
	expect(&d, 0, 90, 5, 10, 35);
	assert_true(isnan(downsample_value(&d, 1, DOWNSAMPLE_MAX)));
	expect(&d, 2, 9, 7, 9, 8);
}

static void lives_join_in_any_order(void **state)
{
	(void)state;
	static const int64_t late[] = {110, 115}, early[] = {100, 105};
	static const int64_t high[] = {70, 60}, low[] = {1, 2};
	struct downsample d = downsample_make(100, 20, 1, &arena);
	downsample_gauge(&d, late, high, all, 2);
	downsample_gauge(&d, early, low, all, 2);
	expect(&d, 0, 70, 1, 60, 33.25);
}

static double rate(const struct downsample *d, size_t step)
{
	return downsample_value(d, step, DOWNSAMPLE_RATE);
}

static void add_counter(struct downsample *d, const int64_t *at, const int64_t *values,
	size_t rows, struct downsample_last *last)
{
	downsample_counter(d,
		&(struct downsample_counter){
			.at_ms = at, .values = values, .has = all, .rows = rows},
		last);
}

/* As series_counter.sql did: each life counts from its own readings; what a step grew
 * is told against the time since the reading before, also over the border of a step. */
static void counters_grow_in_the_step_of_the_later_reading(void **state)
{
	(void)state;
	static const int64_t at[] = {100, 110, 120, 130, 150};
	static const int64_t values[] = {1000, 1010, 1040, 1040, 1140};
	struct downsample d = downsample_make(100, 20, 3, &arena);
	struct downsample_last last = {0};
	add_counter(&d, at, values, 5, &last);
	assert_true(rate(&d, 0) == 1);
	assert_true(rate(&d, 1) == 30.0 / 20);
	assert_true(rate(&d, 2) == 100.0 / 20);
	/* A second life in the same line adds both. */
	struct downsample_last other = {0};
	static const int64_t its[] = {0, 50};
	add_counter(&d, at, its, 2, &other);
	assert_true(rate(&d, 0) == 60.0 / 20);
}

static void a_fall_is_a_new_beginning(void **state)
{
	(void)state;
	static const int64_t at[] = {100, 110, 120, 130};
	static const int64_t values[] = {500, 600, 10, 40};
	struct downsample d = downsample_make(100, 40, 1, &arena);
	struct downsample_last last = {0};
	add_counter(&d, at, values, 4, &last);
	assert_true(rate(&d, 0) == 130.0 / 20);
}

/* Whether readings come at once or piece by piece makes no difference. */
static void pieces_are_as_the_whole(void **state)
{
	enum { ROWS = 500 };
	(void)state;
	int64_t at[ROWS], values[ROWS], busy[ROWS];
	bool has[ROWS];
	srand(7);
	for (int i = 0; i < ROWS; i++) {
		at[i] = 1000 + 10 * i + rand() % 5;
		values[i] = rand() % 50 == 0 ? 0 : (i ? values[i - 1] : 0) + rand() % 9;
		busy[i] = 3 * i;
		has[i] = rand() % 7 != 0;
	}
	struct downsample whole = downsample_make(900, 130, 50, &arena);
	struct downsample parts = downsample_make(900, 130, 50, &arena);
	struct downsample_counter c = {at, values, busy, has, has, ROWS};
	struct downsample_last last = {0};
	downsample_counter(&whole, &c, &last);
	last.known = false;
	for (size_t i = 0, n; i < ROWS; i += n) {
		n = 1 + (size_t)rand() % 60;
		n = n < ROWS - i ? n : ROWS - i;
		c = (struct downsample_counter){
			at + i, values + i, busy + i, has + i, has + i, n};
		downsample_counter(&parts, &c, &last);
	}
	for (size_t i = 0; i < 50; i++) {
		assert_int_equal(whole.steps[i].n, parts.steps[i].n);
		assert_int_equal(whole.steps[i].sum, parts.steps[i].sum);
	}
}

static void hours_are_as_their_readings(void **state)
{
	enum { ROWS = 2000 };
	(void)state;
	static int64_t at[ROWS], values[ROWS];
	static bool has[ROWS];
	const int64_t hour = 3600000, day = INT64_C(1795219200000);
	for (int i = 0; i < ROWS; i++) {
		at[i] = day + hour + 10000 * i;
		values[i] = 1000 + (i * 37) % 501;
		has[i] = true;
	}
	struct rollup hours[ROLLUP_HOURS] = {0};
	rollup_day(hours, METRIC_GAUGE, day, at, values, has, ROWS);
	struct downsample raw = downsample_make(day, 2 * hour, 12, &arena);
	struct downsample kept = downsample_make(day, 2 * hour, 12, &arena);
	downsample_gauge(&raw, at, values, has, ROWS);
	for (int i = 0; i < ROLLUP_HOURS; i++)
		downsample_hour(&kept, false, day + i * hour, &hours[i]);
	for (size_t i = 0; i < 12; i++)
		for (int k = DOWNSAMPLE_MAX; k <= DOWNSAMPLE_MEAN; k++) {
			double a = downsample_value(&raw, i, k);
			double b = downsample_value(&kept, i, k);
			assert_true(a == b || (isnan(a) && isnan(b)));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gauges_keep_their_peaks),
		cmocka_unit_test(lives_join_in_any_order),
		cmocka_unit_test(counters_grow_in_the_step_of_the_later_reading),
		cmocka_unit_test(a_fall_is_a_new_beginning),
		cmocka_unit_test(pieces_are_as_the_whole),
		cmocka_unit_test(hours_are_as_their_readings),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
