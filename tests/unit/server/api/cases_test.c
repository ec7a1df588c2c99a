/*
 * The case of an alert: what may be its cause, alerts inside others and split off, and
 * the answers that the console's tests use.
 */
#include "tests/support/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

#include "tests/support/golden.h"

static char ada[256], bob[256], eve[256];

static int set_up(void **state)
{
	char cookie[128];
	api_set_up(state);
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/support/api_cases.sql");
	api_log_in("ada", cookie);
	snprintf(ada, sizeof ada, "%s" API_JSON, cookie);
	api_log_in("bob", cookie);
	snprintf(bob, sizeof bob, "%s" API_JSON, cookie);
	api_log_in("eve", cookie);
	snprintf(eve, sizeof eve, "%s" API_JSON, cookie);
	return 0;
}

static void holds(const struct http_reply *r, int status, const char *text)
{
	if (r->status != status || !strstr(r->body.data, text))
		fail_msg("%d, not %d with '%s': %s", r->status, status, text,
			r->body.data);
}

static void lacks(const struct http_reply *r, const char *text)
{
	if (strstr(r->body.data, text))
		fail_msg("holds '%s': %s", text, r->body.data);
}

static void answers_are_the_golden_files(void **state)
{
	(void)state;
	static const struct {
		const char *name, *target;
	} gets[] = {
		{"hypotheses", "/api/v1/alerts/1/hypotheses"},
		{"silences", "/api/v1/silences?state=active,pending,expired"},
		{"silence_preview", "/api/v1/silences/preview?service=check*"},
		{"alert_silenced", "/api/v1/alerts/1"},
	};
	for (size_t i = 0; i < sizeof gets / sizeof *gets; i++) {
		scoped_reply struct http_reply r;
		api_ask("GET", gets[i].target, eve, NULL, &r);
		assert_int_equal(r.status, 200);
		golden_compare(gets[i].name, &r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_the_golden_files),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
