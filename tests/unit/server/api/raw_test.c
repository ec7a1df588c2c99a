/*
 * A raw heap file is downloaded in ranges, and goes on after every cut.
 */
#include "schema/snapshot.h"
#include "server/store/raw.h"
#include "tests/support/api.h"
#include "tests/unit/cmocka_all.h"

#include <sodium.h>
#include <zstd.h>

/* More than the kernel keeps of an answer that nobody reads. */
enum { FILE_BYTES = 12000000, PARTS = 19 };

static const char target[] = "/api/v1/snapshots/2/raw";
static char ada[256], bob[256];
static uint8_t file[FILE_BYTES], sum[32];
static char etag[80];

static void log_in(const char *name, char headers[256])
{
	char cookie[128];
	api_log_in(name, cookie);
	snprintf(headers, 256, "%s" API_JSON, cookie);
}

/* What the host's agent would send. */
static void send_part(uint32_t number)
{
	static const uint8_t key[RAW_KEY_BYTES] = API_RAW_KEY;
	size_t from = (size_t)number * SNAPSHOT_RAW_PART_BYTES;
	size_t length = FILE_BYTES - from < SNAPSHOT_RAW_PART_BYTES
				? FILE_BYTES - from
				: SNAPSHOT_RAW_PART_BYTES;
	size_t room = ZSTD_compressBound(length);
	void *small = malloc(room);
	struct snapshot_raw_part part = {.capture = 2,
		.number = number,
		.parts = PARTS,
		.file_bytes = FILE_BYTES,
		.bytes = small,
		.length = ZSTD_compress(small, room, file + from, length, 1)};
	memcpy(part.file_sha256, sum, sizeof sum);
	crypto_hash_sha256(part.sha256, file + from, length);
	struct raw_arrival arrival = {.agent_id = 1, .part = &part};
	struct arena a;
	struct err e = {0};
	arena_init(&a);
	api_require(db_begin(api_db, &e), "begin", &e);
	api_require(raw_put(api_db, key, &arrival, &a, &e), "raw_put", &e);
	api_require(db_commit(api_db, &e), "commit", &e);
	if (arrival.fate != WIRE_STORED)
		fail_msg("part %u: %d %s", number, (int)arrival.fate, arrival.reason);
	arena_finish(&a);
	free(small);
}

static int set_up(void **state)
{
	static const unsigned char seed[randombytes_SEEDBYTES] = {1};
	char sql[512], hex[65];
	api_set_up(state);
	log_in("ada", ada);
	log_in("bob", bob);
	randombytes_buf_deterministic(file, sizeof file, seed);
	crypto_hash_sha256(sum, file, sizeof file);
	sodium_bin2hex(hex, sizeof hex, sum, sizeof sum);
	snprintf(etag, sizeof etag, "\"%s\"", hex);
	snprintf(sql, sizeof sql,
		"UPDATE snapshot SET raw_bytes = 12000000, raw_sha256 = '\\x%s' WHERE "
		"id = 2; "
		"UPDATE snapshot_raw SET state = 'pulling', parts_here = 0, parts = 19 "
		"WHERE "
		"snapshot_id = 2",
		hex);
	api_sql(sql);
	return 0;
}

static void ask(const char *method, const char *more, struct http_reply *r)
{
	char headers[512];
	snprintf(headers, sizeof headers, "%s%s", ada, more);
	api_ask(method, target, headers, NULL, r);
}

static void holds(const struct http_reply *r, int status, const char *text)
{
	if (r->status != status || !strstr(r->body.data, text))
		fail_msg("%d, not %d with '%s': %.300s", r->status, status, text,
			r->body.data);
}

static void is_part(const struct http_reply *r, int status, size_t first, size_t length)
{
	assert_int_equal(r->status, status);
	assert_int_equal(r->body.length, length);
	assert_memory_equal(r->body.data, file + first, length);
}

