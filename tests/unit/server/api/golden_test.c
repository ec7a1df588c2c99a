/*
 * Each GET route answers the seeded fleet exactly as its golden file says; the
 * console's tests use the same files.  With TIDEMARK_GOLDEN=write the files are written
 * anew.
 */
#include "tests/support/api.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static char golden_cookie[128];

static const struct {
	const char *name, *target;
} golden_files[] = {
	{"about", "/api/v1/about"},
	{"agents", "/api/v1/agents"},
	{"alert", "/api/v1/alerts/1"},
	{"alerts", "/api/v1/alerts"},
	{"findings", "/api/v1/findings?active=true"},
	{"fleet", "/api/v1/fleet"},
	{"host_series", "/api/v1/hosts/1/series?metric=mem_available_kb&points=12"},
	{"instance", "/api/v1/instances/3"},
	{"metrics", "/api/v1/metrics"},
	{"series", "/api/v1/series?service=1&metric=rss_anon_kb&points=12"},
	{"service", "/api/v1/services/1"},
	{"service_instances", "/api/v1/services/1/instances"},
	{"services", "/api/v1/services?limit=2"},
	{"session", "/api/v1/session"},
	{"tokens", "/api/v1/tokens"},
};

static char *golden_text(json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	assert_non_null(text);
	return text;
}

static void golden_check(const char *name, const char *target)
{
	scoped_reply struct http_reply r;
	char path[512];
	snprintf(path, sizeof path, TIDEMARK_SOURCE_DIR "/schema/api/%s.json", name);
	api_ask("GET", target, golden_cookie, NULL, &r);
	if (r.status != 200)
		fail_msg("%s: %d %s", target, r.status, r.body.data);
	json_error_t why;
	json_t *answer = json_loads(r.body.data, JSON_REJECT_DUPLICATES, &why);
	if (!answer)
		fail_msg("%s: no JSON: %s", target, why.text);
	char *text = golden_text(answer);
	const char *mode = getenv("TIDEMARK_GOLDEN");
	if (mode && strcmp(mode, "write") == 0) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fprintf(file, "%s\n", text);
		fclose(file);
	}
	json_t *golden = json_load_file(path, 0, &why);
	if (!golden)
		fail_msg("%s: %s", path, why.text);
	char *expected = golden_text(golden);
	assert_string_equal(text, expected);
	free(text);
	free(expected);
	json_decref(answer);
	json_decref(golden);
}

static void golden_files_are_answers(void **state)
{
	(void)state;
	api_log_in("ada", golden_cookie);
	for (size_t i = 0; i < sizeof golden_files / sizeof *golden_files; i++)
		golden_check(golden_files[i].name, golden_files[i].target);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_files_are_answers),
	};
	return cmocka_run_group_tests(tests, api_set_up, api_tear_down);
}
