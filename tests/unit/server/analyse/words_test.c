#include "server/analyse/words.h"
#include "tests/unit/cmocka_all.h"

static struct arena arena;

static void memory_in_binary_steps(void **state)
{
	(void)state;
	assert_string_equal(words_memory(&arena, 0), "0 KiB");
	assert_string_equal(words_memory(&arena, 512), "512 KiB");
	assert_string_equal(words_memory(&arena, 1023.8), "1.0 MiB");
	assert_string_equal(words_memory(&arena, 1.4 * 1024), "1.4 MiB");
	assert_string_equal(words_memory(&arena, 512 * 1024), "512 MiB");
	assert_string_equal(words_memory(&arena, 3.25 * 1024 * 1024), "3.2 GiB");
	assert_string_equal(words_memory(&arena, 2048.0 * 1024 * 1024), "2.0 TiB");
}

static void rates_choose_their_time(void **state)
{
	(void)state;
	struct analyse_rate hour = {true, 23 * 1024, 18 * 1024, 28 * 1024};
	assert_string_equal(words_rate(&arena, &hour), "23 MiB/h (18 to 28)");
	struct analyse_rate minute = {true, 1800 * 1024, 1200 * 1024, 2400 * 1024};
	assert_string_equal(words_rate(&arena, &minute), "30 MiB/min (20 to 40)");
	struct analyse_rate day = {true, 256, 192, 320};
	assert_string_equal(words_rate(&arena, &day), "6.0 MiB/day (4.5 to 7.5)");
	struct analyse_rate falling = {true, -20 * 1024, -30 * 1024, -10 * 1024};
	assert_string_equal(words_rate(&arena, &falling), "-20 MiB/h (-30 to -10)");
}

static void spans_in_units_that_matter(void **state)
{
	(void)state;
	assert_string_equal(words_span(&arena, 40000), "40 s");
	assert_string_equal(words_span(&arena, 12 * 60000), "12 min");
	assert_string_equal(words_span(&arena, 140 * 60000), "2 h 20 min");
	assert_string_equal(words_span(&arena, 3 * 3600000), "3 h");
	assert_string_equal(words_span(&arena, 19 * 3600000 + 1800000), "20 h");
	assert_string_equal(words_span(&arena, 80 * 3600000LL), "3 days");
	assert_string_equal(words_span(&arena, 0), "0 s");
	assert_string_equal(words_span(&arena, 89499), "89 s");
	assert_string_equal(words_span(&arena, 90000), "2 min");
	assert_string_equal(words_span(&arena, 89 * 60000 + 59000), "1 h 30 min");
	assert_string_equal(words_span(&arena, 9 * 3600000 + 59 * 60000), "9 h 59 min");
}

static void times_name_the_day_when_it_matters(void **state)
{
	(void)state;
	int64_t at = INT64_C(1795356120000); /* 2026-11-22 14:02:00 UTC */
	assert_string_equal(words_time(&arena, at, at + 3600000), "14:02 UTC");
	assert_string_equal(
		words_time(&arena, at, at + 30 * 3600000LL), "22 Nov 14:02 UTC");
}

static void counts_and_versions(void **state)
{
	(void)state;
	assert_string_equal(words_count(&arena, 1, "host"), "1 host");
	assert_string_equal(words_count(&arena, 2, "instance"), "2 instances");
	assert_string_equal(words_version(""), "unknown version");
	assert_string_equal(words_version("1.0.0"), "1.0.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_in_binary_steps),
		cmocka_unit_test(rates_choose_their_time),
		cmocka_unit_test(spans_in_units_that_matter),
		cmocka_unit_test(times_name_the_day_when_it_matters),
		cmocka_unit_test(counts_and_versions),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
