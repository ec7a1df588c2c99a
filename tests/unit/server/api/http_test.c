/*
 * What the HTTP layer promises, over real sockets: limits, conditional and compressed
 * answers, clear refusals, and that nobody can hold it up.
 */
#include "server/api/clients.h"
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

	/* A body whose length nobody said is counted all the same. */
	struct buf chunked = {0};
	buf_printf(&chunked,
		"POST /api/v1/alerts/1/notes HTTP/1.1\r\nHost: x\r\n%s" API_JSON
		"Transfer-Encoding: chunked\r\n\r\n%x\r\n",
		cookie, HTTP_BODY_MAX + 1);
	buf_append(&chunked, body.data, HTTP_BODY_MAX + 1);
	buf_text(&chunked, "\r\n0\r\n\r\n");
	int fd = http_connect(api_port(api_under_test));
	scoped_reply struct http_reply refused;
	http_send(fd, chunked.data, chunked.length);
	http_receive(fd, false, &refused);
	assert_int_equal(refused.status, 413);
	close(fd);
	buf_finish(&chunked);

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

static void expect_field(const struct http_reply *r, const char *target,
	const char *name, const char *want)
{
	char value[512];
	if (!http_field(r, name, value, sizeof value))
		fail_msg("%s: no %s", target, name);
	if (!strstr(value, want))
		fail_msg("%s: %s: %s", target, name, value);
}

/* What every answer must say, whatever it is. */
static void expect_guarded(const struct http_reply *r, const char *target)
{
	char value[64];
	expect_field(r, target, "X-Content-Type-Options", "nosniff");
	expect_field(r, target, "Content-Security-Policy", "default-src 'none'");
	expect_field(r, target, "Content-Security-Policy", "frame-ancestors 'none'");
	expect_field(r, target, "Referrer-Policy", "no-referrer");
	expect_field(r, target, "Cross-Origin-Resource-Policy", "same-origin");
	expect_field(r, target, "Cross-Origin-Opener-Policy", "same-origin");
	if (r->status != 304)
		expect_field(r, target, "Cache-Control", "");
	if (r->body.length)
		expect_field(r, target, "Content-Type", "/");
	/* Nothing tells what runs here, or lets others read it. */
	assert_false(http_field(r, "Server", value, sizeof value));
	assert_false(http_field(r, "Access-Control-Allow-Origin", value, sizeof value));
	assert_false(http_field(r, "Strict-Transport-Security", value, sizeof value));
}

static void every_answer_is_guarded(void **state)
{
	(void)state;
	static const struct {
		const char *method, *target, *headers, *body;
		int status;
	} asks[] = {
		{"GET", "/healthz", "", NULL, 200},
		{"HEAD", "/healthz", "", NULL, 200},
		{"GET", "/readyz", "", NULL, 200},
		{"GET", "/metrics", "", NULL, 200},
		{"GET", "/metrics", "Accept: application/openmetrics-text\r\n", NULL,
			200},
		{"GET", "/api/v1/openapi.json", "", NULL, 0},
		{"GET", "/", "", NULL, 0},
		{"GET", "/services/7", "", NULL, 0},
		{"GET", "/index.js", "", NULL, 404},
		{"GET", "/install.sh", "", NULL, 0},
		{"GET", "/api/v1/session", "", NULL, 200},
		{"POST", "/api/v1/session", API_JSON, "{}", 400},
		{"POST", "/api/v1/session", "Content-Type: text/plain\r\n", "{}", 415},
		{"POST", "/api/v1/session", API_JSON "Sec-Fetch-Site: cross-site\r\n",
			"{}", 403},
		{"POST", "/api/v1/session", API_JSON,
			"{\"name\":\"ada\",\"password\":\"no\"}", 401},
		{"DELETE", "/api/v1/session", "", NULL, 204},
		{"GET", "/api/v1/fleet", "", NULL, 401},
		{"GET", "/api/v1/fleet", "Authorization: Bearer x\r\n", NULL, 401},
		{"GET", "/api/v1/none", "", NULL, 404},
		{"PUT", "/api/v1/fleet", "", NULL, 405},
		{"BREW", "/", "", NULL, 405},
		{"GET", "/api/v1/services?limit=x", "", NULL, 0},
	};
	for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
		scoped_reply struct http_reply r;
		api_ask(asks[i].method, asks[i].target, asks[i].headers, asks[i].body,
			&r);
		if (asks[i].status && r.status != asks[i].status)
			fail_msg("%s %s: %d", asks[i].method, asks[i].target, r.status);
		expect_guarded(&r, asks[i].target);
	}
	static const char *const shown[] = {"/api/v1/fleet", "/api/v1/services?limit=x",
		"/api/v1/services", "/api/v1/alerts/1", "/api/v1/alerts/1/report",
		"/api/v1/alerts/1/report?format=html", "/api/v1/audit", "/api/v1/4711"};
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		scoped_reply struct http_reply r;
		char type[64] = "";
		api_ask("GET", shown[i], cookie, NULL, &r);
		expect_guarded(&r, shown[i]);
		http_field(&r, "Content-Type", type, sizeof type);
		if (strncmp(type, "text/html", 9) == 0)
			expect_field(
				&r, shown[i], "Content-Security-Policy", "sandbox");
	}
}

