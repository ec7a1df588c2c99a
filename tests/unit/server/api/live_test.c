/*
 * Clients hear of changes, not too often, and cannot hold the server up.
 */
#include "server/api/live.h"
#include "tests/support/api.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
/* After what it needs. */
#include <cmocka.h>

static char cookie[128];

static int set_up(void **state)
{
	api_set_up(state);
	api_log_in("eve", cookie);
	return 0;
}

static int open_stream(const char *headers)
{
	char ask[512];
	int fd = http_connect(api_port(api_under_test));
	snprintf(ask, sizeof ask, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\n%s%s\r\n",
		cookie, headers);
	http_send(fd, ask, strlen(ask));
	return fd;
}

/* Reads until `text` was seen or the time is over. */
static bool hears(int fd, const char *text, int wait_ms, struct buf *in)
{
	struct timespec start, now;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		if (in->data && strstr(in->data, text))
			return true;
		clock_gettime(CLOCK_MONOTONIC, &now);
		int64_t left = wait_ms -
			       ((now.tv_sec - start.tv_sec) * 1000 +
				       (now.tv_nsec - start.tv_nsec) / 1000000);
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (left <= 0 || poll(&p, 1, (int)left) <= 0 || !http_more(fd, in))
			return in->data && strstr(in->data, text);
	}
}

static void notify(const char *topic)
{
	struct err e = {0};
	api_require(db_notify(api_db, "tidemark", topic, &e), "notify", &e);
}

static size_t count_of(const struct buf *in, const char *text)
{
	size_t count = 0;
	for (const char *at = in->data; at && (at = strstr(at, text)); at++)
		count++;
	return count;
}

static void changes_are_heard(void **state)
{
	(void)state;
	struct buf a = {0}, b = {0};
	int first = open_stream(""), second = open_stream("");
	assert_true(hears(first, ": tidemark", 2000, &a));
	assert_true(hears(second, ": tidemark", 2000, &b));
	assert_non_null(strstr(a.data, "HTTP/1.1 200 OK"));
	assert_non_null(strstr(a.data, "text/event-stream"));
	notify("alerts");
	assert_true(hears(
		first, "event: change\ndata: {\"topics\":[\"alerts\"]}\n\n", 2000, &a));
	assert_true(hears(second, "event: change\ndata: {\"topics\":[\"alerts\"]}\n\n",
		2000, &b));
	notify("nonsense");
	assert_false(hears(first, "nonsense", 500, &a));
	close(first);
	close(second);
	buf_finish(&a);
	buf_finish(&b);
}

static void a_storm_is_one_event_a_second(void **state)
{
	(void)state;
	struct buf in = {0};
	int fd = open_stream("");
	assert_true(hears(fd, ": tidemark", 2000, &in));
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < 250; i++) {
		notify("samples");
		usleep(10000);
	}
	hears(fd, "never", 1500, &in);
	clock_gettime(CLOCK_MONOTONIC, &end);
	size_t events = count_of(&in, "\"samples\"");
	size_t seconds = (size_t)(end.tv_sec - start.tv_sec) + 1;
	if (events < 3 || events > seconds + 1)
		fail_msg("%zu events in about %zu seconds", events, seconds);
	close(fd);
	buf_finish(&in);
}

static void who_comes_back_late_is_told_to_look_again(void **state)
{
	(void)state;
	struct buf a = {0}, b = {0}, c = {0};
	char id[64], headers[128];
	int fd = open_stream("");
	assert_true(hears(fd, ": tidemark", 2000, &a));
	assert_null(strstr(a.data, "resync"));
	assert_int_equal(sscanf(strstr(a.data, "id: "), "id: %63s", id), 1);
	close(fd);
	snprintf(headers, sizeof headers, "Last-Event-ID: %s\r\n", id);
	fd = open_stream(headers);
	assert_true(hears(fd, ": tidemark", 2000, &b));
	assert_false(hears(fd, "event: resync", 300, &b));
	notify("agents");
	assert_true(hears(fd, "\"agents\"", 2000, &b));
	close(fd);
	fd = open_stream(headers);
	assert_true(hears(fd, "event: resync\ndata: {}\n\n", 2000, &c));
	close(fd);
	buf_finish(&a);
	buf_finish(&b);
	buf_finish(&c);
}

static int stream_status(void)
{
	struct buf in = {0};
	int fd = open_stream("");
	assert_true(hears(fd, "\r\n\r\n", 3000, &in));
	int status = atoi(in.data + 9);
	buf_finish(&in);
	close(fd);
	return status;
}

static void frozen_and_gone_clients_do_no_harm(void **state)
{
	(void)state;
	enum { CLIENTS = 200 };
	struct buf in = {0};
	int fds[CLIENTS];
	for (int i = 0; i < CLIENTS; i++)
		fds[i] = open_stream("");
	for (int i = 0; i < CLIENTS; i += 2)
		close(fds[i]); /* gone; the others never read */
	char eve[128];
	snprintf(eve, sizeof eve, "%s", cookie);
	api_log_in("bob", cookie);
	int fd = open_stream("");
	snprintf(cookie, sizeof cookie, "%s", eve);
	assert_true(hears(fd, ": tidemark", 3000, &in));
	for (int i = 0; i < 3; i++) {
		notify("verdicts");
		usleep(1100000);
	}
	assert_true(hears(fd, "\"verdicts\"", 2000, &in));
	scoped_reply struct http_reply r;
	api_ask("GET", "/healthz", "", NULL, &r);
	assert_int_equal(r.status, 200);
	for (int i = 1; i < CLIENTS; i += 2)
		close(fds[i]);
	close(fd);
	buf_finish(&in);
	notify("verdicts");
	usleep(1200000);
	assert_int_equal(stream_status(), 200);
}

