/*
 * Summaries are read and compared; findings may be told to take them.
 */
#include "tests/support/api.h"
#include "tests/unit/cmocka_all.h"

#include <jansson.h>
#include <math.h>

static char ada[256], bob[256], eve[256];

static void log_in(const char *name, char headers[256])
{
	char cookie[128];
	api_log_in(name, cookie);
	snprintf(headers, 256, "%s" API_JSON, cookie);
}

static int set_up(void **state)
{
	api_set_up(state);
	log_in("ada", ada);
	log_in("bob", bob);
	log_in("eve", eve);
	return 0;
}

static void expect(const char *method, const char *who, const char *target,
	const char *body, int status, const char *text)
{
	scoped_reply struct http_reply r;
	api_ask(method, target, who, body, &r);
	if (r.status != status || !strstr(r.body.data, text))
		fail_msg("%s %s: %d, not %d with '%s': %s", method, target, r.status,
			status, text, r.body.data);
}

static json_t *get(const char *target)
{
	scoped_reply struct http_reply r;
	api_ask("GET", target, eve, NULL, &r);
	if (r.status != 200)
		fail_msg("%s: %d %s", target, r.status, r.body.data);
	json_t *answer = json_loads(r.body.data, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(answer);
	return answer;
}

static json_t *row_of(const json_t *comparison, const char *name)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(comparison, "rows"), i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0)
			return row;
	}
	fail_msg("no row %s", name);
	return NULL;
}

static void has_number(const json_t *row, const char *key, double value)
{
	json_t *member = json_object_get(row, key);
	if (!json_is_number(member) ||
		fabs(json_number_value(member) - value) > 1e-9 * fabs(value) + 1e-12)
		fail_msg("%s: %s is %g, not %g",
			json_string_value(json_object_get(row, "name")), key,
			json_number_value(member), value);
}

static void has_null(const json_t *row, const char *key)
{
	assert_true(json_is_null(json_object_get(row, key)));
}

static void of_one_process_the_growth_counts(void **state)
{
	(void)state;
	json_t *c = get("/api/v1/snapshots/2/compare?with=1");
	assert_true(json_is_true(json_object_get(c, "same_process")));
	assert_true(json_is_object(json_object_get(c, "growth")));
	json_t *function = row_of(c, "Function");
	has_number(function, "count_delta", 9900);
	has_number(function, "retained_delta_bytes", 31406948);
	has_number(function, "count_per_request", 1);
	has_number(function, "count_per_hour", 39600);
	/* Of the one after, only the largest were kept. */
	assert_true(json_is_false(json_object_get(c, "before_is_cut")));
	assert_true(json_is_true(json_object_get(c, "after_is_cut")));
	json_t *cut = row_of(c, "Warmup");
	has_null(cut, "after");
	has_null(cut, "count_delta");
	has_null(cut, "shallow_delta_bytes");
	has_null(cut, "retained_delta_bytes");
	has_null(cut, "count_per_request");
	has_null(cut, "count_per_hour");
	json_t *new = row_of(c, "Timeout");
	has_null(new, "before");
	has_null(new, "location");
	has_number(new, "count_per_hour", 56);
	json_decref(c);

	api_sql("UPDATE snapshot SET class_count = 7 WHERE id = 2");
	c = get("/api/v1/snapshots/2/compare?with=1");
	assert_true(json_is_false(json_object_get(c, "after_is_cut")));
	json_t *gone = row_of(c, "Warmup");
	has_null(gone, "after");
	has_number(gone, "count_delta", -3);
	has_number(gone, "retained_delta_bytes", -240);
	json_decref(c);
	api_sql("UPDATE snapshot SET class_count = 412 WHERE id = 2");

	/* The other way round the growth per request is the same. */
	c = get("/api/v1/snapshots/1/compare?with=2");
	function = row_of(c, "Function");
	has_number(function, "count_delta", -9900);
	has_number(function, "count_per_request", 1);
	assert_true(json_is_null(json_object_get(c, "growth")));
	json_decref(c);
}