static void has_field(const struct http_reply *r, const char *name, const char *value)
{
	char field[256] = "";
	http_field(r, name, field, sizeof field);
	assert_string_equal(field, value);
}

static void a_file_must_be_whole_first(void **state)
{
	(void)state;
	scoped_reply struct http_reply a, b, c, d;
	ask("GET", "", &a);
	holds(&a, 409, "it is pulling, 0 of 19 parts have come");
	for (uint32_t i = 0; i < PARTS - 1; i++)
		send_part(i);
	ask("GET", "", &b);
	holds(&b, 409, "18 of 19 parts have come");
	send_part(PARTS - 1);
	api_ask("GET", "/api/v1/snapshots/1/raw", ada, NULL, &c);
	holds(&c, 404, "no raw file of snapshot 1 was kept");
	api_ask("GET", "/api/v1/snapshots/4711/raw", ada, NULL, &d);
	holds(&d, 404, "no snapshot has the id 4711");
}

static void the_whole_file_comes(void **state)
{
	(void)state;
	scoped_reply struct http_reply get, head, same;
	char more[128];
	ask("GET", "Accept-Encoding: gzip\r\n", &get);
	is_part(&get, 200, 0, FILE_BYTES);
	has_field(&get, "Content-Length", "12000000");
	has_field(&get, "Accept-Ranges", "bytes");
	has_field(&get, "ETag", etag);
	has_field(&get, "Content-Type", "application/octet-stream");
	has_field(&get, "Cache-Control", "no-store");
	has_field(&get, "Content-Encoding", "");
	has_field(&get, "Content-Disposition",
		"attachment; filename=\"checkout-web-1-4303-20261122T095500Z."
		"heapsnapshot\"");
	ask("HEAD", "", &head);
	assert_int_equal(head.status, 200);
	has_field(&head, "Content-Length", "12000000");
	has_field(&head, "ETag", etag);
	snprintf(more, sizeof more, "If-None-Match: %s\r\n", etag);
	ask("GET", more, &same);
	assert_int_equal(same.status, 304);
}

static void ranges_are_parts(void **state)
{
	(void)state;
	static const struct {
		const char *range, *content_range;
		size_t first, length;
	} parts[] = {
		{"0-0", "bytes 0-0/12000000", 0, 1},
		{"0-99999", "bytes 0-99999/12000000", 0, 100000},
		/* Over the borders of stored parts. */
		{"655350-655370", "bytes 655350-655370/12000000", 655350, 21},
		{"655360-1310719", "bytes 655360-1310719/12000000", 655360, 655360},
		{"600000-1400000", "bytes 600000-1400000/12000000", 600000, 800001},
		{"11999999-", "bytes 11999999-11999999/12000000", 11999999, 1},
		{"11900000-99999999", "bytes 11900000-11999999/12000000", 11900000,
			100000},
		{"-500", "bytes 11999500-11999999/12000000", 11999500, 500},
		{"-99999999", "bytes 0-11999999/12000000", 0, FILE_BYTES},
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		scoped_reply struct http_reply r;
		char more[128];
		snprintf(more, sizeof more, "Range: bytes=%s\r\n", parts[i].range);
		ask("GET", more, &r);
		is_part(&r, 206, parts[i].first, parts[i].length);
		has_field(&r, "Content-Range", parts[i].content_range);
	}
}

static void what_is_no_range_of_it(void **state)
{
	(void)state;
	scoped_reply struct http_reply beyond, several, old, same, head;
	char more[256];
	ask("GET", "Range: bytes=12000000-\r\n", &beyond);
	holds(&beyond, 416, "the file has 12000000 bytes");
	has_field(&beyond, "Content-Range", "bytes */12000000");
	ask("GET", "Range: bytes=0-1,5-6\r\n", &several);
	is_part(&several, 200, 0, FILE_BYTES);
	ask("GET", "Range: bytes=5-6\r\nIf-Range: \"other\"\r\n", &old);
	is_part(&old, 200, 0, FILE_BYTES);
	snprintf(more, sizeof more, "Range: bytes=5-6\r\nIf-Range: %s\r\n", etag);
	ask("GET", more, &same);
	is_part(&same, 206, 5, 2);
	ask("HEAD", "Range: bytes=5-6\r\n", &head);
	assert_int_equal(head.status, 206);
	has_field(&head, "Content-Length", "2");
}

