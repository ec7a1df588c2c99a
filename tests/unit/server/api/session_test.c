/*
 * Who may do what, and how hard it is to pretend: logins, sessions, roles, requests
 * that other sites make a browser send.
 */
#include "server/api/auth.h"
#include "server/store/sessions.h"
#include "tests/support/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
/* After what it needs. */
#include <cmocka.h>

static int restart(void **state)
{
	/* Forgets what the throttle has counted. */
	(void)state;
	api_stop(api_under_test);
	atomic_store(&api_now, API_NOW_MS);
	api_launch();
	return 0;
}

static int status_of(
	const char *method, const char *target, const char *headers, const char *body)
{
	scoped_reply struct http_reply r;
	api_ask(method, target, headers, body, &r);
	return r.status;
}

static void log_in_with(const char *name, const char *password, struct http_reply *r)
{
	char body[256];
	snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"%s\"}", name,
		password);
	api_ask("POST", "/api/v1/session", API_JSON, body, r);
}

static void a_session_begins_and_ends(void **state)
{
	(void)state;
	scoped_reply struct http_reply nobody, r, out;
	char cookie[128], value[256];
	api_ask("GET", "/api/v1/session", "", NULL, &nobody);
	assert_int_equal(nobody.status, 200);
	assert_string_equal(nobody.body.data, "null");
	assert_int_equal(status_of("GET", "/api/v1/fleet", "", NULL), 401);
	api_log_in("ada", cookie);
	api_ask("GET", "/api/v1/session", cookie, NULL, &r);
	assert_string_equal(r.body.data,
		"{\"user\":\"ada\",\"role\":\"admin\",\"services\":null,"
		"\"password_is_one_time\":true}");
	api_ask("DELETE", "/api/v1/session", cookie, NULL, &out);
	assert_int_equal(out.status, 204);
	assert_true(http_field(&out, "Set-Cookie", value, sizeof value));
	assert_non_null(strstr(value, "tidemark_session=; "));
	assert_non_null(strstr(value, "Max-Age=0"));
	assert_int_equal(status_of("GET", "/api/v1/fleet", cookie, NULL), 401);
	assert_int_equal(status_of("DELETE", "/api/v1/session", "", NULL), 204);
}

static void the_cookie_is_for_browsers_alone(void **state)
{
	(void)state;
	scoped_reply struct http_reply r, tls;
	char value[256];
	log_in_with("eve", API_PASSWORD, &r);
	assert_true(http_field(&r, "Set-Cookie", value, sizeof value));
	assert_non_null(
		strstr(value, "; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800"));
	assert_null(strstr(value, "Secure"));
	api_ask("POST", "/api/v1/session", API_JSON "X-Forwarded-Proto: https\r\n",
		"{\"name\":\"eve\",\"password\":\"" API_PASSWORD "\"}", &tls);
	assert_true(http_field(&tls, "Set-Cookie", value, sizeof value));
	assert_non_null(strstr(value, "; Secure"));
	/* Over TLS it is one that no neighbour can set, and no other counts. */
	assert_int_equal(strncmp(value, "__Host-tidemark_session=", 24), 0);
	assert_null(strstr(value, "Domain"));
	char headers[512];
	snprintf(headers, sizeof headers,
		"X-Forwarded-Proto: https\r\nCookie: %.*s\r\n",
		(int)strcspn(value, ";"), value);
	assert_int_equal(status_of("GET", "/api/v1/fleet", headers, NULL), 200);
	snprintf(headers, sizeof headers,
		"X-Forwarded-Proto: https\r\nCookie: %.*s\r\n",
		(int)strcspn(value + 7, ";"), value + 7);
	assert_int_equal(status_of("GET", "/api/v1/fleet", headers, NULL), 401);
	char cache[32];
	assert_true(http_field(&r, "Cache-Control", cache, sizeof cache));
	assert_string_equal(cache, "no-store");
}

static void a_login_always_makes_a_new_session(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	char old[128], fresh[256], headers[256];
	api_log_in("eve", old);
	snprintf(headers, sizeof headers, "%s" API_JSON, old);
	api_ask("POST", "/api/v1/session", headers,
		"{\"name\":\"eve\",\"password\":\"" API_PASSWORD "\"}", &r);
	assert_int_equal(r.status, 200);
	assert_true(http_field(&r, "Set-Cookie", fresh, sizeof fresh));
	assert_null(strstr(fresh, strchr(old, '=') + 1));
	assert_int_equal(status_of("GET", "/api/v1/fleet", old, NULL), 401);
}

