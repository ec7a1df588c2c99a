/*
 * What a false or broken inspector can do to us: nothing but an error in time.
 */
#include "agent/capture/session.h"
#include "agent/capture/websocket.h"
#include "common/clock.h"
#include "tests/unit/cmocka_all.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum trick {
	HONEST,
	LIST_STATUS,
	LIST_NO_HTTP,
	LIST_NO_LENGTH,
	LIST_HUGE,
	LIST_GARBAGE,
	LIST_OTHER_TYPE,
	LIST_BAD_ID,
	LIST_STALL,
	LIST_ENDLESS_HEAD,
	LIST_BROKEN_OFF,
	UPGRADE_STATUS,
	UPGRADE_WRONG_ACCEPT,
	UPGRADE_EXTENSION,
	UPGRADE_STALL,
	ANSWER_STALL,
	ANSWER_CLOSE,
	ANSWER_EOF,
	ANSWER_GARBAGE,
	ANSWER_HUGE,
	ANSWER_MASKED,
	ANSWER_PINGS,
	ANSWER_ERROR,
	ANSWER_THROWS,
	ANSWER_OLD_ID,
	TAKE_SPLIT,
	TAKE_BREAKS_OFF,
	TAKE_BAD_ESCAPE,
	TAKE_OTHER_ORDER,
};

#define CHUNK                                                                          \
	"{\"method\":\"HeapProfiler.addHeapSnapshotChunk\",\"params\":{\"chunk\":\""
#define PROGRESS                                                                       \
	"{\"method\":\"HeapProfiler.reportHeapSnapshotProgress\",\"params\":{"         \
	"\"done\":5,"                                                                  \
	"\"total\":10}}"

static void say(int fd, const char *text, size_t length)
{
	if (send(fd, text, length, MSG_NOSIGNAL) < 0)
		_exit(0);
}

static void frame(int fd, int first, const char *text, size_t length)
{
	struct buf out = {0};
	buf_byte(&out, (char)first);
	if (length < 126) {
		buf_byte(&out, (char)length);
	} else {
		buf_byte(&out, 126);
		buf_be16(&out, (uint16_t)length);
	}
	buf_append(&out, text, length);
	say(fd, out.data, out.length);
	buf_finish(&out);
}

static void text_frame(int fd, const char *text)
{
	frame(fd, 0x81, text, strlen(text));
}

static void listen_to_request(int fd, char *request, size_t room)
{
	size_t length = 0;
	request[0] = '\0';
	while (length < room - 1 && !strstr(request, "\r\n\r\n")) {
		ssize_t got = read(fd, request + length, room - 1 - length);
		if (got <= 0)
			_exit(0);
		length += (size_t)got;
		request[length] = '\0';
	}
}

static void answer_list(int fd, enum trick trick)
{
	static const char *const bodies[] = {
		[LIST_GARBAGE] = "[{\"id\":",
		[LIST_OTHER_TYPE] = "[{\"id\":\"1-a\",\"type\":\"page\"}]",
		[LIST_BAD_ID] = "[{\"id\":\"../x y\",\"type\":\"node\"}]",
	};
	const char *body = "[{\"id\":\"01-af\",\"type\":\"node\"}]";
	if (trick == LIST_GARBAGE || trick == LIST_OTHER_TYPE || trick == LIST_BAD_ID)
		body = bodies[trick];
	char text[512];
	if (trick == LIST_STALL)
		pause();
	if (trick == LIST_ENDLESS_HEAD) {
		say(fd, "HTTP/1.0 200 OK\r\n", 17);
		for (;;)
			say(fd, "X-Y: zzzzzzzzzzzz\r\n", 19);
	}
	const char *head = trick == LIST_STATUS    ? "HTTP/1.0 404 No\r\n"
			   : trick == LIST_NO_HTTP ? "SSH-2.0-OpenSSH\r\n"
						   : "HTTP/1.0 200 OK\r\n";
	size_t length = trick == LIST_HUGE         ? (size_t)1 << 40
			: trick == LIST_BROKEN_OFF ? 200
						   : strlen(body);
	if (trick == LIST_NO_LENGTH)
		snprintf(text, sizeof text, "%s\r\n%s", head, body);
	else
		snprintf(text, sizeof text, "%sContent-Length: %zu\r\n\r\n%s", head,
			length, body);
	say(fd, text, strlen(text));
}