/* Reads `length` bytes of the answer's body, then hangs up; returns how many it got. */
static size_t read_and_hang_up(size_t first, size_t length, uint8_t *to)
{
	struct buf out = {0}, in = {0};
	buf_printf(&out,
		"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%sRange: bytes=%zu-\r\n"
		"If-Range: %s\r\n\r\n",
		target, ada, first, etag);
	int fd = http_connect(api_port(api_under_test));
	http_send(fd, out.data, out.length);
	char *body = NULL;
	size_t got = 0;
	while (got < length && http_more(fd, &in)) {
		body = strstr(in.data, "\r\n\r\n");
		got = body ? in.length - (size_t)(body + 4 - in.data) : 0;
	}
	assert_non_null(body);
	assert_memory_equal(in.data, "HTTP/1.1 206", 12);
	got = got < length ? got : length;
	memcpy(to, body + 4, got);
	close(fd);
	buf_finish(&out);
	buf_finish(&in);
	return got;
}

static void a_download_survives_its_cuts(void **state)
{
	(void)state;
	static uint8_t copy[FILE_BYTES];
	static const size_t cuts[] = {3000001, 655360, 5000000, FILE_BYTES};
	uint8_t copy_sum[32];
	size_t have = 0;
	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
		size_t wish = FILE_BYTES - have < cuts[i] ? FILE_BYTES - have : cuts[i];
		have += read_and_hang_up(have, wish, copy + have);
	}
	assert_int_equal(have, FILE_BYTES);
	crypto_hash_sha256(copy_sum, copy, sizeof copy);
	assert_memory_equal(copy_sum, sum, sizeof sum);
}