static void the_database_may_go_and_come(void **state)
{
	(void)state;
	struct buf in = {0};
	int fd = open_stream("");
	assert_true(hears(fd, ": tidemark", 2000, &in));
	buf_reset(&in);
	pg_kill(&api_pg);
	usleep(500000);
	pg_run(&api_pg);
	assert_true(hears(fd, "event: resync", 8000, &in));
	struct err e = {0};
	while (!db_ready(api_db, &e))
		usleep(100000);
	notify("alerts");
	assert_true(hears(fd, "\"alerts\"", 3000, &in));
	close(fd);
	buf_finish(&in);
}

static void a_stop_ends_open_streams(void **state)
{
	(void)state;
	struct buf in = {0};
	int fd = open_stream(""), frozen = open_stream("");
	assert_true(hears(fd, ": tidemark", 2000, &in));
	api_stop(api_under_test);
	assert_true(hears(fd, "0\r\n\r\n", 2000, &in)); /* a proper end */
	close(fd);
	close(frozen);
	buf_finish(&in);
	api_launch();
	api_log_in("eve", cookie);
	assert_int_equal(stream_status(), 200);
}

static bool has_ended(int fd, int wait_ms)
{
	struct buf in = {0};
	bool ended = hears(fd, "0\r\n\r\n", wait_ms, &in);
	buf_finish(&in);
	return ended;
}

static void the_oldest_of_many_streams_of_one_user_ends(void **state)
{
	(void)state;
	int fds[LIVE_CLIENTS_PER_USER + 1];
	for (int i = 0; i <= LIVE_CLIENTS_PER_USER; i++) {
		struct buf in = {0};
		fds[i] = open_stream("");
		assert_true(hears(fds[i], ": tidemark", 2000, &in));
		buf_finish(&in);
	}
	assert_true(has_ended(fds[0], 2000));
	assert_false(has_ended(fds[1], 200));
	assert_false(has_ended(fds[LIVE_CLIENTS_PER_USER], 200));
	for (int i = 0; i <= LIVE_CLIENTS_PER_USER; i++)
		close(fds[i]);
}

static int stream_answer(const char *client)
{
	char header[64];
	scoped_reply struct http_reply r = {0};
	snprintf(header, sizeof header, "X-Forwarded-For: %s\r\n", client);
	int fd = open_stream(header);
	while (!r.head.data || !strstr(r.head.data, "\r\n\r\n"))
		assert_true(http_more(fd, &r.head));
	int status = atoi(r.head.data + 9);
	if (status == 200)
		return fd;
	close(fd);
	return -status;
}

/* Many users at one address, as many as may watch from there. */
static void an_address_has_a_share_of_the_streams(void **state)
{
	(void)state;
	enum { USERS = LIVE_CLIENTS_PER_ADDRESS / LIVE_CLIENTS_PER_USER };
	int fds[LIVE_CLIENTS_PER_ADDRESS], count = 0;
	char eve[128], name[16];
	snprintf(eve, sizeof eve, "%s", cookie);
	api_sql("INSERT INTO app_user (name, password_hash, role, "
		"password_is_one_time) SELECT 'user-' || i, password_hash, 'viewer', "
		"false FROM app_user, generate_series(1, 8) AS i WHERE name = 'eve'");
	for (int user = 1; user <= USERS; user++) {
		snprintf(name, sizeof name, "user-%d", user);
		api_log_in(name, cookie);
		for (int i = 0; i < LIVE_CLIENTS_PER_USER; i++)
			assert_true((fds[count++] = stream_answer("203.0.113.7")) > 0);
	}
	snprintf(cookie, sizeof cookie, "%s", eve);
	assert_int_equal(stream_answer("203.0.113.7"), -503);
	int other = stream_answer("203.0.113.8"), here = stream_answer("127.0.0.1");
	assert_true(other > 0 && here > 0);
	close(other);
	close(here);
	while (count)
		close(fds[--count]);
}

static void a_stream_ends_with_its_session(void **state)
{
	(void)state;
	scoped_reply struct http_reply out = {0};
	struct buf a = {0}, b = {0};
	char eve[128], bob[128];
	snprintf(eve, sizeof eve, "%s", cookie);
	api_log_in("bob", bob);
	int stays = open_stream("");
	assert_true(hears(stays, ": tidemark", 2000, &a));
	snprintf(cookie, sizeof cookie, "%s", bob);
	int ends = open_stream("");
	snprintf(cookie, sizeof cookie, "%s", eve);
	assert_true(hears(ends, ": tidemark", 2000, &b));
	api_ask("DELETE", "/api/v1/session", bob, NULL, &out);
	assert_int_equal(out.status, 204);
	assert_true(has_ended(ends, LIVE_HEARTBEAT_MS + 3000));
	assert_false(has_ended(stays, 500));
	close(ends);
	close(stays);
	buf_finish(&a);
	buf_finish(&b);
}

static void strangers_hear_nothing(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	api_ask("GET", "/api/v1/events", "", NULL, &r);
	assert_int_equal(r.status, 401);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strangers_hear_nothing),
		cmocka_unit_test(changes_are_heard),
		cmocka_unit_test(a_storm_is_one_event_a_second),
		cmocka_unit_test(who_comes_back_late_is_told_to_look_again),
		cmocka_unit_test(frozen_and_gone_clients_do_no_harm),
		cmocka_unit_test(the_oldest_of_many_streams_of_one_user_ends),
		cmocka_unit_test(an_address_has_a_share_of_the_streams),
		cmocka_unit_test(a_stream_ends_with_its_session),
		cmocka_unit_test(the_database_may_go_and_come),
		cmocka_unit_test(a_stop_ends_open_streams),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
