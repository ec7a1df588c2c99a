/*
 * Clients that take for ever, in every way there is, are cut; meanwhile others are
 * answered.  Over real sockets, with deadlines of two seconds instead of many.  How
 * many drip at once is in TIDEMARK_DRIPPERS.
 *
 * What is quick is not asserted, only told: tests/faults judges figures.
 */
#include "server/api/http.h"
#include "tests/support/http.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>
/* After what it needs. */
#include <cmocka.h>

enum { DRIPPERS = 200, DRIPPERS_MAX = 4000, LIMIT_MS = 2000, PATIENCE_MS = 60000 };

static struct http *http;
static struct proxies proxies;
static struct clients *clients;
static atomic_int closed;
static pthread_mutex_t waking = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool over;
static char block[1 << 16], big[8 << 20];
static struct http_stream *silent; /* asleep until it is woken */

static ssize_t stream_read(void *context, char *to, size_t room)
{
	(void)context;
	memset(to, '.', room);
	return (ssize_t)room;
}

static ssize_t silent_read(void *context, char *to, size_t room)
{
	bool *said = context;
	if (*said)
		return atomic_load(&over) ? -1 : 0;
	*said = true;
	return stream_read(NULL, to, room < 10 ? room : 10);
}

/* Who wakes a stream holds the lock, so that its end waits for that. */
static void stream_close(void *context)
{
	(void)context;
	pthread_mutex_lock(&waking);
	atomic_fetch_add(&closed, 1);
	pthread_mutex_unlock(&waking);
}

static ssize_t content_read(void *context, uint64_t offset, char *to, size_t room)
{
	(void)offset;
	return stream_read(context, to, room);
}

static struct http_content content = {
	.length = UINT64_C(1) << 40, .read = content_read, .close = stream_close};

static void answer(void *context, struct http_request *request, struct http_response *r)
{
	static bool said;
	(void)context;
	r->type = "text/plain";
	r->status = request->refused ? request->refused : 200;
	if (strcmp(request->path, "/big") == 0)
		r->constant = big, r->constant_length = sizeof big;
	else if (strcmp(request->path, "/stream") == 0)
		r->stream = http_stream_create(
			&(struct http_source){NULL, stream_read, stream_close});
	else if (strcmp(request->path, "/silent") == 0)
		r->stream = silent = http_stream_create(
			&(struct http_source){&said, silent_read, stream_close});
	else if (strcmp(request->path, "/content") == 0)
		r->content = &content;
	else
		buf_text(&r->body, "good");
}

static void note(void *context, const struct http_response *r, int64_t us)
{
	(void)context;
	(void)r;
	(void)us;
}

static int set_up(void **state)
{
	struct err e;
	struct rlimit files;
	(void)state;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	memset(block, 'x', sizeof block);
	clients = clients_create();
	proxies_parse("127.0.0.1", &proxies, &e);
	http = http_start(
		&(struct http_options){
			.host = "127.0.0.1",
			.read_ms = LIMIT_MS,
			.idle_ms = LIMIT_MS,
			.answer_ms = LIMIT_MS,
			.send_ms = LIMIT_MS,
			.stream_ms = LIMIT_MS,
			.connections_max = 4096,
			.clients = clients,
			.proxies = &proxies,
			.handle = answer,
			.done = note,
		},
		&e);
	assert_non_null(http);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	http_stop(http);
	clients_destroy(clients);
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A socket that takes little at once, so that an answer has to wait for its reader. */
static int connect_small(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), small = 4096;
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(http_port(http)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	if (connect(fd, (struct sockaddr *)&to, sizeof to))
		http_die("connect");
	return fd;
}

static void say(int fd, const char *text)
{
	http_send(fd, text, strlen(text));
}

static int ask_slowly(const char *path)
{
	char text[128];
	int fd = connect_small();
	snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
	say(fd, text);
	return fd;
}

static size_t cut(void)
{
	size_t open, count;
	http_count(http, &open, &count);
	return count;
}

static size_t open_now(void)
{
	size_t open, count;
	http_count(http, &open, &count);
	return open;
}

static void others_are_answered(int64_t *slowest_ms)
{
	scoped_reply struct http_reply r;
	int64_t start_ms = now_ms();
	http_ask(http_port(http), "GET", "/", "", NULL, &r);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body.data, "good");
	if (now_ms() - start_ms > *slowest_ms)
		*slowest_ms = now_ms() - start_ms;
}

static int begin_dripping(int way)
{
	static const char post[] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: "
				   "60000\r\n\r\n";
	static const char chunks[] = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
				     "chunked\r\n\r\n";
	static const char *const begun[] = {"", "GET / HTTP/1.1\r\nX-", post, chunks};
	if (way == 4)
		return ask_slowly("/big");
	int fd = http_connect(http_port(http));
	say(fd, begun[way]);
	return fd;
}

