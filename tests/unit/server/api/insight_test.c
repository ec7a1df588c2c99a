/*
 * What runs where, asked by people: pages without gaps, labels that tell versions
 * apart, deploys that are said once, and answers that claim nothing that is not known.
 */
#include "tests/support/api.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static char viewer[128], member[300];

static int set_up(void **state)
{
	char cookie[128];
	api_set_up(state);
	api_run_script(TIDEMARK_SOURCE_DIR "/tests/support/api_insight.sql");
	api_log_in("eve", viewer);
	api_log_in("bob", cookie);
	snprintf(member, sizeof member, "%s%s", cookie, API_JSON);
	return 0;
}

static json_t *expect(const char *target, int status)
{
	scoped_reply struct http_reply r;
	api_ask("GET", target, viewer, NULL, &r);
	if (r.status != status)
		fail_msg("%s: %d %s", target, r.status, r.body.data);
	json_error_t why;
	json_t *answer = json_loads(r.body.data, JSON_REJECT_DUPLICATES, &why);
	assert_non_null(answer);
	return answer;
}

static json_t *ask(const char *target)
{
	return expect(target, 200);
}

static void refused(const char *target, int status, const char *detail)
{
	json_t *answer = expect(target, status);
	const char *text = json_string_value(json_object_get(answer, "detail"));
	assert_non_null(text);
	if (!strstr(text, detail))
		fail_msg("%s: '%s' does not say '%s'", target, text, detail);
	json_decref(answer);
}

static const char *text_of(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	assert_non_null(text);
	return text;
}

static json_int_t int_of(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

/* Walks a list with one item a page, and counts what it saw. */
static size_t walk(const char *target, const char *list)
{
	char next[1200] = "", address[1600];
	size_t seen = 0;
	char separator = strchr(target, '?') ? '&' : '?';
	do {
		snprintf(address, sizeof address, "%s%climit=1%s%s", target, separator,
			*next ? "&after=" : "", next);
		json_t *page = ask(address);
		seen += json_array_size(json_object_get(page, list));
		const char *more = json_string_value(json_object_get(page, "next"));
		snprintf(next, sizeof next, "%s", more ? more : "");
		json_decref(page);
	} while (*next && seen < 100);
	return seen;
}

static void pages_have_no_gaps(void **state)
{
	(void)state;
	static const struct {
		const char *target, *list;
		size_t count;
	} lists[] = {
		{"/api/v1/services/21/fingerprints", "items", 3},
		{"/api/v1/fingerprints/26", "package_list", 6},
		{"/api/v1/fingerprints/26?filter=MS%40", "package_list", 2},
		{"/api/v1/packages?name=express", "items", 2},
		{"/api/v1/packages?name=%40pm2%2Fio&version=4.2.1", "items", 1},
		{"/api/v1/packages?name=left-pad", "items", 0},
		{"/api/v1/services/21/deploys", "items", 3},
		{"/api/v1/services/21/warnings", "items", 3},
		{"/api/v1/services/21/warnings?hours=1", "items", 1},
		{"/api/v1/services/21/queues", "items", 3},
		{"/api/v1/queues", "items", 4},
		{"/api/v1/queues?q=MAI", "items", 1},
		{"/api/v1/warnings", "items", 1},
		{"/api/v1/warnings?host=2", "items", 0},
		{"/api/v1/sources", "items", 5},
		{"/api/v1/sources?works=false", "items", 2},
	};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		size_t seen = walk(lists[i].target, lists[i].list);
		if (seen != lists[i].count)
			fail_msg("%s: %zu of %zu", lists[i].target, seen,
				lists[i].count);
	}
}

static void what_is_wrong_is_named(void **state)
{
	(void)state;
	refused("/api/v1/packages", 400, "name: is missing");
	refused("/api/v1/fingerprints/diff?from=25", 400, "to: is missing");
	refused("/api/v1/fingerprints/diff?from=25&to=9999", 404,
		"no version has the id 9999");
	refused("/api/v1/fingerprints/9999", 404, "no version has the id 9999");
	refused("/api/v1/fingerprints/x", 404, "no version has the id x");
	refused("/api/v1/instances/9999/insides", 404, "no instance has the id 9999");
	refused("/api/v1/queues/9999", 404, "no queue has the id 9999");
	refused("/api/v1/queues/9999/series", 404, "no queue has the id 9999");
	refused("/api/v1/services/21/census?hours=0", 400, "hours");
	refused("/api/v1/services/21/census?kind=houses", 400, "kind");
	refused("/api/v1/queues?after=bm9uZQ", 400, "after: not a cursor of this list");
	refused("/api/v1/sources?after=MSA5OSBh", 400, "after: not a cursor");
	refused("/api/v1/fingerprints/26?after=OTkgYQ", 400, "after: not a cursor");
	refused("/api/v1/queues?nmae=x", 400, "nmae");
}

