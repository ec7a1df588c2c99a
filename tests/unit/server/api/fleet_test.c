/*
 * The fleet by host, version and label; hosts, the labels that people give them, and
 * what is found by its name.
 */
#include "tests/support/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static char bob[256], eve[256];

static int set_up(void **state)
{
	char cookie[128];
	api_set_up(state);
	api_log_in("bob", cookie);
	snprintf(bob, sizeof bob, "%s" API_JSON, cookie);
	api_log_in("eve", cookie);
	snprintf(eve, sizeof eve, "%s" API_JSON, cookie);
	return 0;
}

static void ask(const char *who, const char *method, const char *target,
	const char *body, int status, const char *text)
{
	scoped_reply struct http_reply r;
	char path[400];
	snprintf(path, sizeof path, "/api/v1/%s", target);
	api_ask(method, path, who, body, &r);
	if (r.status != status || !strstr(r.body.data, text))
		fail_msg("%s: %d, not %d with '%s': %s", target, r.status, status, text,
			r.body.data);
}

static void get(const char *target, int status, const char *text)
{
	ask(eve, "GET", target, NULL, status, text);
}

static void lacks(const char *target, const char *text)
{
	scoped_reply struct http_reply r;
	char path[400];
	snprintf(path, sizeof path, "/api/v1/%s", target);
	api_ask("GET", path, eve, NULL, &r);
	assert_int_equal(r.status, 200);
	if (strstr(r.body.data, text))
		fail_msg("%s says '%s': %s", target, text, r.body.data);
}

static void set(const char *who, const char *match, const char *labels, int status,
	const char *text)
{
	char headers[400], body[4000];
	snprintf(headers, sizeof headers, "%s%s", who, match);
	snprintf(body, sizeof body, "{\"labels\":%s}", labels);
	ask(headers, "PUT", "hosts/2/labels", body, status, text);
}

static void labels_are_set_at_once(void **state)
{
	(void)state;
	set(bob, "If-Match: \"1\"\r\n", "{\"env\":\"test\",\"team\":\"a=b c\"}", 200,
		"\"labels\":{\"env\":\"test\",\"team\":\"a=b "
		"c\"},\"labels_revision\":2");
	get("groups?by=label&label=team", 200, "\"name\":\"a=b c\"");
	get("hosts", 200, "\"key\":\"team\",\"values\":[\"a=b c\"],\"of\":[-1,0]");
	/* Who saw the first ones is told so. */
	set(bob, "If-Match: \"1\"\r\n", "{}", 412, "read again");
	set(bob, "If-Match: \"2-abc\"\r\n", "{}", 200,
		"\"labels\":{},\"labels_revision\":3");
	set(bob, "If-Match: *\r\n", "{\"a\":\"b\"}", 200, "\"labels_revision\":4");
	set(bob, "If-Match: four\r\n", "{}", 400, "If-Match");
	api_sql("DO $$ BEGIN ASSERT (SELECT count(*) FROM audit WHERE action = "
		"'labels.set' AND actor = 'bob' AND host_id = 2 AND subject = 'web-2') "
		"= "
		"3; END $$");
}

static void labels_are_bounded(void **state)
{
	(void)state;
	char many[400] = "{\"k0\":\"v\"";
	for (int i = 1; i <= 16; i++)
		snprintf(many + strlen(many), sizeof many - strlen(many),
			",\"k%d\":\"v\"", i);
	strcat(many, "}");
	set(bob, "", many, 400, "too many");
	set(bob, "", "{\"Env\":\"a\"}", 400, "small letters");
	set(bob, "", "{\"\":\"a\"}", 400, "small letters");
	set(bob, "", "{\"a\\u0000b\":\"a\"}", 400, "JSON");
	set(bob, "", "{\"env\":\"\"}", 400, "is empty");
	set(bob, "", "{\"env\":\"a\\nb\"}", 400, "control character");
	set(bob, "", "{\"env\":7}", 400, "must be a string");
	set(bob, "", "[]", 400, "must be an object");
	char long_value[400];
	snprintf(long_value, sizeof long_value, "{\"env\":\"%0*d\"}", 121, 0);
	set(bob, "", long_value, 400, "longer than 120 bytes");
	ask(bob, "PUT", "hosts/2/labels", "{}", 400, "is missing");
	ask(bob, "PUT", "hosts/999/labels", "{\"labels\":{}}", 404, "no host");
	ask(bob, "PUT", "hosts/x/labels", "{\"labels\":{}}", 404, "no host");
	set(eve, "", "{}", 403, "");
}