static void answer_upgrade(int fd, const char *request, enum trick trick)
{
	char key[WEBSOCKET_KEY_BYTES] = "", accept[WEBSOCKET_ACCEPT_BYTES], text[512];
	const char *at = strstr(request, "Sec-WebSocket-Key: ");
	BUG_ON(!at || !strstr(request, "Host: 127.0.0.1:"));
	memcpy(key, at + 19, WEBSOCKET_KEY_BYTES - 1);
	if (trick == UPGRADE_WRONG_ACCEPT)
		key[0] ^= 1;
	websocket_accept(key, accept);
	if (trick == UPGRADE_STALL)
		pause();
	snprintf(text, sizeof text,
		"HTTP/1.1 %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%s"
		"Sec-WebSocket-Accept: %s\r\n\r\n",
		trick == UPGRADE_STATUS ? "400 Bad" : "101 Switching Protocols",
		trick == UPGRADE_EXTENSION
			? "Sec-WebSocket-Extensions: permessage-deflate\r\n"
			: "",
		accept);
	say(fd, text, strlen(text));
}

static void take_tricks(int fd, enum trick trick)
{
	text_frame(fd, PROGRESS);
	if (trick == TAKE_BREAKS_OFF) {
		frame(fd, 0x01, CHUNK "{half", strlen(CHUNK "{half"));
		_exit(0);
	}
	if (trick == TAKE_BAD_ESCAPE)
		text_frame(fd, CHUNK "\\q\"}}");
	if (trick == TAKE_OTHER_ORDER)
		text_frame(fd, "{\"params\":{\"chunk\":\"{\\\"a\\\":"
			       "\\\"\\ud83d\\ude00\\\"}\"},"
			       "\"method\":\"HeapProfiler.addHeapSnapshotChunk\"}");
	if (trick == TAKE_SPLIT) {
		/* One message in three frames, a ping between, a pair cut in half. */
		frame(fd, 0x01, CHUNK "{\\\"a\\", strlen(CHUNK "{\\\"a\\"));
		frame(fd, 0x89, "p", 1);
		static const char middle[] = "\":\\\"\\ud8",
				  end[] = "3d\\ude00\\\"}\"}}";
		frame(fd, 0x00, middle, sizeof middle - 1);
		frame(fd, 0x80, end, sizeof end - 1);
	}
}

static void answer(int fd, enum trick trick)
{
	static char huge[60000];
	memset(huge, ' ', sizeof huge);
	if (trick == ANSWER_STALL)
		pause();
	if (trick == ANSWER_CLOSE)
		frame(fd, 0x88, "\x03\xE8", 2);
	if (trick == ANSWER_EOF)
		_exit(0);
	if (trick == ANSWER_GARBAGE)
		text_frame(fd, "\xff{]");
	if (trick == ANSWER_MASKED)
		say(fd, "\x81\x82xxxxyy", 8);
	for (int i = 0; trick == ANSWER_HUGE && i < 100; i++)
		frame(fd, i ? 0x00 : 0x01, huge, sizeof huge);
	while (trick == ANSWER_PINGS)
		frame(fd, 0x89, huge, 125);
	if (trick == ANSWER_ERROR)
		text_frame(fd, "{\"id\":1,\"error\":{\"code\":-32601,\"message\":\"no "
			       "such\"}}");
	if (trick == ANSWER_THROWS)
		text_frame(fd, "{\"id\":1,\"result\":{\"result\":{\"type\":\"object\"},"
			       "\"exceptionDetails\":{\"text\":\"Uncaught\"}}}");
	if (trick == ANSWER_OLD_ID)
		text_frame(fd, "{\"id\":77,\"result\":{\"result\":{\"value\":6}}}");
	if (trick >= TAKE_SPLIT)
		take_tricks(fd, trick);
	text_frame(fd,
		"{\"id\":1,\"result\":{\"result\":{\"type\":\"number\",\"value\":7}}}");
}