/* A client with so little room that the whole file does not fit between the two. */
static int connect_narrow(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(api_port(api_under_test)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), room = 4096;
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

/* Those that hang up and those that do not read leave no download behind. */
static void downloads_have_a_limit(void **state)
{
	(void)state;
	enum { MANY = 8 };
	int fds[MANY];
	struct buf out = {0};
	buf_printf(&out, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", target, ada);
	int busy = 0;
	for (int i = 0; i < MANY; i++) {
		struct buf in = {0};
		fds[i] = connect_narrow();
		http_send(fds[i], out.data, out.length);
		assert_true(http_more(fds[i], &in));
		assert_memory_equal(in.data, "HTTP/1.1 200", 12);
		buf_finish(&in);
	}
	{
		scoped_reply struct http_reply r;
		ask("GET", "", &r);
		busy = r.status;
		if (busy == 503) {
			holds(&r, 503, "downloads are under way");
			has_field(&r, "Retry-After", "10");
		}
	}
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
	buf_finish(&out);
	assert_int_equal(busy, 503);
	for (int i = 0; i < 200; i++) {
		scoped_reply struct http_reply r;
		ask("GET", "Range: bytes=0-0\r\n", &r);
		if (r.status == 206)
			return;
		usleep(20000);
	}
	fail_msg("the downloads are still counted");
}

static void downloads_are_in_the_audit(void **state)
{
	(void)state;
	scoped_reply struct http_reply r, part, head, same;
	char more[128];
	ask("GET", "Range: bytes=10-19\r\n", &part);
	ask("HEAD", "", &head);
	snprintf(more, sizeof more, "If-None-Match: %s\r\n", etag);
	ask("GET", more, &same);
	assert_int_equal(same.status, 304);
	api_ask("GET", "/api/v1/audit?limit=1", ada, NULL, &r);
	holds(&r, 200, "\"actor\":\"ada\",\"action\":\"raw.download\"");
	holds(&r, 200, "\"detail\":\"snapshot 2, bytes 10-19 of 12000000\"");
	holds(&r, 200, "\"subject\":\"checkout on web-1, pid 4303\"");
}

static void raw_files_are_for_admins(void **state)
{
	(void)state;
	static const char *const methods[] = {"GET", "POST", "DELETE"};
	for (size_t i = 0; i < 3; i++) {
		scoped_reply struct http_reply r;
		api_ask(methods[i], target, bob, i ? "" : NULL, &r);
		holds(&r, 403, "this needs the role admin");
	}
}

static void a_damaged_part_cuts_the_download(void **state)
{
	(void)state;
	struct buf out = {0}, in = {0};
	api_sql("UPDATE snapshot_raw_part SET sealed = overlay(sealed PLACING "
		"'\\xffff' "
		"FROM 100) WHERE number = 1");
	buf_printf(&out,
		"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n%s\r\n",
		target, ada);
	int fd = http_connect(api_port(api_under_test));
	http_send(fd, out.data, out.length);
	while (http_more(fd, &in)) {
	}
	char *body = strstr(in.data, "\r\n\r\n");
	assert_non_null(body);
	size_t got = in.length - (size_t)(body + 4 - in.data);
	assert_int_equal(got, SNAPSHOT_RAW_PART_BYTES);
	assert_memory_equal(body + 4, file, got);
	close(fd);
	buf_finish(&out);
	buf_finish(&in);
}

/* Told before the answer has begun, and no download in the audit. */
static void what_cannot_be_opened_is_told(void **state)
{
	(void)state;
	scoped_reply struct http_reply damaged, audit, large;
	ask("GET", "Range: bytes=800000-800009\r\n", &damaged);
	holds(&damaged, 409,
		"the raw file cannot be read: part 1: is not what was stored");
	api_ask("GET", "/api/v1/audit?limit=1", ada, NULL, &audit);
	assert_null(strstr(audit.body.data, "800000-800009"));
	api_sql("UPDATE snapshot SET raw_bytes = 9000000000 WHERE id = 2; UPDATE "
		"snapshot_raw SET state = 'kept' WHERE snapshot_id = 2");
	ask("POST", "", &large);
	holds(&large, 409,
		"the raw file has 9000000000 bytes, at most 8589934592 are fetched");
	api_sql("UPDATE snapshot SET raw_bytes = 12000000 WHERE id = 2; UPDATE "
		"snapshot_raw SET state = 'complete' WHERE snapshot_id = 2");
}

static void a_file_is_asked_for_and_dropped(void **state)
{
	(void)state;
	scoped_reply struct http_reply again, dropped, gone, none, wrong;
	api_ask("POST", target, ada, "", &again);
	holds(&again, 200, "\"state\":\"complete\"");
	api_ask("DELETE", target, ada, "", &dropped);
	holds(&dropped, 200, "\"state\":\"dropped\"");
	ask("GET", "", &gone);
	holds(&gone, 409, "it is dropped");
	api_ask("POST", "/api/v1/snapshots/1/raw", ada, "", &none);
	holds(&none, 404, "no raw file of snapshot 1 was kept");
	api_ask("POST", target, ada, "", &wrong);
	holds(&wrong, 409, "the raw file is dropped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_must_be_whole_first),
		cmocka_unit_test(the_whole_file_comes),
		cmocka_unit_test(ranges_are_parts),
		cmocka_unit_test(what_is_no_range_of_it),
		cmocka_unit_test(a_download_survives_its_cuts),
		cmocka_unit_test(downloads_are_in_the_audit),
		cmocka_unit_test(raw_files_are_for_admins),
		cmocka_unit_test(downloads_have_a_limit),
		cmocka_unit_test(a_damaged_part_cuts_the_download),
		cmocka_unit_test(what_cannot_be_opened_is_told),
		cmocka_unit_test(a_file_is_asked_for_and_dropped),
	};
	return cmocka_run_group_tests(tests, set_up, api_tear_down);
}
