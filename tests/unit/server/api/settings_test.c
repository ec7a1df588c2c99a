/*
 * Users and experiments: who may log in, and what is marked on the charts.
 */
#include "tests/support/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

static char ada[128], bob[128];

static int begin(void **state)
{
	api_set_up(state);
	api_log_in("ada", ada);
	api_log_in("bob", bob);
	return 0;
}

/* Sends JSON, expects the status, and leaves the answer. */
static void step(const char *method, const char *target, const char *who,
	const char *body, int status, struct http_reply *r)
{
	char headers[256];
	snprintf(headers, sizeof headers, "%s%s", API_JSON, who);
	api_ask(method, target, headers, body, r);
	if (r->status != status)
		fail_msg("%s %s: %d %s", method, target, r->status, r->body.data);
}

static void expect(const char *method, const char *target, const char *who,
	const char *body, int status, const char *says)
{
	scoped_reply struct http_reply r;
	step(method, target, who, body, status, &r);
	if (!strstr(r.body.data, says))
		fail_msg("%s %s does not say '%s': %s", method, target, says,
			r.body.data);
}

/* The value of a text member of an answer. */
static void member(const struct http_reply *r, const char *name, char out[64])
{
	char key[32];
	snprintf(key, sizeof key, "\"%s\":\"", name);
	const char *at = strstr(r->body.data, key);
	assert_non_null(at);
	at += strlen(key);
	snprintf(out, 64, "%.*s", (int)strcspn(at, "\""), at);
}

static int log_in(const char *name, const char *password)
{
	scoped_reply struct http_reply r;
	char body[256];
	snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"%s\"}", name,
		password);
	api_ask("POST", "/api/v1/session", API_JSON, body, &r);
	return r.status;
}

static void a_new_user_gets_a_password_that_is_shown_once(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	char password[64];
	step("POST", "/api/v1/users", ada, "{\"name\":\"grace\",\"role\":\"operator\"}",
		201, &r);
	member(&r, "password", password);
	assert_int_equal(log_in("grace", password), 200);
	expect("GET", "/api/v1/users", ada, "", 200,
		"\"name\":\"grace\",\"role\":\"operator\",\"password_is_one_time\":"
		"true");
	expect("POST", "/api/v1/users", ada, "{\"name\":\"grace\",\"role\":\"viewer\"}",
		400, "/name");
	expect("POST", "/api/v1/users", ada, "{\"name\":\"<img>\",\"role\":\"viewer\"}",
		400, "/name");
	expect("POST", "/api/v1/users", ada, "{\"name\":\"x\",\"role\":\"root\"}", 400,
		"/role");
}

static void who_has_left_is_let_in_no_more(void **state)
{
	(void)state;
	char eve[128];
	api_log_in("eve", eve);
	expect("GET", "/api/v1/fleet", eve, "", 200, "hosts");
	expect("POST", "/api/v1/users/3/retire", ada, "", 200, "\"retired_at_ms\":1");
	expect("GET", "/api/v1/fleet", eve, "", 401, "log in");
	assert_int_equal(log_in("eve", API_PASSWORD), 401);
	expect("POST", "/api/v1/users/3/restore", ada, "", 200,
		"\"retired_at_ms\":null");
	assert_int_equal(log_in("eve", API_PASSWORD), 200);
	expect("GET", "/api/v1/audit", ada, "", 200, "user.retire");
}

static void a_role_holds_at_once(void **state)
{
	(void)state;
	char eve[128];
	api_log_in("eve", eve);
	expect("POST", "/api/v1/alerts/1/notes", eve, "{\"text\":\"x\"}", 403, "role");
	expect("PUT", "/api/v1/users/3", ada, "{\"role\":\"operator\"}", 200,
		"\"role\":\"operator\"");
	expect("POST", "/api/v1/alerts/1/notes", eve, "{\"text\":\"x\"}", 200,
		"events");
	expect("PUT", "/api/v1/users/3", ada, "{\"role\":\"viewer\"}", 200,
		"\"role\":\"viewer\"");
}