static void equal_versions_are_told_apart_everywhere(void **state)
{
	(void)state;
	json_t *page = ask("/api/v1/services/21/instances");
	json_t *items = json_object_get(page, "items");
	json_t *version = json_object_get(json_array_get(items, 1), "version");
	assert_string_equal(text_of(version, "version"), "2.0.0 · deps 3f2a91");
	json_decref(page);
	page = ask("/api/v1/series?service=21&metric=heap_used_kb");
	version = json_object_get(
		json_array_get(json_object_get(page, "series"), 1), "version");
	assert_non_null(strstr(text_of(version, "version"), " · deps "));
	json_decref(page);
	/* A version of its own needs nothing more. */
	page = ask("/api/v1/fingerprints/27");
	assert_string_equal(text_of(page, "label"), "1.9.0");
	json_decref(page);
}

static void a_runtime_tells_apart_as_well(void **state)
{
	(void)state;
	api_sql("INSERT INTO fingerprint (id, service_id, version, runtime, hash) "
		"OVERRIDING SYSTEM VALUE VALUES (91, 21, '', 'node 18.1.0', "
		"'aaaaaa00000000000000000000000000'), (92, 21, '', 'node 20.1.0', "
		"'bbbbbb00000000000000000000000000'), (93, 21, '', 'node 20.1.0', "
		"'cccccc00000000000000000000000000'); "
		"INSERT INTO generation (slot_id, fingerprint_id, host_id, boot_id, "
		"pid, start_ticks, started_at, last_sample_at, command, rule) SELECT "
		"27, f, 1, 'b0', f, f, '2026-11-20', '2026-11-20', '', '' FROM "
		"generate_series(91, 93) AS f");
	static const char *const labels[] = {"node 18.1.0", "node 20.1.0 · deps bbbbbb",
		"node 20.1.0 · deps cccccc"};
	for (int i = 0; i < 3; i++) {
		char target[64];
		snprintf(target, sizeof target, "/api/v1/fingerprints/%d", 91 + i);
		json_t *answer = ask(target);
		assert_string_equal(text_of(answer, "label"), labels[i]);
		json_decref(answer);
	}
	api_sql("DELETE FROM generation WHERE fingerprint_id BETWEEN 91 AND 93; "
		"DELETE FROM fingerprint WHERE id BETWEEN 91 AND 93");
}

static void packages_nobody_told_are_not_lacking(void **state)
{
	(void)state;
	json_t *diff = ask("/api/v1/fingerprints/diff?from=27&to=26");
	assert_int_equal(json_array_size(json_object_get(diff, "added")), 0);
	assert_int_equal(json_array_size(json_object_get(diff, "removed")), 0);
	assert_false(json_is_true(
		json_object_get(json_object_get(diff, "from"), "is_known")));
	json_decref(diff);
}

static void a_deploy_said_twice_is_one(void **state)
{
	(void)state;
	static const char body[] =
		"{\"service\":\"orders\",\"version\":\"2.1.0\",\"at_ms\":1795339200000,"
		"\"kind\":\"config\",\"note\":\"larger pool\"}";
	json_int_t id = 0;
	for (int i = 0; i < 2; i++) {
		scoped_reply struct http_reply r;
		api_ask("POST", "/api/v1/deploys", member, body, &r);
		assert_int_equal(r.status, i == 0 ? 201 : 200);
		json_t *answer = json_loads(r.body.data, 0, NULL);
		if (i == 0)
			id = int_of(answer, "id");
		assert_int_equal(int_of(answer, "id"), id);
		assert_string_equal(text_of(answer, "actor"), "bob");
		assert_string_equal(text_of(answer, "note"), "larger pool");
		json_decref(answer);
	}
	json_t *list = ask("/api/v1/services/21/deploys?from=1795339200000"
			   "&to=1795339200000");
	assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
	json_decref(list);

	char admin[128];
	scoped_reply struct http_reply r;
	api_log_in("ada", admin);
	api_ask("GET", "/api/v1/audit?service=21", admin, NULL, &r);
	assert_int_equal(r.status, 200);
	json_t *audit = json_loads(r.body.data, 0, NULL);
	json_t *items = json_object_get(audit, "items");
	assert_int_equal(json_array_size(items), 1);
	json_t *entry = json_array_get(items, 0);
	assert_string_equal(text_of(entry, "action"), "deploy.put");
	assert_string_equal(text_of(entry, "detail"), "config of 2.1.0: larger pool");
	json_decref(audit);
}

static void a_deploy_stands_in_the_chart(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/series?service=21&metric=rss_kb");
	json_t *marks = json_object_get(answer, "marks");
	bool found = false;
	for (size_t i = 0; i < json_array_size(marks); i++) {
		json_t *mark = json_array_get(marks, i);
		if (strcmp(text_of(mark, "kind"), "load") != 0)
			continue;
		found = true;
		assert_int_equal(int_of(mark, "instance"), 0);
		assert_int_equal(int_of(mark, "at_ms"), 1795339800000);
		assert_string_equal(text_of(mark, "text"), "ab -c 10 for ten minutes");
	}
	assert_true(found);
	json_decref(answer);
}

