/*
 * One range of bytes is understood, whatever else is asked for is the whole file.
 */
#include "server/api/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* After what it needs. */
#include <cmocka.h>

static const struct {
	const char *header;
	uint64_t length;
	enum range_kind kind;
	uint64_t first, last;
} ranges[] = {
	{NULL, 1000, RANGE_WHOLE, 0, 0},
	{"bytes=0-0", 1000, RANGE_PART, 0, 0},
	{"bytes=0-99", 1000, RANGE_PART, 0, 99},
	{"Bytes=10-20", 1000, RANGE_PART, 10, 20},
	{"bytes= 10-20 ", 1000, RANGE_PART, 10, 20},
	{"bytes=500-", 1000, RANGE_PART, 500, 999},
	{"bytes=999-", 1000, RANGE_PART, 999, 999},
	{"bytes=990-5000", 1000, RANGE_PART, 990, 999},
	{"bytes=0-18446744073709551615", 1000, RANGE_PART, 0, 999},
	{"bytes=0-99999999999999999999999", 1000, RANGE_PART, 0, 999},
	{"bytes=-1", 1000, RANGE_PART, 999, 999},
	{"bytes=-1000", 1000, RANGE_PART, 0, 999},
	{"bytes=-99999999999999999999999", 1000, RANGE_PART, 0, 999},
	{"bytes=6442450944-", 8589934592, RANGE_PART, 6442450944, 8589934591},
	{"bytes=1000-", 1000, RANGE_BEYOND, 0, 0},
	{"bytes=18446744073709551615-", 1000, RANGE_BEYOND, 0, 0},
	{"bytes=99999999999999999999999-", 1000, RANGE_BEYOND, 0, 0},
	{"bytes=-0", 1000, RANGE_BEYOND, 0, 0},
	{"bytes=0-", 0, RANGE_BEYOND, 0, 0},
	{"bytes=-5", 0, RANGE_BEYOND, 0, 0},
	{"bytes=20-10", 1000, RANGE_WHOLE, 0, 0},
	{"bytes=0-1,5-6", 1000, RANGE_WHOLE, 0, 0},
	{"bytes=-5,0-1", 1000, RANGE_WHOLE, 0, 0},
	{"bytes=", 1000, RANGE_WHOLE, 0, 0},
	{"bytes=-", 1000, RANGE_WHOLE, 0, 0},
	{"bytes=x-5", 1000, RANGE_WHOLE, 0, 0},
	{"bytes=5-x", 1000, RANGE_WHOLE, 0, 0},
	{"bytes=5", 1000, RANGE_WHOLE, 0, 0},
	{"bytes 5-6", 1000, RANGE_WHOLE, 0, 0},
	{"lines=5-6", 1000, RANGE_WHOLE, 0, 0},
	{"", 1000, RANGE_WHOLE, 0, 0},
};

static void ranges_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		struct range r = range_read(ranges[i].header, ranges[i].length);
		if (r.kind != ranges[i].kind ||
			(r.kind == RANGE_PART && (r.first != ranges[i].first ||
							 r.last != ranges[i].last)))
			fail_msg("'%s' of %llu: %d, %llu to %llu", ranges[i].header,
				(unsigned long long)ranges[i].length, (int)r.kind,
				(unsigned long long)r.first,
				(unsigned long long)r.last);
	}
}

static void only_the_files_own_strong_tag_holds(void **state)
{
	(void)state;
	assert_true(range_holds(NULL, "\"a\""));
	assert_true(range_holds("\"a\"", "\"a\""));
	assert_false(range_holds("W/\"a\"", "\"a\""));
	assert_false(range_holds("\"b\"", "\"a\""));
	assert_false(range_holds("", "\"a\""));
	assert_false(range_holds("Sun, 22 Nov 2026 10:00:00 GMT", "\"a\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_read),
		cmocka_unit_test(only_the_files_own_strong_tag_holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
