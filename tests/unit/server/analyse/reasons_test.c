/* Evidence in order, and the names by which verdicts are stored. */
#include "server/analyse/reasons.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static void reasons_keep_their_order_and_side(void **state)
{
	(void)state;
	struct arena a;
	struct reasons r = {0};
	arena_init(&a);
	reasons_add(&r, true, "it grows");
	reasons_add(&r, false, "its load is not known");
	struct analyse_reasons out = reasons_finish(&r, &a);
	r.items[0].text = "changed later";
	assert_int_equal(out.count, 2);
	assert_string_equal(out.items[0].text, "it grows");
	assert_true(out.items[0].speaks_for);
	assert_string_equal(out.items[1].text, "its load is not known");
	assert_false(out.items[1].speaks_for);
	arena_finish(&a);
}

static void what_says_nothing_or_does_not_fit_is_left_out(void **state)
{
	(void)state;
	struct arena a;
	struct reasons r = {0};
	arena_init(&a);
	assert_int_equal(reasons_finish(&r, &a).count, 0);
	reasons_add(&r, true, "");
	reasons_add(&r, true, NULL);
	assert_int_equal(reasons_finish(&r, &a).count, 0);
	for (int i = 0; i < 3 * REASONS_MAX; i++)
		reasons_add(&r, true, i ? "more" : "first");
	struct analyse_reasons out = reasons_finish(&r, &a);
	assert_int_equal(out.count, REASONS_MAX);
	assert_string_equal(out.items[0].text, "first");
	arena_finish(&a);
}

/* Stored and served: a name that changes breaks what was written before. */
static void names_are_the_stored_ones(void **state)
{
	(void)state;
	static const char *const verdicts[] = {"unusable", "learning", "steady",
		"cyclic", "load", "warmup", "step", "fragmentation", "watch", "backlog",
		"native", "leak"};
	for (int v = ANALYSE_UNUSABLE; v <= ANALYSE_LEAK; v++)
		assert_string_equal(analyse_verdict_name(v), verdicts[v]);
	static const char *const kinds[] = {"", "leak", "native", "backlog", "version"};
	for (int k = ANALYSE_KIND_NONE; k <= ANALYSE_KIND_VERSION; k++)
		assert_string_equal(analyse_kind_name(k), kinds[k]);
	static const char *const levels[] = {"", "watch", "confirmed"};
	for (int l = ANALYSE_QUIET; l <= ANALYSE_CONFIRMED; l++)
		assert_string_equal(analyse_level_name(l), levels[l]);
	static const char *const series[] = {
		"rss", "rss_anon", "native", "heap_used", "heap_floor"};
	for (int s = ANALYSE_RSS; s <= ANALYSE_HEAP_FLOOR; s++)
		assert_string_equal(analyse_series_name(s), series[s]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_keep_their_order_and_side),
		cmocka_unit_test(what_says_nothing_or_does_not_fit_is_left_out),
		cmocka_unit_test(names_are_the_stored_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
