/* The line that brings a host in, over HTTPS, over plain HTTP, and where nobody knows
 * how this server is reached. */
#include "tests/support/api.h"

#include <sodium.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* After what it needs. */
#include <cmocka.h>

static char cookie[128];

/* As from `host`, "" for none; what is behind a trusted proxy says that it came by TLS.
 */
static void ask(const char *what, const char *host, const char *headers,
	const char *body, struct http_reply *r)
{
	struct buf request = {0};
	int fd = http_connect(api_port(api_under_test));
	buf_printf(&request, "%s HTTP/1.1\r\nConnection: close\r\n", what);
	if (*host)
		buf_printf(&request, "Host: %s\r\n", host);
	buf_printf(&request, "%s%sContent-Length: %zu\r\n\r\n%s", headers,
		*body ? API_JSON : "", strlen(body), body);
	http_send(fd, request.data, request.length);
	http_receive(fd, false, r);
	close(fd);
	buf_finish(&request);
}

static void make(const char *host, const char *more, struct http_reply *r)
{
	char headers[300];
	snprintf(headers, sizeof headers, "%s%s", cookie, more);
	ask("POST /api/v1/tokens", host, headers, "{\"kind\":\"join\"}", r);
	if (r->status != 200)
		fail_msg("%d %s", r->status, r->body.data);
}

static int start(void **state)
{
	int bad = api_set_up(state);
	api_log_in("ada", cookie);
	return bad;
}

static void plain_http_names_the_hash_of_the_script(void **state)
{
	(void)state;
	scoped_reply struct http_reply script, made, other;
	uint8_t hash[crypto_hash_sha256_BYTES];
	char sum[2 * sizeof hash + 1];
	ask("GET /install.sh", "[2001:db8::1]:8470", "", "", &script);
	assert_int_equal(script.status, 200);
	assert_non_null(
		strstr(script.body.data, "\nurl='http://[2001:db8::1]:8470'\n"));
	assert_null(strstr(script.body.data, "@URL"));
	assert_null(strstr(script.body.data, "@PACK"));
	crypto_hash_sha256(
		hash, (const uint8_t *)script.body.data, strlen(script.body.data));
	sodium_bin2hex(sum, sizeof sum, hash, sizeof hash);
	make("[2001:db8::1]:8470", "", &made);
	assert_non_null(strstr(
		made.body.data, "s=$(curl -fsS http://[2001:db8::1]:8470/install.sh)"));
	assert_non_null(strstr(made.body.data, sum));
	make("other:8470", "", &other);
	assert_null(strstr(other.body.data, sum));
}

/* The cookie's name says how it came. */
static void https_needs_no_hash(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	char headers[300];
	snprintf(headers, sizeof headers,
		"Cookie: __Host-%sX-Forwarded-For: 192.0.2.7\r\n"
		"X-Forwarded-Proto: https\r\n",
		cookie + strlen("Cookie: "));
	ask("POST /api/v1/tokens", "tidemark.example.com", headers,
		"{\"kind\":\"join\"}", &r);
	assert_int_equal(r.status, 200);
	assert_non_null(strstr(r.body.data,
		"'; curl -fsS https://tidemark.example.com/install.sh; } | sudo sh\""));
	assert_non_null(strstr(r.body.data, "\"{ echo 'TIDEMARK_TOKEN=tmk1."));
}

/* It becomes part of a line for a shell. */
static void what_is_no_address_is_in_no_line(void **state)
{
	(void)state;
	static const char *const odd[] = {"x;id", "x'", "$(id)", "`id`", "a b", "x/y",
		"x\"", "x>y", "x&y", "x|y", "x\\y"};
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		scoped_reply struct http_reply made, script;
		make(odd[i], "", &made);
		assert_non_null(strstr(made.body.data, "\"install\":null"));
		ask("GET /install.sh", odd[i], "", "", &script);
		assert_int_equal(script.status, 400);
	}
}

static void tokens_tell_what_they_ask_and_give(void **state)
{
	(void)state;
	scoped_reply struct http_reply good, bad, word, extra;
	static const char path[] = "POST /api/v1/tokens";
	ask(path, "h", cookie,
		"{\"kind\":\"join\",\"host_glob\":\"web-*\",\"labels\":{\"b\":\"2\","
		"\"a\":\"1\"}}",
		&good);
	assert_int_equal(good.status, 200);
	assert_non_null(strstr(good.body.data, "\"host_glob\":\"web-*\""));
	ask(path, "h", cookie, "{\"kind\":\"join\",\"labels\":{\"A B\":\"2\"}}", &bad);
	assert_int_equal(bad.status, 400);
	assert_non_null(strstr(bad.body.data, "a key has small letters"));
	ask(path, "h", cookie, "{\"kind\":\"api\",\"host_glob\":\"web-*\"}", &word);
	assert_int_equal(word.status, 400);
	ask("POST /api/v1/tokens/8c1d2e3f4a5b6c7d/revoke", "h", cookie,
		"{\"agents\":\"yes\"}", &extra);
	assert_int_equal(extra.status, 400);
	assert_non_null(strstr(extra.body.data, "agents"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_http_names_the_hash_of_the_script),
		cmocka_unit_test(https_needs_no_hash),
		cmocka_unit_test(what_is_no_address_is_in_no_line),
		cmocka_unit_test(tokens_tell_what_they_ask_and_give),
	};
	return cmocka_run_group_tests(tests, start, api_tear_down);
}