static void a_bad_deploy_is_refused_by_name(void **state)
{
	(void)state;
	static const struct {
		const char *body, *pointer;
	} bad[] = {
		{"{}", "/service"},
		{"{\"service\":\"nobody\"}", "/service"},
		{"{\"service\":7}", "/service"},
		{"{\"service\":\"orders\",\"kind\":\"party\"}", "/kind"},
		{"{\"service\":\"orders\",\"at_ms\":1}", "/at_ms"},
		{"{\"service\":\"orders\",\"at_ms\":\"now\"}", "/at_ms"},
		{"{\"service\":\"orders\",\"version\":false}", "/version"},
		{"{\"service\":\"orders\",\"notes\":\"\"}", NULL},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		scoped_reply struct http_reply r;
		api_ask("POST", "/api/v1/deploys", member, bad[i].body, &r);
		if (r.status != 400)
			fail_msg("%s: %d", bad[i].body, r.status);
		if (bad[i].pointer && !strstr(r.body.data, bad[i].pointer))
			fail_msg("%s: %s", bad[i].body, r.body.data);
	}
}

static void viewers_read_and_members_say(void **state)
{
	(void)state;
	static const char *const targets[] = {"/api/v1/services/21/fingerprints",
		"/api/v1/fingerprints/26", "/api/v1/fingerprints/diff?from=25&to=26",
		"/api/v1/packages?name=ms", "/api/v1/services/21/deploys",
		"/api/v1/instances/28/insides", "/api/v1/services/21/census",
		"/api/v1/services/21/warnings", "/api/v1/warnings", "/api/v1/queues",
		"/api/v1/queues/1", "/api/v1/queues/1/series",
		"/api/v1/services/21/queues", "/api/v1/sources"};
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		scoped_reply struct http_reply r;
		api_ask("GET", targets[i], "", NULL, &r);
		if (r.status != 401)
			fail_msg("%s: %d for nobody", targets[i], r.status);
		json_decref(ask(targets[i]));
	}
	char headers[300];
	snprintf(headers, sizeof headers, "%s%s", viewer, API_JSON);
	scoped_reply struct http_reply r;
	api_ask("POST", "/api/v1/deploys", headers, "{\"service\":\"orders\"}", &r);
	assert_int_equal(r.status, 403);
}

static void a_counter_that_begins_anew_is_no_flow(void **state)
{
	(void)state;
	json_t *queue = ask("/api/v1/queues/1");
	assert_true(json_number_value(json_object_get(queue, "in_per_min")) == 120);
	assert_true(json_number_value(json_object_get(queue, "out_per_min")) == 90);
	assert_true(json_is_null(json_object_get(queue, "drain_s")));
	json_decref(queue);
	/* 1,210 that wait, 30 fewer each minute. */
	queue = ask("/api/v1/queues/2");
	assert_int_equal(int_of(queue, "drain_s"), 2420);
	json_decref(queue);
}

static void what_no_counter_tells_follows_from_the_depth(void **state)
{
	(void)state;
	api_sql("UPDATE queue_sample SET entered = NULL WHERE queue_id = 2");
	json_t *queue = ask("/api/v1/queues/2");
	assert_true(json_number_value(json_object_get(queue, "in_per_min")) == 60);
	json_decref(queue);
	/* The depth alone tells no flow, only its balance. */
	queue = ask("/api/v1/queues/3");
	assert_true(json_is_null(json_object_get(queue, "in_per_min")));
	assert_true(json_number_value(json_object_get(queue, "net_per_min")) == 0);
	json_decref(queue);
	/* One that nobody reads any more. */
	queue = ask("/api/v1/queues/4");
	assert_true(json_is_null(json_object_get(queue, "depth")));
	assert_int_equal(int_of(queue, "at_ms"), 1795334395000);
	json_decref(queue);
}

static void one_odd_count_does_not_move_a_growth(void **state)
{
	(void)state;
	api_sql("UPDATE census SET counts[1] = 900000 WHERE generation_id = 33 "
		"AND at = '2026-11-22 07:58+00'");
	json_t *page = ask("/api/v1/services/21/census?kind=timers");
	json_t *item = json_array_get(json_object_get(page, "items"), 0);
	assert_int_equal(json_array_size(json_object_get(page, "items")), 1);
	double per_hour = json_number_value(json_object_get(item, "per_hour"));
	assert_true(per_hour > 700 && per_hour < 740);
	assert_int_equal(int_of(item, "total"), 2 * 23480);
	json_decref(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_have_no_gaps),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(equal_versions_are_told_apart_everywhere),
		cmocka_unit_test(a_runtime_tells_apart_as_well),
		cmocka_unit_test(packages_nobody_told_are_not_lacking),
		cmocka_unit_test(a_deploy_said_twice_is_one),
		cmocka_unit_test(a_deploy_stands_in_the_chart),
		cmocka_unit_test(a_bad_deploy_is_refused_by_name),
		cmocka_unit_test(viewers_read_and_members_say),
		cmocka_unit_test(a_counter_that_begins_anew_is_no_flow),
		cmocka_unit_test(what_no_counter_tells_follows_from_the_depth),
		cmocka_unit_test(one_odd_count_does_not_move_a_growth),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