static void what_grew_is_held_against_the_requests(void **state)
{
	(void)state;
	json_t *c = get("/api/v1/snapshots/2/compare?with=1&limit=1");
	json_t *a = json_object_get(c, "arithmetic");
	assert_int_equal(json_integer_value(json_object_get(a, "requests")), 9900);
	assert_string_equal(json_string_value(json_object_get(a, "meaning")), "kept");
	json_t *match = json_array_get(json_object_get(a, "matches"), 1);
	assert_string_equal(json_string_value(json_object_get(match, "text")),
		"9,900 more Function objects: one for each of 9,900 requests");
	has_number(match, "count_delta", 9900);
	has_number(match, "objects", 1);
	has_number(match, "error", 0);
	json_decref(c);

	/* Nothing to be counted: backwards, two processes, no requests. */
	static const char *const targets[] = {"/api/v1/snapshots/1/compare?with=2",
		"/api/v1/snapshots/2/compare?with=3",
		"/api/v1/snapshots/6/compare?with=5"};
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		c = get(targets[i]);
		has_null(c, "arithmetic");
		json_decref(c);
	}

	/* A class of which one side was cut off is not known, so it explains nothing.
	 */
	api_sql("DELETE FROM snapshot_class WHERE snapshot_id = 1");
	api_sql("UPDATE snapshot SET class_count = 9 WHERE id = 1");
	c = get("/api/v1/snapshots/2/compare?with=1");
	a = json_object_get(c, "arithmetic");
	assert_int_equal(json_integer_value(json_object_get(a, "grown_classes")), 0);
	assert_string_equal(
		json_string_value(json_object_get(a, "text")), "no class grew");
	json_decref(c);
}

static void of_two_processes_the_rates_count(void **state)
{
	(void)state;
	json_t *c = get("/api/v1/snapshots/2/compare?with=3&limit=2");
	assert_true(json_is_false(json_object_get(c, "same_process")));
	assert_true(json_is_null(json_object_get(c, "growth")));
	assert_int_equal(json_array_size(json_object_get(c, "rows")), 2);
	assert_int_equal(json_integer_value(json_object_get(c, "total_rows")), 7);
	json_t *function = row_of(c, "Function");
	has_number(function, "count_per_request", 1 - 12.0 / 402000);
	has_number(function, "count_per_hour", 13200 / (1500.0 / 3600) - 12 / 5.95);
	json_decref(c);

	/* What a process has from its start does not grow with a short life. */
	api_sql("UPDATE snapshot_class SET count = 13200 WHERE snapshot_id = 3 AND "
		"name = 'Function'");
	c = get("/api/v1/snapshots/2/compare?with=3");
	function = row_of(c, "Function");
	has_number(function, "count_delta", 0);
	has_null(function, "count_per_request");
	has_null(function, "count_per_hour");
	json_decref(c);
	api_sql("UPDATE snapshot_class SET count = 12 WHERE snapshot_id = 3 AND name = "
		"'Function'");
}

static void what_is_not_known_is_null(void **state)
{
	(void)state;
	json_t *c = get("/api/v1/snapshots/6/compare?with=5");
	json_t *letter = row_of(c, "Letter");
	has_null(letter, "count_per_request");
	has_null(letter, "retained_delta_bytes");
	has_number(letter, "count_per_hour", 880000 * 6.0);
	has_null(json_object_get(letter, "after"), "retained_bytes");
	json_decref(c);
	api_sql("UPDATE snapshot SET uptime_ms = NULL, requests = 0 WHERE id = 3");
	c = get("/api/v1/snapshots/2/compare?with=3");
	has_null(row_of(c, "Function"), "count_per_request");
	has_null(row_of(c, "Function"), "count_per_hour");
	json_decref(c);
}

static void wrong_questions_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *target;
		int status;
		const char *text;
	} cases[] = {
		{"/api/v1/snapshots/4711", 404, "no snapshot has the id 4711"},
		{"/api/v1/snapshots/x", 404, "no snapshot has the id x"},
		{"/api/v1/snapshots/2?x=1", 400, "x: no such parameter"},
		{"/api/v1/snapshots/2/compare", 400, "with: is missing"},
		{"/api/v1/snapshots/2/compare?with=x", 400, "with:"},
		{"/api/v1/snapshots/2/compare?with=0", 400, "with:"},
		{"/api/v1/snapshots/2/compare?with=2", 400, "with: must be another"},
		{"/api/v1/snapshots/2/compare?with=4711", 404,
			"with: no snapshot has the id 4711"},
		{"/api/v1/snapshots/4711/compare?with=2", 404,
			"no snapshot has the id 4711"},
		{"/api/v1/snapshots/2/compare?with=1&limit=0", 400, "limit:"},
		{"/api/v1/snapshots/2/compare?with=1&limit=2001", 400, "limit:"},
		{"/api/v1/services/1/snapshots?limit=1001", 400, "limit:"},
		{"/api/v1/services/1/snapshots?after=eA", 400, "after: not a cursor"},
		{"/api/v1/services/1/captures?after=eA", 400, "after: not a cursor"},
		{"/api/v1/services/x/snapshots", 404, "no service has the id x"},
		{"/api/v1/services/4711/snapshot-policy", 404,
			"no service has the id 4711"},
		{"/api/v1/captures/4711", 404, "no capture has the id 4711"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect("GET", ada, cases[i].target, NULL, cases[i].status,
			cases[i].text);
	expect("GET", "", "/api/v1/snapshots/2", NULL, 401, "log in first");
}

/* The ids of a list, page by page. */
static void walk(const char *list, int limit, char ids[256])
{
	char target[512];
	snprintf(target, sizeof target, "%s?limit=%d", list, limit);
	ids[0] = '\0';
	for (int pages = 0; pages < 50; pages++) {
		json_t *page = get(target), *item;
		size_t i;
		json_array_foreach(json_object_get(page, "items"), i, item)
		{
			size_t used = strlen(ids);
			snprintf(ids + used, 256 - used, "%d ",
				(int)json_integer_value(json_object_get(item, "id")));
		}
		const char *next = json_string_value(json_object_get(page, "next"));
		if (next)
			snprintf(target, sizeof target, "%s?limit=%d&after=%s", list,
				limit, next);
		json_decref(page);
		if (!next)
			return;
	}
	fail_msg("%s has no end", list);
}

static void pages_are_the_list(void **state)
{
	(void)state;
	static const char *const lists[] = {
		"/api/v1/services/1/snapshots", "/api/v1/services/1/captures"};
	/* Two at the same moment, of different processes. */
	api_sql("UPDATE snapshot SET taken_at = '2026-11-22 09:40+00' WHERE id = 3");
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		char whole[256], pages[256];
		walk(lists[i], 1000, whole);
		assert_true(strlen(whole) >= 8);
		for (int limit = 1; limit <= 3; limit++) {
			walk(lists[i], limit, pages);
			assert_string_equal(pages, whole);
		}
	}
	expect("GET", eve, "/api/v1/services/2/snapshots", NULL, 200, "{\"items\":[]}");
	expect("GET", eve, "/api/v1/services/2/captures", NULL, 200, "{\"items\":[]}");
}

