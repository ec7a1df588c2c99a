/*
 * The console is served whole, under a policy that lets nothing else in.  Without a
 * console in the build (TIDEMARK_WEB=OFF) there is nothing to test but its absence.
 */
#include "server/api/encoding.h"
#include "tests/support/api.h"

#include <assets.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static void get(
	const char *target, const char *headers, int status, struct http_reply *r)
{
	api_ask("GET", target, headers, NULL, r);
	if (r->status != status)
		fail_msg("%s: %d, not %d", target, r->status, status);
}

static void every_file_comes_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < asset_count; i++) {
		scoped_reply struct http_reply plain, small, again;
		struct buf back = {0};
		char value[512], headers[128];
		const char *path = assets[i].path;
		if (strcmp(path, "/openapi.json") == 0)
			path = "/api/v1/openapi.json";
		get(path, "", 200, &plain);
		get(path, "Accept-Encoding: gzip\r\n", 200, &small);
		assert_true(encoding_gunzip(
			small.body.data, small.body.length, 16 << 20, &back));
		assert_int_equal(back.length, plain.body.length);
		assert_memory_equal(back.data, plain.body.data, back.length);
		assert_true(http_field(&plain, "Content-Type", value, sizeof value));
		assert_string_equal(value, assets[i].type);
		assert_true(http_field(&plain, "Cache-Control", value, sizeof value));
		assert_int_equal(
			strstr(value, "immutable") != NULL, assets[i].immutable);
		assert_true(http_field(&small, "ETag", value, 100));
		snprintf(headers, sizeof headers,
			"Accept-Encoding: gzip\r\nIf-None-Match: %.90s\r\n", value);
		get(path, headers, 304, &again);
		buf_finish(&back);
	}
}

static void pages_fall_back_to_the_console(void **state)
{
	(void)state;
	scoped_reply struct http_reply root = {0}, page = {0}, pair = {0},
				       missing = {0};
	char value[512];
	if (asset_count == 0) {
		get("/", "", 404, &root);
		return;
	}
	get("/", "", 200, &root);
	get("/services/7?from=1", "", 200, &page);
	assert_string_equal(root.body.data, page.body.data);
	get("/snapshots/3...5", "", 200, &pair);
	assert_string_equal(root.body.data, pair.body.data);
	get("/assets/missing-123.js", "", 404, &missing);
	assert_true(http_field(&root, "Content-Security-Policy", value, sizeof value));
	assert_string_equal(value,
		"default-src 'none'; script-src 'self'; style-src 'self'; connect-src "
		"'self'; "
		"img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
		"frame-ancestors 'none'; require-trusted-types-for 'script'; "
		"trusted-types 'none'");
	/* What the policy forbids must not be in the page. */
	assert_null(strstr(root.body.data, "<style"));
	assert_null(strstr(root.body.data, "style="));
	assert_null(strstr(root.body.data, "http://"));
	assert_null(strstr(root.body.data, "https://"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_comes_whole),
		cmocka_unit_test(pages_fall_back_to_the_console),
	};
	return cmocka_run_group_tests(tests, api_set_up, api_tear_down);
}
