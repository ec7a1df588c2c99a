#include "common/buf.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/death.h"

#include <string.h>

static void appending_grows_and_ends_with_nul(void **state)
{
	(void)state;
	struct buf b = {0};
	for (int i = 0; i < 10000; i++) {
		buf_byte(&b, (char)('a' + i % 26));
		assert_int_equal(b.data[b.length], 0);
	}
	assert_int_equal(b.length, 10000);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(b.data[i], 'a' + i % 26);
	buf_finish(&b);
	assert_null(b.data);
}

static void an_empty_append_makes_text(void **state)
{
	(void)state;
	struct buf b = {0};
	buf_append(&b, NULL, 0);
	assert_string_equal(b.data, "");
	buf_finish(&b);
}

static void reset_keeps_the_memory(void **state)
{
	(void)state;
	struct buf b = {0};
	buf_text(&b, "hello");
	char *before = b.data;
	buf_reset(&b);
	assert_int_equal(b.length, 0);
	assert_string_equal(b.data, "");
	buf_text(&b, "bye");
	assert_ptr_equal(b.data, before);
	assert_string_equal(b.data, "bye");
	buf_finish(&b);
}

static void printf_appends(void **state)
{
	(void)state;
	struct buf b = {0};
	buf_printf(&b, "%d", 42);
	buf_printf(&b, "%*s", 1000, "x");
	assert_int_equal(b.length, 1002);
	assert_memory_equal(b.data, "42   ", 5);
	assert_int_equal(b.data[1001], 'x');
	buf_finish(&b);
}

static void numbers_are_big_endian(void **state)
{
	(void)state;
	struct buf b = {0};
	buf_be16(&b, 0x0102);
	buf_be32(&b, 0x03040506);
	buf_be64(&b, 0x0708090a0b0c0d0e);
	assert_int_equal(b.length, 14);
	for (int i = 0; i < 14; i++)
		assert_int_equal(b.data[i], i + 1);
	buf_finish(&b);
}

static void reserve_beyond_size_t(void)
{
	struct buf b = {0};
	buf_byte(&b, 'x');
	buf_reserve(&b, SIZE_MAX);
}

static void an_overflow_aborts(void **state)
{
	(void)state;
	assert_true(death_aborts(reserve_beyond_size_t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appending_grows_and_ends_with_nul),
		cmocka_unit_test(an_empty_append_makes_text),
		cmocka_unit_test(reset_keeps_the_memory),
		cmocka_unit_test(printf_appends),
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(an_overflow_aborts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
