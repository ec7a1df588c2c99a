/*
 * Lives become lines and marks without losing or inventing anything.
 */
#include "server/api/lines.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

static struct arena arena;
static const struct steps steps = {0, 100000, 10000, 10};

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

/* Seat 7 runs version 1, 1, 2 and 1 again; seat 8 was there before us. */
static const struct series_life lives[] = {
	{.id = 1,
		.slot_id = 7,
		.fingerprint_id = 1,
		.version = "1",
		.host_id = 1,
		.started_ms = 5000,
		.interval_ms = 10000},
	{.id = 2,
		.slot_id = 7,
		.fingerprint_id = 1,
		.version = "1",
		.host_id = 1,
		.previous_fingerprint_id = 1,
		.started_ms = 20000,
		.pid = 42},
	{.id = 3,
		.slot_id = 7,
		.fingerprint_id = 2,
		.version = "2",
		.host_id = 1,
		.previous_fingerprint_id = 1,
		.started_ms = 30000},
	{.id = 4,
		.slot_id = 7,
		.fingerprint_id = 1,
		.version = "1",
		.host_id = 1,
		.previous_fingerprint_id = 2,
		.started_ms = 40000},
	{.id = 5,
		.slot_id = 8,
		.fingerprint_id = 1,
		.version = "1",
		.host_id = 2,
		.started_ms = 50000,
		.watched_ms = 60000,
		.interval_ms = 5000},
};
enum { LIVES = sizeof lives / sizeof *lives };

static void a_seat_has_a_line_per_version(void **state)
{
	(void)state;
	static const size_t line[LIVES] = {0, 0, 1, 0, 2};
	struct lines l = lines_make(lives, LIVES, &arena);
	assert_int_equal(l.count, 3);
	for (size_t i = 0; i < LIVES; i++)
		assert_int_equal(l.line[i], line[i]);
	assert_int_equal(l.host_count, 2);
	assert_int_equal(l.interval_ms, 10000);
	assert_int_equal(lines_make(NULL, 0, &arena).count, 0);
}

static void starts_are_marked_by_what_was_before(void **state)
{
	(void)state;
	static const char *const kinds[] = {"deploy", "restart", "deploy", "deploy"};
	struct lines_events none = {0};
	size_t count;
	struct lines_mark *marks = lines_marks(
		lives, LIVES, &none, &steps, &arena, &count);
	assert_int_equal(count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(marks[i].kind, kinds[i]);
	assert_string_equal(marks[0].text, "1");
	assert_string_equal(marks[1].text, "pid 42");
	assert_string_equal(marks[2].text, "2");
}

static void rises_of_kills_are_marked(void **state)
{
	(void)state;
	static const struct chart_kills rows[] = {{1, 3, 6000}, {1, 4, 9000},
		{2, 6, 21000}, {3, 0, 31000}, {4, 1, 41000}, {5, 9, 51000}};
	struct lines_events events = {.kills = rows, .kill_count = 6};
	size_t count, found = 0;
	struct lines_mark *marks = lines_marks(
		lives, LIVES, &events, &steps, &arena, &count);
	static const char *const texts[] = {"1 process killed for lack of memory",
		"2 processes killed for lack of memory",
		"1 process killed for lack of memory"};
	for (size_t i = 0; i < count; i++) {
		if (strcmp(marks[i].kind, "oom") != 0)
			continue;
		assert_true(found < 3);
		assert_string_equal(marks[i].text, texts[found++]);
		assert_int_equal(marks[i].instance, 7);
	}
	assert_int_equal(found, 3);
	for (size_t i = 1; i < count; i++)
		assert_true(marks[i].at_ms >= marks[i - 1].at_ms);
}

static void of_too_many_marks_the_newest_stay(void **state)
{
	(void)state;
	enum { MANY = LINES_MARKS_MAX + 50 };
	struct series_life *many = arena_array(&arena, MANY, sizeof *many);
	struct steps all = {0, MANY * 10, 10, MANY};
	struct lines_events none = {0};
	size_t count;
	for (size_t i = 0; i < MANY; i++)
		many[i] = (struct series_life){.id = (int64_t)i + 1,
			.slot_id = 1,
			.fingerprint_id = 1,
			.previous_fingerprint_id = 1,
			.version = "",
			.started_ms = (int64_t)i * 10};
	struct lines_mark *marks = lines_marks(many, MANY, &none, &all, &arena, &count);
	assert_int_equal(count, LINES_MARKS_MAX);
	assert_int_equal(marks[0].at_ms, 500);
	assert_int_equal(marks[count - 1].at_ms, (MANY - 1) * 10);
}

static void values_stand_at_their_steps(void **state)
{
	(void)state;
	struct downsample line = downsample_make(0, 10000, 10, &arena);
	line.steps[0] = (struct downsample_step){10000, 30, 0, 0, 0, 0};
	line.steps[9] = (struct downsample_step){3000, 5, 0, 0, 0, 0};
	struct lines_metric rate = {.kind = METRIC_COUNTER};
	struct lines_metric share = {.kind = METRIC_COUNTER, .is_ratio = true};
	struct lines_metric level = {.kind = METRIC_GAUGE};
	double *values = lines_values(&line, DOWNSAMPLE_RATE, &rate, &arena);
	assert_true(values[0] == 3);
	assert_true(values[9] == 1.666667);
	for (int i = 1; i < 9; i++)
		assert_true(isnan(values[i]));
	assert_true(lines_values(&line, DOWNSAMPLE_RATE, &share, &arena)[0] == 0.003);
	line.steps[0] = (struct downsample_step){3, 10, 2, 5, 4, 0};
	assert_true(lines_values(&line, DOWNSAMPLE_MAX, &level, &arena)[0] == 5);
	assert_true(lines_values(&line, DOWNSAMPLE_MIN, &level, &arena)[0] == 2);
	assert_true(lines_values(&line, DOWNSAMPLE_LAST, &level, &arena)[0] == 4);
	assert_true(
		lines_values(&line, DOWNSAMPLE_MEAN, &level, &arena)[0] == 3.333333);
}

static void metrics_are_found_in_their_scope(void **state)
{
	(void)state;
	struct lines_metric m;
	assert_true(lines_find_metric(
		"rss_kb", metric_process, METRIC_PROCESS_COUNT, &arena, &m));
	assert_int_equal(m.number, PROCESS_rss_kb);
	assert_string_equal(m.unit, "KiB");
	assert_true(lines_find_metric(
		"major_faults", metric_process, METRIC_PROCESS_COUNT, &arena, &m));
	assert_string_equal(m.unit, "count/s");
	assert_true(lines_find_metric(
		"cpu_ratio", metric_host, METRIC_HOST_COUNT, &arena, &m));
	assert_int_equal(m.number, HOST_cpu_busy_ms);
	assert_string_equal(m.unit, "ratio");
	assert_false(lines_find_metric(
		"rss_kb", metric_host, METRIC_HOST_COUNT, &arena, &m));
	assert_false(lines_find_metric("", metric_host, METRIC_HOST_COUNT, &arena, &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seat_has_a_line_per_version),
		cmocka_unit_test(starts_are_marked_by_what_was_before),
		cmocka_unit_test(rises_of_kills_are_marked),
		cmocka_unit_test(of_too_many_marks_the_newest_stay),
		cmocka_unit_test(values_stand_at_their_steps),
		cmocka_unit_test(metrics_are_found_in_their_scope),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
