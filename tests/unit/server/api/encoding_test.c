/*
 * Encodings are negotiated as RFC 9110 has it, and come back unchanged.
 */
#include "server/api/encoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

static void gzip_is_negotiated(void **state)
{
	(void)state;
	assert_true(encoding_takes_gzip("gzip, deflate, br"));
	assert_true(encoding_takes_gzip("br;q=1.0, GZIP;q=0.5"));
	assert_true(encoding_takes_gzip("*"));
	assert_false(encoding_takes_gzip(NULL));
	assert_false(encoding_takes_gzip(""));
	assert_false(encoding_takes_gzip("identity"));
	assert_false(encoding_takes_gzip("gzip;q=0"));
	assert_false(encoding_takes_gzip("gzip;q=0, *"));
	assert_false(encoding_takes_gzip("*;q=0"));
	assert_false(encoding_takes_gzip("x-gzipped"));
}

static void text_comes_back(void **state)
{
	(void)state;
	struct buf text = {0}, small = {0}, back = {0};
	for (int i = 0; i < 20000; i++)
		buf_printf(&text, "%d,", i * i);
	encoding_gzip(text.data, text.length, &small);
	assert_true(small.length < text.length / 2);
	assert_true(encoding_gunzip(small.data, small.length, 1 << 20, &back));
	assert_int_equal(back.length, text.length);
	assert_memory_equal(back.data, text.data, text.length);
	buf_finish(&text);
	buf_finish(&small);
	buf_finish(&back);
}

static void broken_streams_are_refused(void **state)
{
	(void)state;
	struct buf small = {0}, back = {0};
	char zeros[100000] = {0};
	encoding_gzip(zeros, sizeof zeros, &small);
	assert_false(encoding_gunzip(small.data, small.length, 99999, &back));
	assert_false(encoding_gunzip(small.data, small.length - 1, 1 << 20, &back));
	assert_false(encoding_gunzip("no gzip", 7, 1 << 20, &back));
	assert_int_equal(back.length, 0);
	buf_finish(&small);
	buf_finish(&back);
}

static void etags_follow_the_content(void **state)
{
	(void)state;
	char a[ENCODING_ETAG_SIZE], b[ENCODING_ETAG_SIZE], z[ENCODING_ETAG_SIZE];
	encoding_etag("one", 3, a);
	encoding_etag("onf", 3, b);
	assert_string_not_equal(a, b);
	encoding_etag("one", 3, b);
	assert_string_equal(a, b);
	assert_int_equal(a[0], '"');
	assert_int_equal(a[strlen(a) - 1], '"');
	encoding_etag_gzip(a, z);
	assert_string_not_equal(a, z);
	assert_true(encoding_etag_matches(a, a));
	assert_true(encoding_etag_matches(z, a));
	assert_true(encoding_etag_matches("*", a));
	struct buf list = {0};
	buf_printf(&list, "\"x\", W/%s ,\"y\"", a);
	assert_true(encoding_etag_matches(list.data, a));
	assert_false(encoding_etag_matches("\"x\", \"y\"", a));
	assert_false(encoding_etag_matches("", a));
	buf_finish(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gzip_is_negotiated),
		cmocka_unit_test(text_comes_back),
		cmocka_unit_test(broken_streams_are_refused),
		cmocka_unit_test(etags_follow_the_content),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