static void answers_that_go_on_or_did_not_change_are_guarded_too(void **state)
{
	(void)state;
	scoped_reply struct http_reply first, again;
	struct http_reply stream = {0};
	char etag[64], headers[256], ask[256];
	api_ask("GET", "/api/v1/services", cookie, NULL, &first);
	assert_true(http_field(&first, "ETag", etag, sizeof etag));
	snprintf(headers, sizeof headers, "%sIf-None-Match: %s\r\n", cookie, etag);
	api_ask("GET", "/api/v1/services", headers, NULL, &again);
	assert_int_equal(again.status, 304);
	expect_guarded(&again, "304");
	int fd = http_connect(api_port(api_under_test));
	snprintf(ask, sizeof ask, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\n%s\r\n",
		cookie);
	http_send(fd, ask, strlen(ask));
	while (!stream.head.data || !strstr(stream.head.data, "\r\n\r\n"))
		assert_true(http_more(fd, &stream.head));
	stream.status = 200;
	expect_guarded(&stream, "/api/v1/events");
	expect_field(&stream, "/api/v1/events", "Content-Type", "text/event-stream");
	http_reply_finish(&stream);
	close(fd);
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

/* 127.0.0.2 is nobody's proxy. */
static int connect_from_a_stranger(void)
{
	struct sockaddr_in from = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1)};
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(api_port(api_under_test)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) ||
		connect(fd, (struct sockaddr *)&to, sizeof to))
		http_die("connect");
	return fd;
}

static void one_address_cannot_take_all_connections(void **state)
{
	(void)state;
	enum { GREEDY = CLIENTS_CONNECTIONS + 100 };
	struct rlimit files;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = files.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	static int fds[GREEDY];
	int refused = 0;
	for (int i = 0; i < GREEDY; i++)
		fds[i] = connect_from_a_stranger();
	for (int tries = 0; tries < 200 && refused < 60; tries++) {
		refused = 0;
		for (int i = CLIENTS_CONNECTIONS - 1; i < GREEDY; i++)
			refused += is_closed(fds[i]);
		usleep(10000);
	}
	/* Others, and a trusted proxy, are answered meanwhile. */
	expect("GET", "/healthz", "", NULL, 200);
	for (int i = 0; i < GREEDY; i++)
		close(fds[i]);
	if (refused < 60)
		fail_msg("%d of %d were refused", refused, GREEDY);
}

/* Asks on one connection until a client of the proxy is told to wait. */
static int ask_often(const char *client, int most)
{
	char ask[128];
	snprintf(ask, sizeof ask,
		"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\n\r\n",
		client);
	int fd = http_connect(api_port(api_under_test)), asked = 0, status = 200;
	while (asked < most && status == 200) {
		scoped_reply struct http_reply r;
		http_send(fd, ask, strlen(ask));
		http_receive(fd, false, &r);
		status = r.status;
		asked += status == 200;
		if (status == 429)
			expect_field(&r, client, "Retry-After", "1");
		else
			assert_int_equal(status, 200);
	}
	close(fd);
	return asked;
}

static void who_asks_too_much_is_told_to_wait(void **state)
{
	(void)state;
	enum { MOST = 4 * CLIENTS_BURST };
	int asked = ask_often("203.0.113.9", MOST);
	if (asked < CLIENTS_BURST || asked == MOST)
		fail_msg("%d requests were answered", asked);
	assert_int_equal(ask_often("203.0.113.10", 50), 50);
	/* What the client itself put there makes it nobody else. */
	scoped_reply struct http_reply r;
	for (int i = 0; i < 50 && (i == 0 || r.status != 429); i++) {
		if (i)
			http_reply_finish(&r);
		api_ask("GET", "/api/v1/services?limit=1",
			"X-Forwarded-For: 198.51.100.1\r\n"
			"X-Forwarded-For: 203.0.113.9\r\n",
			NULL, &r);
		ask_often("203.0.113.9", MOST);
	}
	assert_int_equal(r.status, 429);
	/* Whom we trust is not counted. */
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
		cmocka_unit_test(answers_that_go_on_or_did_not_change_are_guarded_too),
		cmocka_unit_test(connections_are_kept),
		cmocka_unit_test(drippers_are_cut_and_others_served),
		cmocka_unit_test(one_address_cannot_take_all_connections),
		cmocka_unit_test(who_asks_too_much_is_told_to_wait),
		cmocka_unit_test(garbage_is_survived),
		cmocka_unit_test(figures_are_for_this_machine_or_users),
		cmocka_unit_test(it_is_ready_only_with_its_database),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
