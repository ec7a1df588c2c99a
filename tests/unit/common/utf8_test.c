#include "common/utf8.h"

#include "tests/unit/cmocka_all.h"

#include <stdbool.h>

/* Every code point in its one form is taken whole. */
static size_t encode(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

static void every_code_point(void **state)
{
	(void)state;
	for (uint32_t c = 1; c < 0x120000; c++) {
		char text[8] = {0};
		size_t length = encode(c, text);
		bool valid = c < 0xd800 || (c > 0xdfff && c < 0x110000);
		if (utf8_character(text) != (valid ? length : 0))
			fail_msg("U+%04X: %zu", c, utf8_character(text));
	}
}

static void what_is_cut_or_overlong_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "\x80", "\xbf", "\xc0\x80", "\xc1\xbf",
		"\xc3", "\xc3(", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82",
		"\xe2(\xa1", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x92",
		"\xf0\x9f(\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
		"\xfe"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(utf8_character(bad[i]), 0);
}

static void spaces_alone_are_blank(void **state)
{
	(void)state;
	assert_true(utf8_is_blank(""));
	assert_true(utf8_is_blank(" \t\r\n\u00a0\u200b\u3000\ufeff "));
	assert_false(utf8_is_blank("  x"));
	assert_false(utf8_is_blank("\u00e9"));
	assert_false(utf8_is_blank(" \u3000."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point),
		cmocka_unit_test(what_is_cut_or_overlong_is_refused),
		cmocka_unit_test(spaces_alone_are_blank),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
