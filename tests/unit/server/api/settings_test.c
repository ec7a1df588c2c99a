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
		"\"name\":\"grace\",\"role\":\"operator\",\"services\":null,"
		"\"password_is_one_time\":true");
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
	/* Under a new session alone: one that was watched or stolen gains nothing. */
	expect("GET", "/api/v1/fleet", eve, "", 401, "log in");
	api_log_in("eve", eve);
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
	api_log_in("bob", bob);
	expect("PUT", "/api/v1/users/1", bob, "{\"role\":\"operator\"}", 200,
		"operator");
	api_log_in("ada", ada);
	expect("GET", "/api/v1/users", ada, "", 403, "admin");
	expect("PUT", "/api/v1/users/1", bob, "{\"role\":\"admin\"}", 200, "admin");
	api_log_in("ada", ada);
	expect("PUT", "/api/v1/users/2", ada, "{\"role\":\"operator\"}", 200,
		"operator");
	api_log_in("bob", bob);
}

static void who_changes_his_own_role_goes_on_under_a_new_id(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	char cookie[128];
	expect("PUT", "/api/v1/users/2", ada, "{\"role\":\"admin\"}", 200, "admin");
	step("PUT", "/api/v1/users/1", ada, "{\"role\":\"operator\"}", 200, &r);
	assert_true(http_field(&r, "Set-Cookie", cookie, sizeof cookie));
	expect("GET", "/api/v1/fleet", ada, "", 401, "log in");
	snprintf(
		ada, sizeof ada, "Cookie: %.*s\r\n", (int)strcspn(cookie, ";"), cookie);
	expect("GET", "/api/v1/session", ada, "", 200, "operator");
	api_log_in("bob", bob);
	expect("PUT", "/api/v1/users/1", bob, "{\"role\":\"admin\"}", 200, "admin");
	api_log_in("ada", ada);
	expect("PUT", "/api/v1/users/2", ada, "{\"role\":\"operator\"}", 200,
		"operator");
	api_log_in("bob", bob);
}

static void users_are_limited_to_services(void **state)
{
	(void)state;
	char eve[128];
	static const struct {
		const char *body;
		int status;
		const char *says;
	} tries[] = {
		{"{}", 400, "/role"},
		{"{\"services\":[]}", 400, "/services"},
		{"{\"services\":[\"\"]}", 400, "/services"},
		{"{\"services\":[7]}", 400, "/services"},
		{"{\"services\":\"a\"}", 400, "/services"},
		{"{\"services\":[\"a\\nb\"]}", 400, "/services"},
		{"{\"role\":\"admin\",\"services\":[\"a\"]}", 400, "/services"},
		{"{\"services\":[\"post*\",\"x\"]}", 200, "[\"post*\",\"x\"]"},
		{"{\"role\":\"operator\"}", 200, "[\"post*\",\"x\"]"},
	};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
		expect("PUT", "/api/v1/users/3", ada, tries[i].body, tries[i].status,
			tries[i].says);
	api_log_in("eve", eve);
	expect("GET", "/api/v1/session", eve, "", 200, "[\"post*\",\"x\"]");
	expect("GET", "/api/v1/services/1", eve, "", 404, "no service");
	expect("GET", "/api/v1/services/2", eve, "", 200, "postgresql");
	expect("PUT", "/api/v1/users/1", ada, "{\"services\":[\"a\"]}", 400, "admin");
	expect("GET", "/api/v1/audit?action=user.role&actor=ada", ada, "", 200,
		"viewer, limited to post*, x");
	expect("PUT", "/api/v1/users/3", ada, "{\"role\":\"viewer\",\"services\":null}",
		200, "\"services\":null");
	api_log_in("eve", eve);
	expect("GET", "/api/v1/services/1", eve, "", 200, "checkout");
}

/* Makes an API token and leaves its header. */
static void make_token(
	const char *body, char header[200], char id[64], const char *says)
{
	scoped_reply struct http_reply r;
	char whole[128];
	step("POST", "/api/v1/tokens", ada, body, 200, &r);
	if (!strstr(r.body.data, says))
		fail_msg("%s: %s", body, r.body.data);
	member(&r, "id", id);
	const char *at = strstr(r.body.data, "\"secret\":\"");
	assert_non_null(at);
	at += strlen("\"secret\":\"");
	snprintf(whole, sizeof whole, "%.*s", (int)strcspn(at, "\""), at);
	snprintf(header, 200, "Authorization: Bearer %s\r\n", whole);
}

static void a_token_may_less_than_who_made_it(void **state)
{
	(void)state;
	char token[200], id[64], path[100];
	make_token("{\"kind\":\"api\",\"role\":\"operator\",\"services\":["
		   "\"postgresql\"]}",
		token, id, "\"role\":\"operator\",\"services\":[\"postgresql\"]");
	expect("GET", "/api/v1/services/1", token, "", 404, "no service");
	expect("GET", "/api/v1/services/2", token, "", 200, "postgresql");
	expect("GET", "/api/v1/users", token, "", 403, "role admin");
	expect("POST", "/api/v1/alerts/2/notes", token, "{\"text\":\"x\"}", 200, "x");
	expect("POST", "/api/v1/alerts/1/notes", token, "{\"text\":\"x\"}", 404, "no");
	expect("GET", "/api/v1/tokens", ada, "", 200, "\"last_used_at_ms\":1");
	snprintf(path, sizeof path, "/api/v1/tokens/%s/revoke", id);
	expect("POST", path, ada, "", 200, "revoked_at_ms");
	expect("GET", "/api/v1/services/2", token, "", 401, "log in");
	expect("POST", "/api/v1/tokens", ada, "{\"kind\":\"api\",\"services\":[\"a\"]}",
		400, "viewer's or operator's");
	expect("POST", "/api/v1/tokens", ada, "{\"kind\":\"api\",\"role\":\"root\"}",
		400, "/role");
	expect("POST", "/api/v1/tokens", ada, "{\"kind\":\"join\",\"role\":\"viewer\"}",
		400, "join token");
}