static void one_admin_is_always_left(void **state)
{
	(void)state;
	expect("POST", "/api/v1/users/1/retire", ada, "", 409, "last admin");
	expect("PUT", "/api/v1/users/1", ada, "{\"role\":\"viewer\"}", 409,
		"last admin");
	expect("PUT", "/api/v1/users/2", ada, "{\"role\":\"admin\"}", 200, "admin");
	expect("PUT", "/api/v1/users/1", bob, "{\"role\":\"operator\"}", 200,
		"operator");
	expect("GET", "/api/v1/users", ada, "", 403, "admin");
	expect("PUT", "/api/v1/users/1", bob, "{\"role\":\"admin\"}", 200, "admin");
	expect("PUT", "/api/v1/users/2", ada, "{\"role\":\"operator\"}", 200,
		"operator");
}

static void a_new_password_ends_sessions(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	char eve[128], password[64];
	api_log_in("eve", eve);
	step("POST", "/api/v1/users/3/password", ada, "", 200, &r);
	member(&r, "password", password);
	expect("GET", "/api/v1/fleet", eve, "", 401, "log in");
	assert_int_equal(log_in("eve", API_PASSWORD), 401);
	assert_int_equal(log_in("eve", password), 200);
}

static void an_experiment_begins_and_ends(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	char target[96];
	expect("POST", "/api/v1/experiments", bob,
		"{\"service\":\"nowhere\",\"name\":\"x\"}", 400, "/service");
	expect("POST", "/api/v1/experiments", bob,
		"{\"service\":\"checkout\",\"name\":\"\"}", 400, "/name");
	expect("POST", "/api/v1/experiments", bob,
		"{\"service\":\"checkout\",\"name\":\"x\",\"from_ms\":1795341600000,"
		"\"to_ms\":1795341500000}",
		400, "/to_ms");
	step("POST", "/api/v1/experiments", bob,
		"{\"service\":\"checkout\",\"name\":\"40/s\",\"note\":\"ab\"}", 201,
		&r);
	assert_non_null(strstr(r.body.data, "\"to_ms\":null"));
	int id = atoi(strstr(r.body.data, "\"id\":") + 5);
	expect("GET", "/api/v1/experiments?service=1", bob, "", 200, "40/s");
	expect("GET", "/api/v1/experiments?service=2", bob, "", 200, "\"items\":[]");
	snprintf(target, sizeof target, "/api/v1/experiments/%d/end", id);
	expect("POST", target, bob, "", 200, "\"to_ms\":1795341600000");
	expect("POST", target, bob, "", 409, "ended");
	snprintf(target, sizeof target, "/api/v1/experiments/%d", id);
	expect("DELETE", target, bob, "", 200, "40/s");
	expect("GET", target, bob, "", 404, "experiment");
	expect("GET", "/api/v1/audit", ada, "", 200, "experiment.drop");
}

static void experiments_come_in_pages(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	char next[64], target[128];
	step("GET", "/api/v1/experiments?limit=1", bob, "", 200, &r);
	assert_non_null(strstr(r.body.data, "canary"));
	member(&r, "next", next);
	snprintf(target, sizeof target, "/api/v1/experiments?limit=1&after=%s", next);
	expect("GET", target, bob, "", 200, "load of");
	expect("GET", "/api/v1/experiments?after=7", bob, "", 400, "after");
	expect("GET", "/api/v1/experiments?from=1795333000000", bob, "", 200, "canary");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_user_gets_a_password_that_is_shown_once),
		cmocka_unit_test(who_has_left_is_let_in_no_more),
		cmocka_unit_test(a_role_holds_at_once),
		cmocka_unit_test(one_admin_is_always_left),
		cmocka_unit_test(an_experiment_begins_and_ends),
		cmocka_unit_test(experiments_come_in_pages),
		cmocka_unit_test(a_new_password_ends_sessions),
	};
	return cmocka_run_group_tests(tests, begin, api_tear_down);
}
