/*
 * What the HTTP layer promises, over real sockets: limits, conditional and compressed
 * answers, clear refusals, and that nobody can hold it up.
 */
#include "server/api/encoding.h"
#include "server/api/http.h"
#include "tests/support/api.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>
/* After what it needs. */
#include <cmocka.h>

static char cookie[128];

static int set_up(void **state)
{
	api_set_up(state);
	api_log_in("ada", cookie);
	return 0;
}

static void expect(const char *method, const char *target, const char *headers,
	const char *body, int status)
{
	scoped_reply struct http_reply r;
	api_ask(method, target, headers, body, &r);
	if (r.status != status)
		fail_msg("%s %.80s: %d, not %d: %s", method, target, r.status, status,
			r.body.data);
	char type[64];
	if (status >= 400) {
		assert_true(http_field(&r, "Content-Type", type, sizeof type));
		assert_string_equal(type, "application/problem+json");
		assert_non_null(strstr(r.body.data, "\"instance\":"));
	}
}

/* The detail of the problem must name this. */
static void expect_named(const char *target, const char *name)
{
	scoped_reply struct http_reply r;
	api_ask("GET", target, cookie, NULL, &r);
	if (r.status != 400 || !strstr(r.body.data, name))
		fail_msg("%s: %d %s", target, r.status, r.body.data);
}

static void unknown_routes_and_methods(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	char allow[64];
	expect("GET", "/api/v1/nothing", cookie, NULL, 404);
	expect("GET", "/api/v2/fleet", cookie, NULL, 404);
	expect("GET", "/api", cookie, NULL, 404);
	expect("POST", "/api/v1/nothing", API_JSON, "{}", 404);
	expect("GET", "/api/v1/services/abc", cookie, NULL, 404);
	expect("GET", "/api/v1/services/99999999999999999999", cookie, NULL, 404);
	expect("GET", "/api/v1/services/4711", cookie, NULL, 404);
	expect("GET", "/nothing.js", "", NULL, 404);
	expect("POST", "/", API_JSON, "{}", 405);
	expect("BREW", "/api/v1/fleet", cookie, NULL, 405);
	api_ask("PUT", "/api/v1/alerts/1", cookie, "{}", &r);
	assert_int_equal(r.status, 405);
	assert_true(http_field(&r, "Allow", allow, sizeof allow));
	assert_string_equal(allow, "GET, HEAD");
}

static void wrong_parameters_are_named(void **state)
{
	(void)state;
	expect_named("/api/v1/fleet?x=1", "x: no such parameter");
	expect_named("/api/v1/services?limit=0", "limit:");
	expect_named("/api/v1/services?limit=1001", "limit:");
	expect_named("/api/v1/services?verdict=bad", "verdict:");
	expect_named("/api/v1/services?after=abc", "after:");
	expect_named("/api/v1/services?q=%ff", "q:");
	expect_named("/api/v1/alerts?state=closed", "state:");
	expect_named("/api/v1/alerts?after=MTIz", "after:");
	expect_named("/api/v1/findings?active=1", "active:");
	expect_named("/api/v1/agents?after=eA", "after:");
	expect_named("/api/v1/tokens?after=eA", "after:");
	expect_named("/api/v1/services/1/instances?after=eA", "after:");
	expect_named("/api/v1/series?service=1", "metric: is missing");
	expect_named("/api/v1/series?service=1&metric=x", "metric: 'x'");
	expect_named("/api/v1/series?metric=rss_kb", "service, instance:");
	expect_named(
		"/api/v1/series?metric=rss_kb&service=1&instance=1", "exactly one");
	expect_named("/api/v1/series?metric=rss_kb&instance=1,x", "instance:");
	expect_named("/api/v1/series?metric=rss_kb&service=1&from=5&to=5", "from:");
	expect_named("/api/v1/series?metric=rss_kb&service=1&from=1", "400 days");
	expect_named("/api/v1/series?metric=rss_kb&service=1&points=9", "points:");
	expect_named("/api/v1/series?metric=rss_kb&service=1&points=1001", "points:");
	expect_named("/api/v1/hosts/1/series?metric=rss_kb", "metric: 'rss_kb'");
}