/* A token does not outlive what its maker may. */
static void a_token_ends_with_who_made_it(void **state)
{
	(void)state;
	char token[200], id[64], own[128];
	expect("PUT", "/api/v1/users/2", ada, "{\"role\":\"admin\"}", 200, "admin");
	memcpy(own, ada, sizeof own);
	api_log_in("bob", ada);
	make_token("{\"kind\":\"api\"}", token, id, "\"role\":null");
	memcpy(ada, own, sizeof own);
	/* Nor does what it makes; and it cannot turn people out. */
	expect("POST", "/api/v1/tokens", token, "{\"kind\":\"api\"}", 403, "log in");
	expect("POST", "/api/v1/tokens", token, "{\"kind\":\"join\"}", 200, "secret");
	expect("GET", "/api/v1/sessions", token, "", 403, "log in");
	expect("DELETE", "/api/v1/sessions/1", token, "", 403, "log in");
	expect("GET", "/api/v1/users", token, "", 200, "bob");
	expect("PUT", "/api/v1/users/2", ada,
		"{\"role\":\"viewer\",\"services\":[\"post*\"]}", 200, "viewer");
	expect("GET", "/api/v1/users", token, "", 403, "role admin");
	expect("GET", "/api/v1/services/1", token, "", 404, "no service");
	expect("GET", "/api/v1/services/2", token, "", 200, "postgresql");
	expect("POST", "/api/v1/users/2/retire", ada, "", 200, "retired");
	expect("GET", "/api/v1/services/2", token, "", 401, "log in");
	expect("POST", "/api/v1/users/2/restore", ada, "", 200, "bob");
	expect("GET", "/api/v1/services/2", token, "", 401, "log in");
	expect("PUT", "/api/v1/users/2", ada,
		"{\"role\":\"operator\",\"services\":null}", 200, "operator");
	api_log_in("bob", bob);
}

static void sessions_are_listed_and_ended(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	char here[128], there[128], path[100];
	api_log_in("eve", here);
	api_log_in("eve", there);
	step("GET", "/api/v1/sessions", here, "", 200, &r);
	const char *other = strstr(r.body.data, "\"is_this\":false");
	assert_non_null(other);
	assert_non_null(strstr(r.body.data, "\"is_this\":true"));
	assert_non_null(strstr(r.body.data, "127.0.0.1"));
	/* Those of others are not there, nor to be ended. */
	int64_t last = 0;
	for (const char *at = r.body.data; (at = strstr(at, "\"id\":")); at++) {
		last = strtoll(at + 5, NULL, 10);
		snprintf(path, sizeof path, "/api/v1/sessions/%lld", (long long)last);
		expect("DELETE", path, bob, "", 404, "no session");
	}
	for (const char *at = r.body.data; (at = strstr(at, "{\"id\":")); at++) {
		const char *is_this = strstr(at, "\"is_this\":");
		if (strncmp(is_this, "\"is_this\":true", 14) == 0)
			continue;
		snprintf(path, sizeof path, "/api/v1/sessions/%lld",
			strtoll(at + 6, NULL, 10));
		expect("DELETE", path, here, "", 204, "");
	}
	expect("GET", "/api/v1/fleet", there, "", 401, "log in");
	expect("GET", "/api/v1/fleet", here, "", 200, "hosts");
}

/* Counts what the audit says, and that a name that may be a password is not kept. */
static void logins_stand_in_the_audit(void **state)
{
	(void)state;
	static const char *const names[] = {"eve", "hunter2-secret"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		int status;
		/* Those before may have made this one wait. */
		while ((status = log_in(names[i], "wrong wrong")) == 429)
			usleep(200000);
		assert_int_equal(status, 401);
	}
	expect("GET", "/api/v1/audit?action=session.failed", ada, "", 200,
		"\"subject\":\"eve\",\"detail\":\"127.0.0.1\"");
	expect("GET", "/api/v1/audit?action=session", ada, "", 200, "unknown name");
	expect("GET", "/api/v1/audit?action=session&actor=eve", ada, "", 200,
		"session.begin");
	scoped_reply struct http_reply r;
	step("GET", "/api/v1/audit", ada, "", 200, &r);
	assert_null(strstr(r.body.data, "hunter2"));
	expect("GET", "/api/v1/audit?to=1", ada, "", 200, "\"items\":[]");
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
		cmocka_unit_test(who_changes_his_own_role_goes_on_under_a_new_id),
		cmocka_unit_test(users_are_limited_to_services),
		cmocka_unit_test(a_token_may_less_than_who_made_it),
		cmocka_unit_test(a_token_ends_with_who_made_it),
		cmocka_unit_test(sessions_are_listed_and_ended),
		cmocka_unit_test(an_experiment_begins_and_ends),
		cmocka_unit_test(experiments_come_in_pages),
		cmocka_unit_test(a_new_password_ends_sessions),
		cmocka_unit_test(logins_stand_in_the_audit), /* fails to log in */
	};
	return cmocka_run_group_tests(tests, begin, api_tear_down);
}