static void an_alert_shows_its_snapshots(void **state)
{
	(void)state;
	json_t *alert = get("/api/v1/alerts/1");
	json_t *snapshots = json_object_get(alert, "snapshots");
	/* Those of version 1.1.0, not those of 1.0.0. */
	assert_int_equal(json_array_size(snapshots), 2);
	assert_int_equal(
		json_integer_value(json_object_get(json_array_get(snapshots, 0), "id")),
		2);
	json_decref(alert);
}

static void a_policy_is_set_by_an_admin(void **state)
{
	(void)state;
	static const char target[] = "/api/v1/services/2/snapshot-policy";
	expect("GET", eve, target, NULL, 200,
		"{\"enabled\":false,\"grown_bytes\":52428800,\"with_control\":true,"
		"\"changed_by\":null,\"changed_at_ms\":null}");
	expect("PUT", bob, target, "{\"enabled\":true}", 403, "role admin");
	expect("PUT", ada, target, "{\"enabled\":true,\"grown_bytes\":1048576}", 200,
		"{\"enabled\":true,\"grown_bytes\":1048576,\"with_control\":true,"
		"\"changed_by\":\"ada\",\"changed_at_ms\":1795341600000}");
	expect("PUT", ada, target, "{\"enabled\":true,\"with_control\":false}", 200,
		"\"grown_bytes\":1048576,\"with_control\":false");
	expect("GET", ada, "/api/v1/audit?service=2&limit=1", NULL, 200,
		"\"action\":\"policy.set\",\"service\":{\"id\":2,\"name\":"
		"\"postgresql\"},\"host\":null,\"subject\":\"postgresql\",\"detail\":"
		"\"on; a second after 1.0 MiB of growth; without a control\"");
}

static void wrong_policies_are_named(void **state)
{
	(void)state;
	static const char target[] = "/api/v1/services/1/snapshot-policy";
	expect("PUT", ada, target, "{}", 400, "\"pointer\":\"/enabled\"");
	expect("PUT", ada, target, "{\"enabled\":\"yes\"}", 400,
		"\"pointer\":\"/enabled\"");
	expect("PUT", ada, target, "{\"enabled\":true,\"grown_bytes\":1048575}", 400,
		"\"pointer\":\"/grown_bytes\"");
	expect("PUT", ada, target, "{\"enabled\":true,\"grown_bytes\":1099511627777}",
		400, "\"pointer\":\"/grown_bytes\"");
	expect("PUT", ada, target, "{\"enabled\":true,\"with_control\":1}", 400,
		"\"pointer\":\"/with_control\"");
	expect("PUT", ada, target, "{\"enabled\":true,\"changed_by\":\"x\"}", 400,
		"not known here");
	expect("PUT", ada, "/api/v1/services/4711/snapshot-policy",
		"{\"enabled\":true}", 404, "no service has the id 4711");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_one_process_the_growth_counts),
		cmocka_unit_test(of_two_processes_the_rates_count),
		cmocka_unit_test(an_alert_shows_its_snapshots),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(wrong_questions_are_named),
		cmocka_unit_test(pages_are_the_list),
		cmocka_unit_test(a_policy_is_set_by_an_admin),
		cmocka_unit_test(wrong_policies_are_named),
		cmocka_unit_test(what_grew_is_held_against_the_requests),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
