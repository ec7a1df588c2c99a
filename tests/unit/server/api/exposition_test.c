/*
 * Figures read by Prometheus, old and new.
 */
#include "server/api/exposition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static void counters_lose_their_suffix_in_open_metrics(void **state)
{
	(void)state;
	struct buf text = {0}, open = {0};
	exposition_family(&text, "a_total", "counter", "Some a_total things");
	buf_text(&text, "a_total{b=\"c_total d\"} 1\n");
	exposition_family(&text, "level", "gauge", "A level");
	buf_text(&text, "level 2\n");
	assert_string_equal(text.data,
		"# HELP a_total Some a_total things\n# TYPE a_total counter\n"
		"a_total{b=\"c_total d\"} 1\n"
		"# HELP level A level\n# TYPE level gauge\nlevel 2\n");
	exposition_open(text.data, &open);
	assert_string_equal(open.data,
		"# HELP a Some a_total things\n# TYPE a counter\n"
		"a_total{b=\"c_total d\"} 1\n"
		"# HELP level A level\n# TYPE level gauge\nlevel 2\n# EOF\n");
	buf_finish(&text);
	buf_finish(&open);
}

static void odd_text_does_no_harm(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "\n\n", "# HELP ", "# TYPE _total",
		"# HELP _total x", "# TYPE a_total"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct buf open = {0};
		exposition_open(texts[i], &open);
		assert_memory_equal(open.data + open.length - 6, "# EOF\n", 6);
		buf_finish(&open);
	}
}

static void the_form_is_negotiated(void **state)
{
	(void)state;
	assert_true(exposition_wants_open(
		"application/openmetrics-text;version=1.0.0,text/plain;q=0.5"));
	assert_false(exposition_wants_open("text/plain"));
	assert_false(exposition_wants_open(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_lose_their_suffix_in_open_metrics),
		cmocka_unit_test(odd_text_does_no_harm),
		cmocka_unit_test(the_form_is_negotiated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