static void a_session_idles_out_and_wears_out(void **state)
{
	(void)state;
	char cookie[128];
	api_log_in("eve", cookie);
	atomic_fetch_add(&api_now, SESSIONS_IDLE_MS - 1000);
	assert_int_equal(status_of("GET", "/api/v1/session", cookie, NULL), 200);
	atomic_fetch_add(&api_now, SESSIONS_IDLE_MS - 1000);
	assert_int_equal(status_of("GET", "/api/v1/session", cookie, NULL), 200);
	atomic_fetch_add(&api_now, SESSIONS_IDLE_MS + 1000);
	assert_int_equal(status_of("GET", "/api/v1/fleet", cookie, NULL), 401);

	atomic_store(&api_now, API_NOW_MS);
	api_log_in("eve", cookie);
	for (int hours = 0; hours < 7 * 24; hours += 6) {
		assert_int_equal(
			status_of("GET", "/api/v1/session", cookie, NULL), 200);
		atomic_fetch_add(&api_now, INT64_C(6) * 3600 * 1000);
	}
	atomic_store(&api_now, API_NOW_MS + SESSIONS_LIFETIME_MS);
	assert_int_equal(status_of("GET", "/api/v1/fleet", cookie, NULL), 401);
	atomic_store(&api_now, API_NOW_MS);
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void wrong_name_and_wrong_password_look_alike(void **state)
{
	(void)state;
	scoped_reply struct http_reply name, password, odd;
	/* The seeded hashes are cheap ones; `bob` gets a real one, as all users have.
	 */
	struct err e = {0};
	struct arena a;
	arena_init(&a);
	bool found;
	api_require(users_init(&e), "users_init", &e);
	struct users_change change = {.name = "bob", .password = API_PASSWORD};
	api_require(users_set_password(api_db, &change, &a, &found, &e), "bob", &e);
	arena_finish(&a);

	double start = seconds();
	log_in_with("bob", "wrong password", &password);
	double wrong_password_s = seconds() - start;
	start = seconds();
	log_in_with("nobody", "wrong password", &name);
	double wrong_name_s = seconds() - start;
	assert_int_equal(password.status, 401);
	assert_int_equal(name.status, 401);
	assert_string_equal(name.body.data, password.body.data);
	assert_true(wrong_name_s > wrong_password_s / 3);
	assert_true(wrong_name_s < wrong_password_s * 3);
	log_in_with("b\\u00f6se '; DROP TABLE app_user", "x", &odd);
	assert_int_equal(odd.status, 401);
	assert_string_equal(odd.body.data, name.body.data);
}

/* Tries a password; what is answered, and for how many seconds one has to wait. */
static int try_password(const char *name, const char *password, int *wait_s)
{
	scoped_reply struct http_reply r;
	char wait[16];
	log_in_with(name, password, &r);
	*wait_s = http_field(&r, "Retry-After", wait, sizeof wait) ? atoi(wait) : 0;
	return r.status;
}

/* Three wrong passwords, then one at once, one after the wait, and one at once.  False
 * when the machine was too slow for "at once": the wait was over by then. */
static bool is_delayed(const char *name)
{
	int wait_s;
	for (int k = 0; k < 3; k++)
		assert_int_equal(try_password(name, "wrong password", &wait_s), 401);
	if (try_password(name, API_PASSWORD, &wait_s) != 429)
		return false;
	assert_int_equal(wait_s, 1);
	usleep(1100000);
	assert_int_equal(try_password(name, "wrong password", &wait_s), 401);
	if (try_password(name, API_PASSWORD, &wait_s) != 429 || wait_s < 2)
		return false;
	assert_int_equal(wait_s, 2);
	return true;
}

static void wrong_passwords_are_delayed(void **state)
{
	enum { TRIES = 20 };
	static const char *const names[] = {"ada", "nobody"};
	for (size_t i = 0; i < 2; i++) {
		bool delayed = false;
		for (int k = 0; k < TRIES && !delayed; k++) {
			restart(state);
			delayed = is_delayed(names[i]);
		}
		assert_true(delayed);
	}
	usleep(2100000);
	char cookie[128];
	api_log_in("ada", cookie);
}

static void clients_of_a_proxy_are_told_apart(void **state)
{
	(void)state;
	static const char wrong[] = "{\"name\":\"ada\",\"password\":\"wrong one\"}";
	for (int i = 0; i < 4; i++)
		status_of("POST", "/api/v1/session",
			API_JSON "X-Forwarded-For: 192.0.2.1, 198.51.100.7\r\n", wrong);
	assert_int_equal(
		status_of("POST", "/api/v1/session",
			API_JSON "X-Forwarded-For: 198.51.100.7\r\n",
			"{\"name\":\"eve\",\"password\":\"" API_PASSWORD "\"}"),
		429);
	assert_int_equal(
		status_of("POST", "/api/v1/session",
			API_JSON "X-Forwarded-For: 192.0.2.1\r\n",
			"{\"name\":\"eve\",\"password\":\"" API_PASSWORD "\"}"),
		200);
	/* Some proxies put their word on a line of its own, behind the client's. */
	assert_int_equal(
		status_of("POST", "/api/v1/session",
			API_JSON "X-Forwarded-For: 192.0.2.1\r\n"
				 "X-Forwarded-For: 198.51.100.7\r\n",
			"{\"name\":\"eve\",\"password\":\"" API_PASSWORD "\"}"),
		429);
}

static int metrics_at(const char *host, const char *header)
{
	char ask[256];
	scoped_reply struct http_reply r;
	int fd = http_connect(api_port(api_under_test));
	snprintf(ask, sizeof ask,
		"GET /metrics HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n",
		host, header);
	http_send(fd, ask, strlen(ask));
	http_receive(fd, false, &r);
	close(fd);
	return r.status;
}

static void own_metrics_are_for_this_machine(void **state)
{
	(void)state;
	static const char *const near[] = {"127.0.0.1", "127.0.0.1:8470", "127.8.9.1:1",
		"localhost", "LocalHost:8470", "[::1]", "[::1]:8470"};
	static const char *const far[] = {"tidemark.example", "127.0.0.1.example",
		"192.0.2.1:8470", "localhost.example:80", "[::2]:1", "127.0.0.1:x", ""};
	static const char *const passed_on[] = {"X-Forwarded-For: 192.0.2.7\r\n",
		"Forwarded: for=192.0.2.7\r\n", "X-Real-IP: 192.0.2.7\r\n",
		"Via: 1.1 proxy\r\n"};
	for (size_t i = 0; i < sizeof near / sizeof *near; i++)
		if (metrics_at(near[i], "") != 200)
			fail_msg("Host: %s is refused", near[i]);
	for (size_t i = 0; i < sizeof far / sizeof *far; i++)
		if (metrics_at(far[i], "") != 401)
			fail_msg("Host: %s is answered", far[i]);
	for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
		if (metrics_at("localhost", passed_on[i]) != 401)
			fail_msg("%s is answered", passed_on[i]);
}

static void roles_are_kept(void **state)
{
	(void)state;
	char eve[128], bob[128], ada[128], headers[256];
	api_log_in("eve", eve);
	api_log_in("bob", bob);
	api_log_in("ada", ada);
	assert_int_equal(status_of("GET", "/api/v1/alerts", eve, NULL), 200);
	assert_int_equal(status_of("GET", "/api/v1/tokens", eve, NULL), 403);
	assert_int_equal(status_of("GET", "/api/v1/tokens", bob, NULL), 403);
	assert_int_equal(status_of("GET", "/api/v1/tokens", ada, NULL), 200);
	snprintf(headers, sizeof headers, "%s" API_JSON, eve);
	assert_int_equal(status_of("POST", "/api/v1/alerts/1/notes", headers,
				 "{\"text\":\"x\"}"),
		403);
	snprintf(headers, sizeof headers, "%s" API_JSON, bob);
	assert_int_equal(status_of("POST", "/api/v1/alerts/1/notes", headers,
				 "{\"text\":\"x\"}"),
		200);
	assert_int_equal(
		status_of("POST", "/api/v1/agents/1/revoke", headers, ""), 403);
	assert_int_equal(
		status_of("POST", "/api/v1/tokens", headers, "{\"kind\":\"join\"}"),
		403);
	snprintf(headers, sizeof headers, "%s" API_JSON, ada);
	assert_int_equal(
		status_of("POST", "/api/v1/agents/1/revoke", headers, ""), 200);
}

static void other_sites_cannot_act(void **state)
{
	(void)state;
	char cookie[128], headers[512], own[64];
	api_log_in("bob", cookie);
	snprintf(own, sizeof own, "http://127.0.0.1:%u", api_port(api_under_test));
	const struct {
		const char *name, *value;
		int status;
	} cases[] = {
		{"Sec-Fetch-Site", "same-origin", 200},
		{"Sec-Fetch-Site", "none", 200},
		{"Sec-Fetch-Site", "cross-site", 403},
		{"Sec-Fetch-Site", "same-site", 403},
		{"Origin", own, 200},
		{"Origin", "http://127.0.0.1:1", 403},
		{"Origin", "https://evil.example", 403},
		{"Origin", "null", 403},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(headers, sizeof headers, "%s" API_JSON "%s: %s\r\n", cookie,
			cases[i].name, cases[i].value);
		int status = status_of(
			"POST", "/api/v1/alerts/1/notes", headers, "{\"text\":\"x\"}");
		if (status != cases[i].status)
			fail_msg("%s: %s: %d", cases[i].name, cases[i].value, status);
	}
	assert_int_equal(
		status_of("POST", "/api/v1/session",
			API_JSON "Origin: https://evil.example\r\n",
			"{\"name\":\"ada\",\"password\":\"" API_PASSWORD "\"}"),
		403);
	/* Reading is harmless: other sites cannot see the answer. */
	snprintf(headers, sizeof headers, "%sSec-Fetch-Site: cross-site\r\n", cookie);
	assert_int_equal(status_of("GET", "/api/v1/fleet", headers, NULL), 200);
}

static void a_changed_password_ends_all_sessions(void **state)
{
	(void)state;
	char here[128], there[128], headers[256], value[256];
	scoped_reply struct http_reply r, wrong, shorter;
	api_log_in("ada", here);
	api_log_in("ada", there);
	snprintf(headers, sizeof headers, "%s" API_JSON, here);
	api_ask("POST", "/api/v1/session/password", headers,
		"{\"current\":\"not it at all\",\"new\":\"a better one\"}", &wrong);
	assert_int_equal(wrong.status, 403);
	assert_non_null(strstr(wrong.body.data, "\"pointer\":\"/current\""));
	api_ask("POST", "/api/v1/session/password", headers,
		"{\"current\":\"" API_PASSWORD "\",\"new\":\"short\"}", &shorter);
	assert_int_equal(shorter.status, 400);
	assert_non_null(strstr(shorter.body.data, "\"pointer\":\"/new\""));
	api_ask("POST", "/api/v1/session/password", headers,
		"{\"current\":\"" API_PASSWORD "\",\"new\":\"a better one\"}", &r);
	assert_int_equal(r.status, 200);
	assert_non_null(strstr(r.body.data, "\"password_is_one_time\":false"));
	assert_int_equal(status_of("GET", "/api/v1/fleet", here, NULL), 401);
	assert_int_equal(status_of("GET", "/api/v1/fleet", there, NULL), 401);
	assert_true(http_field(&r, "Set-Cookie", value, sizeof value));
	snprintf(headers, sizeof headers, "Cookie: %.*s\r\n", (int)strcspn(value, ";"),
		value);
	assert_int_equal(status_of("GET", "/api/v1/session", headers, NULL), 200);
	scoped_reply struct http_reply old, fresh;
	log_in_with("ada", API_PASSWORD, &old);
	assert_int_equal(old.status, 401);
	log_in_with("ada", "a better one", &fresh);
	assert_int_equal(fresh.status, 200);
}

/* The text value of a member of a flat answer. */
static void member(
	const struct http_reply *r, const char *name, char *value, size_t size)
{
	char key[64];
	snprintf(key, sizeof key, "\"%s\":\"", name);
	const char *at = strstr(r->body.data, key);
	assert_non_null(at);
	at += strlen(key);
	snprintf(value, size, "%.*s", (int)strcspn(at, "\""), at);
}

static void programs_call_with_tokens(void **state)
{
	(void)state;
	scoped_reply struct http_reply made, none;
	char cookie[128], headers[256], bearer[256], secret[128], id[32], target[96];
	api_log_in("bob", cookie);
	struct err e = {0};
	api_require(db_script(api_db,
			    "UPDATE app_user SET role = 'admin' WHERE name = 'bob'",
			    "promote", &e),
		"promote", &e);
	snprintf(headers, sizeof headers, "%s" API_JSON, cookie);
	api_ask("POST", "/api/v1/tokens", headers,
		"{\"kind\":\"api\",\"name\":\"ci\",\"ttl_s\":60}", &made);
	assert_int_equal(made.status, 200);
	member(&made, "secret", secret, sizeof secret);
	member(&made, "id", id, sizeof id);
	snprintf(bearer, sizeof bearer, "Authorization: Bearer %s\r\n", secret);
	assert_int_equal(status_of("GET", "/api/v1/fleet", bearer, NULL), 200);
	/* It acts with the role that its maker has now. */
	api_require(db_script(api_db,
			    "UPDATE app_user SET role = 'viewer' WHERE name = 'bob'",
			    "demote", &e),
		"demote", &e);
	assert_int_equal(status_of("GET", "/api/v1/tokens", bearer, NULL), 403);
	snprintf(headers, sizeof headers, "Authorization: Bearer %.*sX\r\n",
		(int)strlen(secret) - 1, secret);
	assert_int_equal(status_of("GET", "/api/v1/fleet", headers, NULL), 401);
	api_ask("GET", "/api/v1/fleet", "Authorization: Bearer \xff\xfe\r\n", NULL,
		&none);
	assert_int_equal(none.status, 401);
	atomic_fetch_add(&api_now, 61000);
	assert_int_equal(status_of("GET", "/api/v1/fleet", bearer, NULL), 401);
	atomic_store(&api_now, API_NOW_MS);
	assert_int_equal(status_of("GET", "/api/v1/fleet", bearer, NULL), 200);
	char ada[128];
	scoped_reply struct http_reply in;
	log_in_with("ada", "a better one", &in);
	char value[256];
	assert_true(http_field(&in, "Set-Cookie", value, sizeof value));
	snprintf(ada, sizeof ada, "Cookie: %.*s\r\n", (int)strcspn(value, ";"), value);
	snprintf(headers, sizeof headers, "%s" API_JSON, ada);
	snprintf(target, sizeof target, "/api/v1/tokens/%s/revoke", id);
	assert_int_equal(status_of("POST", target, headers, ""), 200);
	assert_int_equal(status_of("GET", "/api/v1/fleet", bearer, NULL), 401);
	assert_int_equal(status_of("POST", "/api/v1/tokens/ffffffffffffffff/revoke",
				 headers, ""),
		404);
}

static void cookies_and_origins_are_read_strictly(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	static const char token[] = "0123456789012345678901234567890123456789abc";
	char header[256];
	assert_null(auth_cookie(NULL, false, &a));
	assert_null(auth_cookie("", false, &a));
	assert_null(auth_cookie("tidemark_session=short", false, &a));
	snprintf(header, sizeof header, "a=b; tidemark_session=%s; c", token);
	assert_string_equal(auth_cookie(header, false, &a), token);
	snprintf(header, sizeof header, "xtidemark_session=%s", token);
	assert_null(auth_cookie(header, false, &a));
	snprintf(header, sizeof header, "tidemark_session=%sx", token);
	assert_null(auth_cookie(header, false, &a));
	static const char host[] = "console.example:8470";
	assert_true(auth_same_site("https://Console.example:8470", host, true));
	assert_true(auth_same_site("http://console.example:8470", host, false));
	assert_false(auth_same_site("http://console.example:8470", host, true));
	assert_false(auth_same_site("https://console.example", host, false));
	assert_false(auth_same_site("null", "null", false));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cookies_and_origins_are_read_strictly),
		cmocka_unit_test(a_session_begins_and_ends),
		cmocka_unit_test(the_cookie_is_for_browsers_alone),
		cmocka_unit_test(a_login_always_makes_a_new_session),
		cmocka_unit_test(a_session_idles_out_and_wears_out),
		cmocka_unit_test_setup(clients_of_a_proxy_are_told_apart, restart),
		cmocka_unit_test(own_metrics_are_for_this_machine),
		cmocka_unit_test_setup(roles_are_kept, restart),
		cmocka_unit_test(other_sites_cannot_act),
		cmocka_unit_test_setup(
			wrong_name_and_wrong_password_look_alike, restart),
		cmocka_unit_test_setup(wrong_passwords_are_delayed, restart),
		cmocka_unit_test_setup(a_changed_password_ends_all_sessions, restart),
		cmocka_unit_test_setup(programs_call_with_tokens, restart),
	};
	return cmocka_run_group_tests(tests, api_set_up, api_tear_down);
}