/* One more byte of what never ends; of the slow readers, one byte less. */
static void drip(int fd, int way)
{
	static const char *const drops[] = {"G", "a", "b", "1\r\nc\r\n"};
	char byte;
	if (way == 4)
		recv(fd, &byte, 1, MSG_DONTWAIT);
	else
		send(fd, drops[way], strlen(drops[way]), MSG_NOSIGNAL);
}

/* Whether the other side has closed; reads and forgets what it sent. */
static bool is_closed(int fd)
{
	ssize_t n;
	while ((n = recv(fd, block, sizeof block, MSG_DONTWAIT)) > 0)
		;
	return n == 0 || errno == ECONNRESET;
}

static int dripper_count(void)
{
	const char *text = getenv("TIDEMARK_DRIPPERS");
	int count = text ? atoi(text) : DRIPPERS;
	return count < DRIPPERS_MAX ? count : DRIPPERS_MAX;
}

static void drippers_are_cut(void **state)
{
	(void)state;
	static int fds[DRIPPERS_MAX];
	int count = dripper_count(), left = count;
	int64_t start_ms = now_ms(), slowest_ms = 0;
	for (int i = 0; i < count; i++)
		fds[i] = begin_dripping(i % 5);
	while (left && now_ms() - start_ms < PATIENCE_MS) {
		for (int i = 0; i < count; i++) {
			if (fds[i] < 0)
				continue;
			drip(fds[i], i % 5);
			/* Who reads slowly sees the end behind what was on its way. */
			if (now_ms() - start_ms < 2 * LIMIT_MS || !is_closed(fds[i]))
				continue;
			close(fds[i]);
			fds[i] = -1;
			left--;
		}
		others_are_answered(&slowest_ms);
		usleep(50000);
	}
	assert_int_equal(left, 0);
	print_message(
		"%d drippers were cut within %lld ms; others waited at most %lld ms\n",
		count, (long long)(now_ms() - start_ms), (long long)slowest_ms);
	while (open_now() > 0 && now_ms() - start_ms < PATIENCE_MS)
		usleep(10000);
	assert_int_equal(open_now(), 0);
}

static void wait_for_a_cut(size_t before)
{
	for (int64_t start_ms = now_ms(); now_ms() - start_ms < PATIENCE_MS;) {
		if (cut() > before)
			return;
		usleep(20000);
	}
	fail_msg("nothing was cut");
}

static void a_stream_that_nobody_reads_is_cut(void **state)
{
	(void)state;
	int closed_before = atomic_load(&closed);
	size_t before = cut();
	int fd = ask_slowly("/stream");
	wait_for_a_cut(before);
	for (int i = 0; i < 1000 && atomic_load(&closed) == closed_before; i++)
		usleep(10000);
	assert_int_equal(atomic_load(&closed), closed_before + 1);
	close(fd);
}

static void a_stream_that_is_read_slowly_stays(void **state)
{
	(void)state;
	int fd = http_connect(http_port(http));
	struct timeval patience = {.tv_sec = 20};
	say(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	for (int64_t start_ms = now_ms(); now_ms() - start_ms < 2 * LIMIT_MS;) {
		/* Enough at once that its own buffer has room again. */
		for (int i = 0; i < 64; i++)
			assert_true(recv(fd, block, sizeof block, 0) > 0);
		usleep(50000);
	}
	close(fd);
}

static void a_stream_without_a_word_is_cut(void **state)
{
	(void)state;
	size_t before = cut();
	int fd = ask_slowly("/silent");
	wait_for_a_cut(before);
	atomic_store(&over, true);
	pthread_mutex_lock(&waking);
	http_stream_wake(silent);
	pthread_mutex_unlock(&waking);
	close(fd);
}

static void a_file_that_nobody_reads_is_cut(void **state)
{
	(void)state;
	size_t before = cut();
	int fd = ask_slowly("/content");
	wait_for_a_cut(before);
	close(fd);
}

/* Sent as fast as it is taken: it is never the one who is waited for. */
static void a_body_without_end_has_one(void **state)
{
	(void)state;
	static const char head[] = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
				   "chunked\r\n\r\n";
	int fd = http_connect(http_port(http));
	size_t sent = 0;
	say(fd, head);
	for (;; sent += sizeof block) {
		char size[16];
		snprintf(size, sizeof size, "%zx\r\n", sizeof block);
		if (send(fd, size, strlen(size), MSG_NOSIGNAL) <= 0 ||
			send(fd, block, sizeof block, MSG_NOSIGNAL) <= 0 ||
			send(fd, "\r\n", 2, MSG_NOSIGNAL) <= 0)
			break;
		if (sent > (64 << 20))
			fail_msg("64 MiB were taken");
	}
	close(fd);
	int64_t slowest_ms = 0;
	others_are_answered(&slowest_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drippers_are_cut),
		cmocka_unit_test(a_stream_that_nobody_reads_is_cut),
		cmocka_unit_test(a_stream_that_is_read_slowly_stays),
		cmocka_unit_test(a_stream_without_a_word_is_cut),
		cmocka_unit_test(a_file_that_nobody_reads_is_cut),
		cmocka_unit_test(a_body_without_end_has_one),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