static void a_host_is_missing(void **state)
{
	(void)state;
	get("hosts/999", 404, "no host");
	get("hosts/999/instances", 404, "no host");
	get("hosts?service=1,2", 400, "only one");
	get("hosts?service=x", 400, "service");
	get("hosts/1/instances?limit=1&after=", 200, "\"next\"");
	/* A service that nobody has heard of runs nowhere. */
	get("hosts?service=999", 200, "\"verdict\":[-1,-1]");
}

static void groups_are_asked_for_by_something(void **state)
{
	(void)state;
	get("groups", 400, "by: must be");
	get("groups?by=service", 400, "by");
	get("groups?by=host,version", 400, "by: must be");
	get("groups?by=label", 400, "label: goes with");
	get("groups?by=host&label=env", 400, "label: goes with");
	get("groups?by=host&verdict=leak,watch", 400, "only one");
	get("groups?by=host&q=WEB-1", 200, "\"name\":\"web-1\"");
	lacks("groups?by=host&q=WEB-1", "web-2");
	get("groups?by=version&verdict=leak", 200, "\"name\":\"1.1.0\"");
	lacks("groups?by=version&verdict=leak", "\"name\":\"1.0.0\"");
	/* By a part of the service's name, too. */
	get("groups?by=version&q=postgres", 200, "\"name\":\"15\"");
	get("groups?by=label&label=nobody-has-it", 200, "\"hosts\":2");
}

static void what_a_host_runs_is_what_it_is_said_to(void **state)
{
	(void)state;
	/* An agent that is gone takes its host along. */
	api_sql("UPDATE agent SET revoked_at = '2026-11-22 09:00+00' WHERE id = 2");
	lacks("groups?by=host", "web-2");
	lacks("hosts", "web-2");
	get("hosts/2", 200, "\"state\":\"revoked\"");
	api_sql("UPDATE agent SET revoked_at = NULL WHERE id = 2");
	/* Of a host that was silent for two days nothing is known. */
	api_sql("UPDATE agent SET last_seen_at = '2026-11-20 09:00+00' WHERE id = 1");
	get("groups?by=host&q=web-1", 200, "\"instances\":0");
	get("hosts", 200, "\"agent\":[1,1]");
	api_sql("UPDATE agent SET last_seen_at = '2026-11-22 09:59:56+00' WHERE id = "
		"1");
	get("groups?by=host&q=web-1", 200, "\"instances\":6");
}

static void names_are_found(void **state)
{
	(void)state;
	api_sql("INSERT INTO package (name, version) VALUES ('@pm2/io', '4.2.1'), "
		"('io-ts', "
		"'2.0.0'), ('io-ts', '2.1.0'), ('bio', '1.0.0')");
	get("search", 400, "q");
	get("search?q=", 400, "q");
	get("search?q=WEB", 200, "\"hosts\":[{\"id\":1,\"name\":\"web-1\"},{\"id\":2");
	get("search?q=check", 200,
		"\"services\":[{\"id\":1,\"name\":\"checkout\",\"verdict\":\"leak\"}]");
	get("search?q=checkout%201.1", 200, "\"version\":\"1.1.0\"");
	lacks("search?q=checkout%201.1", "\"version\":\"1.0.0\"");
	get("search?q=%231", 200, "\"alerts\":[{\"id\":1,");
	/* By how they begin, once each, the shortest first. */
	get("search?q=io", 200,
		"\"packages\":[{\"name\":\"io-ts\"},{\"name\":\"@pm2/io\"}]");
	lacks("search?q=io", "bio");
	/* What stands for something in a pattern stands for itself. */
	get("search?q=%25", 200, "\"hosts\":[],\"services\":[],\"versions\":[]");
	get("search?q=_", 200, "\"hosts\":[],\"services\":[]");
	get("search?q=%27%3B--", 200, "\"hosts\":[]");
}

static void at_most_eight_of_each(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	api_sql("INSERT INTO service (name) SELECT 'many-' || n FROM "
		"generate_series(1, 30) n");
	api_ask("GET", "/api/v1/search?q=many", eve, NULL, &r);
	assert_int_equal(r.status, 200);
	int found = 0;
	for (const char *at = r.body.data; (at = strstr(at, "\"many-")); at++)
		found++;
	assert_int_equal(found, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_is_missing),
		cmocka_unit_test(groups_are_asked_for_by_something),
		cmocka_unit_test(what_a_host_runs_is_what_it_is_said_to),
		cmocka_unit_test(labels_are_set_at_once),
		cmocka_unit_test(labels_are_bounded),
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(at_most_eight_of_each),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