static void sizes_are_limited(void **state)
{
	(void)state;
	struct buf target = {0}, body = {0}, headers = {0};
	buf_text(&target, "/api/v1/services?q=");
	while (target.length < 5000)
		buf_byte(&target, 'x');
	expect("GET", target.data, cookie, NULL, 400);
	while (target.length < HTTP_URI_MAX + 1)
		buf_byte(&target, 'x');
	expect("GET", target.data, cookie, NULL, 414);

	buf_printf(&headers, "%s" API_JSON, cookie);
	buf_text(&body, "{\"text\":\"");
	while (body.length < HTTP_BODY_MAX)
		buf_byte(&body, 'x');
	expect("POST", "/api/v1/alerts/1/notes", headers.data, body.data, 400);
	buf_byte(&body, 'x');
	expect("POST", "/api/v1/alerts/1/notes", headers.data, body.data, 413);
	while (body.length < 2000000)
		buf_byte(&body, 'x');
	expect("POST", "/api/v1/alerts/1/notes", headers.data, body.data, 413);

	/* Headers that do not fit are refused below us, without a body of ours. */
	scoped_reply struct http_reply r;
	buf_text(&headers, "X-Long: ");
	for (int i = 0; i < 60000; i++)
		buf_byte(&headers, 'x');
	buf_text(&headers, "\r\n");
	api_ask("GET", "/api/v1/fleet", headers.data, NULL, &r);
	assert_int_equal(r.status, 431);
	buf_finish(&target);
	buf_finish(&body);
	buf_finish(&headers);
}

static void bodies_are_json(void **state)
{
	(void)state;
	char headers[256];
	expect("POST", "/api/v1/session", "", "{}", 415);
	expect("POST", "/api/v1/session", "Content-Type: text/plain\r\n", "{}", 415);
	expect("POST", "/api/v1/session",
		"Content-Type: application/x-www-form-urlencoded\r\n", "name=a", 415);
	expect("POST", "/api/v1/session", API_JSON, "{", 400);
	snprintf(headers, sizeof headers,
		"%sContent-Type: application/json; charset=utf-8\r\n", cookie);
	expect("POST", "/api/v1/alerts/4711/notes", headers, "{\"text\":\"x\"}", 404);
}

static void unchanged_answers_are_not_sent_again(void **state)
{
	(void)state;
	scoped_reply struct http_reply first, again, other;
	char etag[64], headers[256], value[64];
	api_ask("GET", "/api/v1/services", cookie, NULL, &first);
	assert_true(http_field(&first, "ETag", etag, sizeof etag));
	snprintf(headers, sizeof headers, "%sIf-None-Match: \"x\", %s\r\n", cookie,
		etag);
	api_ask("GET", "/api/v1/services", headers, NULL, &again);
	assert_int_equal(again.status, 304);
	assert_int_equal(again.body.length, 0);
	assert_true(http_field(&again, "ETag", value, sizeof value));
	api_ask("GET", "/api/v1/services?limit=1", headers, NULL, &other);
	assert_int_equal(other.status, 200);
}

static void long_answers_are_compressed(void **state)
{
	(void)state;
	scoped_reply struct http_reply plain, small, tiny, again;
	struct buf back = {0};
	char headers[256], value[64], etag[64];
	api_ask("GET", "/api/v1/metrics", cookie, NULL, &plain);
	assert_false(http_field(&plain, "Content-Encoding", value, sizeof value));
	snprintf(headers, sizeof headers, "%sAccept-Encoding: gzip\r\n", cookie);
	api_ask("GET", "/api/v1/metrics", headers, NULL, &small);
	assert_true(http_field(&small, "Content-Encoding", value, sizeof value));
	assert_true(small.body.length < plain.body.length / 2);
	assert_true(
		encoding_gunzip(small.body.data, small.body.length, 1 << 20, &back));
	assert_string_equal(back.data, plain.body.data);
	/* Two forms, two strong ETags; either proves that nothing changed. */
	assert_true(http_field(&small, "ETag", etag, sizeof etag));
	assert_true(http_field(&plain, "ETag", value, sizeof value));
	assert_string_not_equal(etag, value);
	snprintf(headers, sizeof headers, "%sIf-None-Match: %s\r\n", cookie, etag);
	api_ask("GET", "/api/v1/metrics", headers, NULL, &again);
	assert_int_equal(again.status, 304);
	snprintf(headers, sizeof headers, "%sAccept-Encoding: gzip\r\n", cookie);
	api_ask("GET", "/healthz", headers, NULL, &tiny);
	assert_false(http_field(&tiny, "Content-Encoding", value, sizeof value));
	buf_finish(&back);
}

