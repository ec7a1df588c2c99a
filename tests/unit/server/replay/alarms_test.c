#include "server/replay/alarms.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static const int64_t HOUR_MS = 3600 * 1000;

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

/* "0 quiet, 2 watch, …" by the hour: one letter of q, w, c each. */
static struct alarms hear(const char *levels)
{
	struct alarms a = {0};
	for (int64_t h = 0; levels[h]; h++)
		alarms_note(&a, (h + 1) * HOUR_MS,
			&(struct alarms_alarm){
				.level = levels[h] == 'c'   ? ANALYSE_CONFIRMED
					 : levels[h] == 'w' ? ANALYSE_EARLY
							    : ANALYSE_QUIET,
				.kind = ANALYSE_KIND_LEAK,
				.rate = {.known = true, .kb_h = (double)h},
			},
			&arena);
	return a;
}

static void assert_alarm(const struct alarms *a, size_t i, enum analyse_level level,
	int64_t from_h, int64_t to_h)
{
	assert_true(i < a->count);
	assert_int_equal(a->items[i].level, level);
	assert_int_equal(a->items[i].from_ms, from_h * HOUR_MS);
	assert_int_equal(a->items[i].to_ms, to_h * HOUR_MS);
}

static void silence_is_no_alarm(void **state)
{
	(void)state;
	assert_int_equal(hear("qqqq").count, 0);
}

static void watch_spans_what_is_confirmed_too(void **state)
{
	(void)state;
	struct alarms a = hear("qwccwqq");
	assert_int_equal(a.count, 2);
	assert_alarm(&a, 0, ANALYSE_EARLY, 2, 6);
	assert_alarm(&a, 1, ANALYSE_CONFIRMED, 3, 5);
	assert_true(a.items[0].rate.kb_h == 1 && a.items[1].rate.kb_h == 2);
}

static void confirmed_at_once_is_both_and_may_last(void **state)
{
	(void)state;
	struct alarms a = hear("qcc");
	assert_int_equal(a.count, 2);
	assert_alarm(&a, 0, ANALYSE_EARLY, 2, 0);
	assert_alarm(&a, 1, ANALYSE_CONFIRMED, 2, 0);
}

static void alarms_close_to_each_other_are_one(void **state)
{
	(void)state;
	struct alarms a = hear("wqqwq"); /* two hours apart */
	assert_int_equal(a.count, 1);
	assert_alarm(&a, 0, ANALYSE_EARLY, 1, 5);
	assert_true(a.items[0].rate.kb_h == 0);
	a = hear("wqqqwq"); /* three */
	assert_int_equal(a.count, 2);
	assert_alarm(&a, 0, ANALYSE_EARLY, 1, 2);
	assert_alarm(&a, 1, ANALYSE_EARLY, 5, 6);
}

static void levels_are_merged_apart(void **state)
{
	(void)state;
	struct alarms a = hear("cwwwwcq");
	assert_int_equal(a.count, 3);
	assert_alarm(&a, 0, ANALYSE_EARLY, 1, 7);
	assert_alarm(&a, 1, ANALYSE_CONFIRMED, 1, 2);
	assert_alarm(&a, 2, ANALYSE_CONFIRMED, 6, 7);
}

static void many_alarms_find_room(void **state)
{
	(void)state;
	char levels[401];
	for (size_t i = 0; i < 400; i++)
		levels[i] = i % 4 ? 'q' : 'w';
	levels[400] = '\0';
	struct alarms a = hear(levels);
	assert_int_equal(a.count, 100);
	assert_alarm(&a, 99, ANALYSE_EARLY, 397, 398);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_is_no_alarm),
		cmocka_unit_test(watch_spans_what_is_confirmed_too),
		cmocka_unit_test(confirmed_at_once_is_both_and_may_last),
		cmocka_unit_test(alarms_close_to_each_other_are_one),
		cmocka_unit_test(levels_are_merged_apart),
		cmocka_unit_test(many_alarms_find_room),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