static void serve(int listener, enum trick trick)
{
	char request[4096];
	alarm(30);
	int fd = accept(listener, NULL, NULL);
	listen_to_request(fd, request, sizeof request);
	answer_list(fd, trick);
	close(fd);
	fd = accept(listener, NULL, NULL);
	listen_to_request(fd, request, sizeof request);
	answer_upgrade(fd, request, trick);
	if (read(fd, request, sizeof request) > 0)
		answer(fd, trick);
	while (read(fd, request, sizeof request) > 0)
		;
	_exit(0);
}

struct fake {
	pid_t pid;
	struct netns here;
	struct session_target target;
};

static void fake_start(struct fake *f, enum trick trick)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 4), 0);
	getsockname(fd, (struct sockaddr *)&a, &length);
	f->pid = fork();
	if (f->pid == 0)
		serve(fd, trick);
	close(fd);
	f->here.fd = -1;
	f->target = (struct session_target){
		.netns = &f->here, .port = ntohs(a.sin_port), .is_v6 = false};
}

static void fake_stop(struct fake *f)
{
	kill(f->pid, SIGKILL);
	waitpid(f->pid, NULL, 0);
}

struct taken {
	struct buf text;
	uint64_t done, total;
	bool refuses;
};

static bool take_bytes(void *context, const void *bytes, size_t length, struct err *e)
{
	struct taken *t = context;
	if (t->refuses)
		return err_set(e, ERR_BUSY, "no more room");
	buf_append(&t->text, bytes, length);
	return true;
}

static void take_progress(void *context, uint64_t done, uint64_t total)
{
	struct taken *t = context;
	t->done = done;
	t->total = total;
}

