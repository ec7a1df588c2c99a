/*
 * What TLS promises: only safe versions, a new certificate without a pause and without
 * harm to who is connected, a bad one never, and that a handshake without end has one.
 */
#include "server/api/http.h"
#include "tests/support/tls.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
/* After what it needs. */
#include <cmocka.h>

enum { BIG = 1 << 20, READ_MS = 1500 };

static char folder[64], cert[96], key[96], other_cert[96], other_key[96];
static struct tls *tls;
static struct http *http;
static struct proxies proxies;
static struct clients *clients;

static void answer(void *context, struct http_request *request, struct http_response *r)
{
	(void)context;
	r->type = "text/plain";
	if (strcmp(request->path, "/big") == 0)
		memset(buf_reserve(&r->body, BIG), 'x', BIG), r->body.length = BIG;
	else
		buf_printf(&r->body, "%s %s", request->is_secure ? "secure" : "open",
			request->client);
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
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/tidemark-tls-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(cert, sizeof cert, "%s/cert.pem", folder);
	snprintf(key, sizeof key, "%s/key.pem", folder);
	snprintf(other_cert, sizeof other_cert, "%s/other-cert.pem", folder);
	snprintf(other_key, sizeof other_key, "%s/other-key.pem", folder);
	tls_make(cert, key, 1);
	tls_make(other_cert, other_key, 9);
	assert_true(proxies_parse("", &proxies, &e));
	clients = clients_create();
	tls = tls_open(cert, key, &e);
	assert_non_null(tls);
	http = http_start(
		&(struct http_options){
			.host = "127.0.0.1",
			.read_ms = READ_MS,
			.idle_ms = 30000,
			.answer_ms = 30000,
			.send_ms = 30000,
			.stream_ms = 30000,
			.connections_max = 4096,
			.clients = clients,
			.tls = tls,
			.hsts_s = 31536000,
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
	const char *const files[] = {cert, key, other_cert, other_key};
	http_stop(http);
	tls_close(tls);
	clients_destroy(clients);
	for (size_t i = 0; i < 4; i++)
		unlink(files[i]);
	rmdir(folder);
	return 0;
}

/* The certificate that a new connection is shown. */
static uint8_t shown(void)
{
	struct tls_client c;
	assert_int_equal(tls_client_open(&c, http_port(http), NULL), 0);
	uint8_t serial = tls_client_serial(&c);
	tls_client_close(&c);
	return serial;
}

static void expect_version(const char *priorities, bool works)
{
	struct tls_client c;
	struct buf in = {0};
	int status = tls_client_open(&c, http_port(http), priorities);
	if (works) {
		assert_int_equal(status, 0);
		tls_client_get(&c, "/", &in);
		assert_memory_equal(in.data, "HTTP/1.1 200", 12);
		assert_non_null(strstr(in.data, "\r\n\r\nsecure 127.0.0.1"));
		assert_non_null(strstr(in.data,
			"\r\nStrict-Transport-Security: max-age=31536000\r\n"));
	} else if (status == 0) {
		fail_msg("%s: was accepted", priorities);
	}
	buf_finish(&in);
	tls_client_close(&c);
}

static void only_safe_versions_and_ciphers(void **state)
{
	(void)state;
	expect_version("NORMAL:-VERS-ALL:+VERS-TLS1.3", true);
	expect_version("NORMAL:-VERS-ALL:+VERS-TLS1.2", true);
	expect_version("NORMAL:-VERS-ALL:+VERS-TLS1.1", false);
	expect_version("NORMAL:-VERS-ALL:+VERS-TLS1.0", false);
	expect_version("NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC", false);
	expect_version("NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA", false);
}

static void without_tls_nothing_is_answered(void **state)
{
	(void)state;
	char bytes[64];
	static const char ask[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	int fd = http_connect(http_port(http));
	http_send(fd, ask, sizeof ask - 1);
	ssize_t n = recv(fd, bytes, sizeof bytes, 0);
	assert_true(n <= 0 || bytes[0] != 'H');
	close(fd);
}

static void long_answers_arrive_whole(void **state)
{
	(void)state;
	struct tls_client c;
	struct buf in = {0};
	assert_int_equal(tls_client_open(&c, http_port(http), NULL), 0);
	for (int i = 0; i < 3; i++) {
		buf_reset(&in);
		tls_client_get(&c, "/big", &in);
		const char *body = strstr(in.data, "\r\n\r\n") + 4;
		assert_int_equal(in.length - (size_t)(body - in.data), BIG);
		assert_int_equal(strspn(body, "x"), BIG);
	}
	buf_finish(&in);
	tls_client_close(&c);
}

static void a_new_certificate_harms_nobody(void **state)
{
	(void)state;
	struct err e;
	struct tls_client old;
	struct buf in = {0};
	uint64_t taken = tls_state(tls).taken;
	assert_int_equal(tls_client_open(&old, http_port(http), NULL), 0);
	assert_int_equal(tls_refresh(tls, false, &e), TLS_SAME);
	tls_make(cert, key, 2);
	/* First seen, then taken when nobody writes any more. */
	assert_int_equal(tls_refresh(tls, false, &e), TLS_SAME);
	assert_int_equal(shown(), 1);
	assert_int_equal(tls_refresh(tls, false, &e), TLS_TAKEN);
	assert_int_equal(tls_refresh(tls, false, &e), TLS_SAME);
	assert_int_equal(shown(), 2);
	assert_int_equal(tls_state(tls).taken, taken + 1);
	tls_client_get(&old, "/", &in);
	assert_memory_equal(in.data, "HTTP/1.1 200", 12);
	assert_int_equal(tls_client_serial(&old), 1);
	buf_finish(&in);
	tls_client_close(&old);
	tls_make(cert, key, 1);
	assert_int_equal(tls_refresh(tls, true, &e), TLS_TAKEN);
	assert_int_equal(shown(), 1);
}

static void copy_file(const char *from, const char *to)
{
	char bytes[65536];
	FILE *file = fopen(from, "r");
	size_t length = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	tls_write(to, bytes, length);
}

static void expect_kept(const char *why)
{
	struct err e;
	uint64_t refused = tls_state(tls).refused;
	assert_int_equal(tls_refresh(tls, true, &e), TLS_KEPT);
	if (!strstr(e.text, why))
		fail_msg("'%s' does not say '%s'", e.text, why);
	assert_int_equal(tls_state(tls).refused, refused + 1);
	assert_int_equal(shown(), 1);
}

static void a_bad_certificate_is_never_taken(void **state)
{
	(void)state;
	struct err e;
	char kept_cert[96], kept_key[96];
	snprintf(kept_cert, sizeof kept_cert, "%s/kept-cert.pem", folder);
	snprintf(kept_key, sizeof kept_key, "%s/kept-key.pem", folder);
	copy_file(cert, kept_cert);
	copy_file(key, kept_key);
	tls_write(cert, "nonsense\n", 9);
	expect_kept("cert.pem: no certificate in PEM");
	tls_write(cert, "", 0);
	expect_kept("cert.pem: no certificate in PEM");
	copy_file(other_cert, cert);
	expect_kept("is not the key of the certificate in");
	copy_file(kept_cert, cert);
	tls_write(key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		59);
	expect_kept("key.pem: no private key in PEM");
	unlink(key);
	expect_kept("key.pem: No such file");
	/* It is told once, not every second. */
	assert_int_equal(tls_refresh(tls, false, &e), TLS_SAME);
	assert_int_equal(tls_refresh(tls, false, &e), TLS_SAME);
	assert_int_equal(rename(kept_key, key), 0);
	unlink(kept_cert);
	assert_int_equal(tls_refresh(tls, true, &e), TLS_TAKEN);
	assert_null(tls_open(cert, other_key, &e));
	assert_non_null(strstr(e.text, "is not the key of"));
	assert_null(tls_open("/nonexistent/cert", key, &e));
	assert_non_null(strstr(e.text, "/nonexistent/cert"));
}

static atomic_bool changing = true;

static void *change(void *context)
{
	struct err e;
	(void)context;
	while (atomic_load(&changing)) {
		tls_refresh(tls, true, &e);
		usleep(500);
	}
	return NULL;
}

static void handshakes_and_changes_may_meet(void **state)
{
	(void)state;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, change, NULL), 0);
	for (int i = 0; i < 60; i++)
		assert_int_equal(shown(), 1);
	atomic_store(&changing, false);
	pthread_join(thread, NULL);
}

static bool is_closed(int fd)
{
	char bytes[512];
	ssize_t n;
	while ((n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
		;
	return n == 0 || errno == ECONNRESET;
}

/* Some say nothing, some begin a handshake and stop, some drip it. */
static void handshakes_without_end_have_one(void **state)
{
	(void)state;
	enum { HANDSHAKES = 90 };
	static const uint8_t hello[] = {0x16, 0x03, 0x01, 0x01, 0x00, 0x01, 0x00, 0x00,
		0xfc, 0x03, 0x03, 0x11, 0x22};
	int fds[HANDSHAKES], left = HANDSHAKES;
	size_t open, cut, cut_before;
	http_count(http, &open, &cut_before);
	for (int i = 0; i < HANDSHAKES; i++) {
		fds[i] = http_connect(http_port(http));
		if (i % 3)
			http_send(fds[i], hello, sizeof hello);
	}
	for (int tries = 0; left && tries < 200; tries++) {
		assert_int_equal(shown(), 1);
		for (int i = 0; i < HANDSHAKES; i++) {
			if (fds[i] < 0)
				continue;
			if (i % 3 == 2)
				send(fds[i], "\1", 1, MSG_NOSIGNAL);
			if (!is_closed(fds[i]))
				continue;
			close(fds[i]);
			fds[i] = -1;
			left--;
		}
		usleep(50000);
	}
	assert_int_equal(left, 0);
	http_count(http, &open, &cut);
	assert_int_equal(cut - cut_before, HANDSHAKES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_safe_versions_and_ciphers),
		cmocka_unit_test(without_tls_nothing_is_answered),
		cmocka_unit_test(long_answers_arrive_whole),
		cmocka_unit_test(a_new_certificate_harms_nobody),
		cmocka_unit_test(a_bad_certificate_is_never_taken),
		cmocka_unit_test(handshakes_and_changes_may_meet),
		cmocka_unit_test(handshakes_without_end_have_one),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