static void head_is_get_without_a_body(void **state)
{
	(void)state;
	scoped_reply struct http_reply get, head;
	char a[64], b[64];
	api_ask("GET", "/api/v1/metrics", cookie, NULL, &get);
	api_ask("HEAD", "/api/v1/metrics", cookie, NULL, &head);
	assert_int_equal(head.status, 200);
	assert_true(http_field(&get, "Content-Length", a, sizeof a));
	assert_true(http_field(&head, "Content-Length", b, sizeof b));
	assert_string_equal(a, b);
}

static void every_answer_is_guarded(void **state)
{
	(void)state;
	static const char *const targets[] = {
		"/healthz", "/api/v1/fleet", "/api/v1/none"};
	char value[128];
	for (size_t i = 0; i < 3; i++) {
		scoped_reply struct http_reply r;
		api_ask("GET", targets[i], cookie, NULL, &r);
		assert_true(
			http_field(&r, "X-Content-Type-Options", value, sizeof value));
		assert_string_equal(value, "nosniff");
		assert_true(
			http_field(&r, "Content-Security-Policy", value, sizeof value));
		assert_non_null(strstr(value, "default-src 'none'"));
		assert_true(http_field(&r, "Referrer-Policy", value, sizeof value));
		assert_true(http_field(&r, "Cache-Control", value, sizeof value));
	}
}