static void false_inspectors_are_no_inspectors(void **state)
{
	(void)state;
	static const struct {
		enum trick trick;
		const char *why;
	} cases[] = {
		{LIST_STATUS, "HTTP status 404"},
		{LIST_NO_HTTP, "no proper HTTP"},
		{LIST_NO_LENGTH, "no length"},
		{LIST_HUGE, "too great"},
		{LIST_GARBAGE, "no inspector"},
		{LIST_OTHER_TYPE, "no inspector"},
		{LIST_BAD_ID, "no inspector"},
		{LIST_STALL, "in time"},
		{LIST_ENDLESS_HEAD, "no proper HTTP"},
		{LIST_BROKEN_OFF, "closed"},
		{UPGRADE_STATUS, "HTTP status 400"},
		{UPGRADE_WRONG_ACCEPT, "Sec-WebSocket-Accept"},
		{UPGRADE_EXTENSION, "no proper HTTP"},
		{UPGRADE_STALL, "in time"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake f;
		struct session *s;
		struct err e = {0};
		fake_start(&f, cases[i].trick);
		int64_t begun = clock_mono_ms();
		assert_false(session_open(&f.target, -1, begun + 700, &s, &e));
		assert_true(clock_mono_ms() - begun < 2500);
		if (!strstr(e.text, cases[i].why))
			fail_msg("trick %d: '%s'", cases[i].trick, e.text);
		fake_stop(&f);
	}
}

static void broken_answers_are_errors_in_time(void **state)
{
	(void)state;
	static const struct {
		enum trick trick;
		const char *why;
		bool is_usable;
	} cases[] = {
		{ANSWER_STALL, "in time", true},
		{ANSWER_CLOSE, "closed", false},
		{ANSWER_EOF, "", false},
		{ANSWER_GARBAGE, "no JSON", false},
		{ANSWER_HUGE, "more than 4 MiB", false},
		{ANSWER_MASKED, "masks", false},
		{ANSWER_PINGS, "", false},
		{ANSWER_ERROR, "answers with error -32601", true},
		{ANSWER_THROWS, "could not evaluate", true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake f;
		struct session *s;
		struct err e = {0};
		json_t *value = NULL;
		fake_start(&f, cases[i].trick);
		int64_t begun = clock_mono_ms();
		assert_true(session_open(&f.target, -1, begun + 2000, &s, &e));
		bool ok = session_evaluate(s, "7", clock_mono_ms() + 700, &value, &e);
		assert_false(ok);
		assert_true(clock_mono_ms() - begun < 5000);
		if (!strstr(e.text, cases[i].why))
			fail_msg("trick %d: '%s'", cases[i].trick, e.text);
		if (cases[i].trick != ANSWER_PINGS)
			assert_int_equal(session_is_usable(s), cases[i].is_usable);
		session_close(s);
		fake_stop(&f);
	}
}

static void honest_answers_are_values(void **state)
{
	(void)state;
	static const enum trick tricks[] = {HONEST, ANSWER_OLD_ID};
	for (size_t i = 0; i < 2; i++) {
		struct fake f;
		struct session *s;
		struct err e = {0};
		json_t *value = NULL;
		fake_start(&f, tricks[i]);
		assert_true(
			session_open(&f.target, -1, clock_mono_ms() + 2000, &s, &e));
		assert_true(
			session_evaluate(s, "7", clock_mono_ms() + 2000, &value, &e));
		assert_int_equal(json_integer_value(value), 7);
		json_decref(value);
		session_close(s);
		fake_stop(&f);
	}
}

static bool take(enum trick trick, struct taken *t, struct err *e)
{
	struct fake f;
	struct session *s;
	const struct door_sink sink = {take_bytes, take_progress, t};
	fake_start(&f, trick);
	assert_true(session_open(&f.target, -1, clock_mono_ms() + 2000, &s, e));
	bool ok = session_take(s, &sink, clock_mono_ms() + 1000, e);
	session_close(s);
	fake_stop(&f);
	return ok;
}

static void a_snapshot_streams_through_in_pieces(void **state)
{
	(void)state;
	static const enum trick tricks[] = {TAKE_SPLIT, TAKE_OTHER_ORDER};
	for (size_t i = 0; i < 2; i++) {
		struct taken t = {0};
		struct err e;
		assert_true(take(tricks[i], &t, &e));
		assert_string_equal(t.text.data, "{\"a\":\"\xF0\x9F\x98\x80\"}");
		assert_int_equal(t.done, 5);
		assert_int_equal(t.total, 10);
		buf_finish(&t.text);
	}
}

static void a_broken_snapshot_is_no_snapshot(void **state)
{
	(void)state;
	struct taken t = {0};
	struct err e;
	assert_false(take(TAKE_BREAKS_OFF, &t, &e));
	assert_non_null(strstr(e.text, "clos"));
	assert_false(take(TAKE_BAD_ESCAPE, &t, &e));
	assert_non_null(strstr(e.text, "escape"));
	t.refuses = true;
	assert_false(take(TAKE_SPLIT, &t, &e));
	assert_int_equal(e.kind, ERR_BUSY);
	assert_non_null(strstr(e.text, "no more room"));
	buf_finish(&t.text);
}

static void a_wait_can_be_stopped(void **state)
{
	(void)state;
	struct fake f;
	struct session *s;
	struct err e;
	json_t *value;
	int ends[2];
	fake_start(&f, ANSWER_STALL);
	assert_int_equal(pipe(ends), 0);
	assert_true(session_open(&f.target, ends[0], clock_mono_ms() + 2000, &s, &e));
	close(ends[1]); /* as when the one who could stop us has died */
	int64_t begun = clock_mono_ms();
	assert_false(session_evaluate(s, "7", begun + 60000, &value, &e));
	assert_non_null(strstr(e.text, "stopped"));
	session_cannot_stop(s);
	assert_false(session_evaluate(s, "7", clock_mono_ms() + 200, &value, &e));
	assert_non_null(strstr(e.text, "in time"));
	assert_true(clock_mono_ms() - begun < 5000);
	session_close(s);
	close(ends[0]);
	fake_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(false_inspectors_are_no_inspectors),
		cmocka_unit_test(broken_answers_are_errors_in_time),
		cmocka_unit_test(honest_answers_are_values),
		cmocka_unit_test(a_snapshot_streams_through_in_pieces),
		cmocka_unit_test(a_broken_snapshot_is_no_snapshot),
		cmocka_unit_test(a_wait_can_be_stopped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