static void connections_are_kept(void **state)
{
	(void)state;
	int fd = http_connect(api_port(api_under_test));
	for (int i = 0; i < 50; i++) {
		static const char ask[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
		scoped_reply struct http_reply r;
		http_send(fd, ask, sizeof ask - 1);
		http_receive(fd, false, &r);
		assert_int_equal(r.status, 200);
	}
	close(fd);
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whether the other side has closed; reads and forgets what it sent. */
static bool is_closed(int fd)
{
	char bytes[512];
	for (;;) {
		ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
		if (n <= 0)
			return n == 0 || errno == ECONNRESET;
	}
}

/* Half of them drip a request line, half a body; none sends a whole request. */
static void drippers_are_cut_and_others_served(void **state)
{
	(void)state;
	enum { DRIPPERS = 60 };
	static const char post[] =
		"POST /api/v1/session HTTP/1.1\r\nHost: x\r\n" API_JSON
		"Content-Length: 1000\r\n\r\n";
	int fds[DRIPPERS];
	int64_t start_ms = now_ms(), slowest_ms = 0;
	for (int i = 0; i < DRIPPERS; i++) {
		fds[i] = http_connect(api_port(api_under_test));
		if (i % 2)
			http_send(fds[i], post, sizeof post - 1);
	}
	int left = DRIPPERS;
	while (left && now_ms() - start_ms < 12000) {
		int64_t asked_ms = now_ms();
		expect("GET", "/healthz", "", NULL, 200);
		if (now_ms() - asked_ms > slowest_ms)
			slowest_ms = now_ms() - asked_ms;
		for (int i = 0; i < DRIPPERS; i++) {
			if (fds[i] < 0)
				continue;
			send(fds[i], "G", 1, MSG_NOSIGNAL);
			if (!is_closed(fds[i]))
				continue;
			close(fds[i]);
			fds[i] = -1;
			left--;
		}
		usleep(100000);
	}
	int64_t took_ms = now_ms() - start_ms;
	assert_int_equal(left, 0);
	assert_true(took_ms >= 4500 && took_ms <= 10500);
	assert_true(slowest_ms < 1000);
}

static void one_address_cannot_take_all_connections(void **state)
{
	(void)state;
	enum { GREEDY = 1100 };
	struct rlimit files;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = files.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	int fds[GREEDY], refused = 0;
	for (int i = 0; i < GREEDY; i++)
		fds[i] = http_connect(api_port(api_under_test));
	usleep(300000);
	for (int i = 0; i < GREEDY; i++) {
		refused += is_closed(fds[i]);
		close(fds[i]);
	}
	if (refused < 70 || refused > 90)
		fail_msg("%d of %d were refused", refused, GREEDY);
	usleep(300000);
	expect("GET", "/healthz", "", NULL, 200);
}

static void garbage_is_survived(void **state)
{
	(void)state;
	static const char *const garbage[] = {"\r\n\r\n\r\n", "GET\r\n\r\n",
		"GET / HTTP/9.9\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"GET / HTTP/1.1\r\nHost\r\n\r\n",
		"GET /%00%ff HTTP/1.1\r\nHost: x\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: "
		"-1\r\n\r\n",
		"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
		"chunked\r\n\r\nzz\r\n"};
	for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
		int fd = http_connect(api_port(api_under_test));
		http_send(fd, garbage[i], strlen(garbage[i]));
		shutdown(fd, SHUT_WR);
		struct pollfd p = {.fd = fd, .events = POLLIN};
		poll(&p, 1, 2000);
		close(fd);
	}
	expect("GET", "/healthz", "", NULL, 200);
}

static void figures_are_for_this_machine_or_users(void **state)
{
	(void)state;
	scoped_reply struct http_reply text, open, proxied;
	char type[96];
	api_ask("GET", "/metrics", "", NULL, &text);
	assert_int_equal(text.status, 200);
	assert_true(http_field(&text, "Content-Type", type, sizeof type));
	assert_string_equal(type, "text/plain; version=0.0.4; charset=utf-8");
	assert_non_null(strstr(text.body.data, "\ntidemark_test_total 7\n"));
	assert_non_null(strstr(text.body.data,
		"tidemark_http_answers_total{method=\"POST\",route=\"/api/v1/session\","
		"status=\"2xx\"} 1\n"));
	assert_non_null(strstr(text.body.data, "route=\"\",status=\"4xx\"}"));
	api_ask("GET", "/metrics", "Accept: application/openmetrics-text\r\n", NULL,
		&open);
	assert_true(http_field(&open, "Content-Type", type, sizeof type));
	assert_memory_equal(type, "application/openmetrics-text", 28);
	assert_memory_equal(open.body.data + open.body.length - 6, "# EOF\n", 6);
	api_ask("GET", "/metrics", "X-Forwarded-For: 192.0.2.7\r\n", NULL, &proxied);
	assert_int_equal(proxied.status, 401);
}

static void it_is_ready_only_with_its_database(void **state)
{
	(void)state;
	struct err e = {0};
	expect("GET", "/readyz", "", NULL, 200);
	api_require(db_script(api_db,
			    "CREATE TEMP TABLE gone AS SELECT * FROM schema_migration;"
			    "DELETE FROM schema_migration WHERE name LIKE '0002%'",
			    "forget", &e),
		"forget", &e);
	expect("GET", "/readyz", "", NULL, 503);
	api_require(db_script(api_db,
			    "INSERT INTO schema_migration SELECT * FROM gone WHERE "
			    "name LIKE "
			    "'0002%'",
			    "recall", &e),
		"recall", &e);
	expect("GET", "/readyz", "", NULL, 200);
	/* The last test of the group: the database goes away, the server stays. */
	pg_kill(&api_pg);
	expect("GET", "/readyz", "", NULL, 503);
	expect("GET", "/healthz", "", NULL, 200);
	scoped_reply struct http_reply r;
	api_ask("GET", "/api/v1/fleet", cookie, NULL, &r);
	assert_int_equal(r.status, 503);
	assert_non_null(strstr(r.body.data, "\"the database cannot answer now\""));
	pg_run(&api_pg);
	expect("GET", "/api/v1/fleet", cookie, NULL, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_routes_and_methods),
		cmocka_unit_test(wrong_parameters_are_named),
		cmocka_unit_test(sizes_are_limited),
		cmocka_unit_test(bodies_are_json),
		cmocka_unit_test(unchanged_answers_are_not_sent_again),
		cmocka_unit_test(long_answers_are_compressed),
		cmocka_unit_test(head_is_get_without_a_body),
		cmocka_unit_test(every_answer_is_guarded),
		cmocka_unit_test(connections_are_kept),
		cmocka_unit_test(drippers_are_cut_and_others_served),
		cmocka_unit_test(one_address_cannot_take_all_connections),
		cmocka_unit_test(garbage_is_survived),
		cmocka_unit_test(figures_are_for_this_machine_or_users),
		cmocka_unit_test(it_is_ready_only_with_its_database),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
