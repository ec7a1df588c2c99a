#include "server/history/column.h"

#include "common/crc32c.h"
#include "server/history/varint.h"
#include "tests/unit/cmocka_all.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 3000 };

static uint64_t seed = 1;

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* What stands in a row without a value must not matter. */
static size_t round_trip(
	const int64_t *values, const bool *has, size_t count, bool squeeze)
{
	struct buf out = {0};
	struct arena a;
	struct column_head head;
	struct err e;
	int64_t *got;
	bool *present;
	arena_init(&a);
	buf_text(&out, "before");
	column_put_values(&out, values, has, count, squeeze);
	const char *bytes = out.data + 6;
	size_t length = out.length - 6;
	assert_memory_equal(out.data, "before", 6);
	assert_true(column_check(bytes, length, &head, &e));
	assert_false(head.is_times);
	assert_int_equal(head.rows, count);
	if (!column_get_values(bytes, length, &a, count, &got, &present, &e))
		fail_msg("%zu rows: %s", count, e.text);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(present[i], !has || has[i]);
		assert_int_equal(got[i], present[i] ? values[i] : 0);
	}
	arena_finish(&a);
	buf_finish(&out);
	return length;
}

static size_t both_ways(const int64_t *values, const bool *has, size_t count)
{
	size_t plain = round_trip(values, has, count, false);
	size_t squeezed = round_trip(values, has, count, true);
	assert_true(squeezed <= plain);
	return squeezed;
}

/* Shapes of series, by number. */
static int64_t shape(int kind, int64_t before, size_t row)
{
	static const int64_t ends[] = {INT64_MIN, INT64_MAX, 0, -1, 1, INT64_MIN + 1};
	switch (kind) {
	case 0: /* constant */
		return -7;
	case 1: /* random of any size */
		return (int64_t)(draw() >> (draw() & 63));
	case 2: /* the ends of the range, in any order */
		return ends[draw() % 6];
	case 3: /* a counter that sometimes begins again */
		return draw() % 500 == 0 ? 0 : before + (int64_t)(draw() % 300);
	case 4: /* pages of memory */
		return before + 4 * ((int64_t)(draw() % 64) - 31);
	case 5: /* multiples of an odd number, with rests */
		return row / 7 % 2 ? before : before + 1000 * (int64_t)(draw() % 9);
	case 6: /* the ends of the range in turn: a step of one, both ways */
		return row % 2 ? INT64_MAX : INT64_MIN;
	case 7: /* steps of half the range */
		return row % 3 == 0 ? INT64_MIN : 0;
	case 8: /* a straight line */
		return (int64_t)row * 977 - 12345;
	default: /* a straight line beyond the end of the range */
		return (int64_t)((uint64_t)INT64_MAX / 1000 * row);
	}
}

static void every_shape_is_the_same_again(void **state)
{
	(void)state;
	static int64_t values[ROWS];
	static const size_t counts[] = {0, 1, 2, 3, 4, 5, 6, 7, 30, 257, ROWS};
	for (int kind = 0; kind < 10; kind++) {
		for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
			int64_t before = 1 << 20;
			for (size_t i = 0; i < counts[c]; i++)
				before = values[i] = shape(kind, before, i);
			both_ways(values, NULL, counts[c]);
		}
	}
}

static void rows_without_a_value_stay_without(void **state)
{
	(void)state;
	static int64_t values[ROWS];
	static bool has[ROWS];
	/* Of 64 rows how many have a value, and how long it stays so. */
	for (unsigned share = 0; share <= 64; share += 8) {
		for (size_t stay = 1; stay <= 64; stay *= 8) {
			for (size_t i = 0; i < ROWS; i++) {
				values[i] = (int64_t)draw() >> 40;
				has[i] = i % stay ? has[i - 1] : draw() % 64 < share;
			}
			both_ways(values, has, ROWS);
			both_ways(values, has, 1);
			both_ways(values, has, 17);
		}
	}
}

static void runs_are_short(void **state)
{
	(void)state;
	static int64_t values[ROWS];
	for (size_t i = 0; i < ROWS; i++)
		values[i] = 123456;
	assert_in_range(round_trip(values, NULL, ROWS, false), 1, 16);
	for (size_t i = 0; i < ROWS; i++)
		values[i] = 123456 + (int64_t)i * 4096;
	assert_in_range(round_trip(values, NULL, ROWS, false), 1, 24);
	values[ROWS / 2] += 4096;
	assert_in_range(round_trip(values, NULL, ROWS, false), 1, 32);
}

static size_t times_round_trip(const int64_t *at_ms, size_t count, bool squeeze)
{
	struct buf out = {0};
	struct arena a;
	struct column_head head;
	struct err e;
	int64_t *got;
	size_t rows, length;
	arena_init(&a);
	column_put_times(&out, at_ms, count, squeeze);
	length = out.length;
	assert_true(column_check(out.data, length, &head, &e));
	assert_true(head.is_times);
	assert_int_equal(head.rows, count);
	assert_true(column_get_times(out.data, length, &a, &got, &rows, &e));
	assert_int_equal(rows, count);
	if (count)
		assert_memory_equal(got, at_ms, count * sizeof *at_ms);
	arena_finish(&a);
	buf_finish(&out);
	return length;
}

static void times_are_the_same_again(void **state)
{
	(void)state;
	static int64_t at_ms[ROWS];
	static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 5, INT64_MAX};
	for (int squeeze = 0; squeeze < 2; squeeze++) {
		for (size_t count = 0; count <= 6; count++)
			times_round_trip(ends, count, squeeze);
		times_round_trip((const int64_t[]){INT64_MIN, INT64_MAX}, 2, squeeze);
		/* Ten seconds, a few ms off, with holes of hours. */
		for (size_t i = 0; i < ROWS; i++)
			at_ms[i] = INT64_C(1795328573844) + (int64_t)i * 10000 +
				   (int64_t)(draw() % 9) + (int64_t)(i / 700) * 7200000;
		assert_in_range(
			times_round_trip(at_ms, ROWS, squeeze), 1, ROWS * 11 / 10);
		/* Any steps. */
		for (size_t i = 1; i < ROWS; i++)
			at_ms[i] = at_ms[i - 1] + 1 +
				   (int64_t)(draw() >> (16 + draw() % 48));
		times_round_trip(at_ms, ROWS, squeeze);
	}
	for (size_t i = 0; i < ROWS; i++)
		at_ms[i] = (int64_t)i * 10000;
	assert_in_range(times_round_trip(at_ms, ROWS, false), 1, 24);
}

/* Tries the bytes as both kinds: nothing but ERR_INPUT, and nothing put out. */
static void assert_refused(const void *bytes, size_t length, size_t rows)
{
	struct column_head head;
	struct arena a;
	struct err e = {0};
	int64_t *numbers;
	size_t count;
	bool *has;
	/* A copy of its own size: the sanitizer sees a step beyond it. */
	void *copy = malloc(length ? length : 1);
	memcpy(copy, bytes, length);
	arena_init(&a);
	assert_false(column_check(copy, length, &head, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_false(column_get_times(copy, length, &a, &numbers, &count, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_false(column_get_values(copy, length, &a, rows, &numbers, &has, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.text, "column"));
	arena_finish(&a);
	free(copy);
}

static void what_is_cut_or_changed_is_refused(void **state)
{
	(void)state;
	enum { SOME = 60 };
	for (int squeeze = 0; squeeze < 2; squeeze++) {
		int64_t values[SOME];
		bool has[SOME];
		struct buf out = {0};
		for (size_t i = 0; i < SOME; i++) {
			values[i] = 5000 + (int64_t)(i % 4) * 300;
			has[i] = i != 20;
		}
		column_put_values(&out, values, has, SOME, squeeze);
		for (size_t cut = 0; cut < out.length; cut++)
			assert_refused(out.data, cut, SOME);
		for (size_t bit = 0; bit < 8 * out.length; bit++) {
			out.data[bit / 8] ^= (char)(1 << bit % 8);
			assert_refused(out.data, out.length, SOME);
			out.data[bit / 8] ^= (char)(1 << bit % 8);
		}
		buf_byte(&out, 0);
		assert_refused(out.data, out.length, SOME);
		buf_finish(&out);
	}
}

/* Gives bytes the checksum that they ask for, as somebody who means harm would. */
static void seal(struct buf *b)
{
	uint32_t crc = htole32(crc32c(0, b->data, b->length));
	buf_append(b, &crc, sizeof crc);
}

struct foreign {
	const char *bytes;
	size_t length, rows;
	const char *says;
};

#define FOREIGN(bytes, rows, says)                                                     \
	{                                                                              \
		bytes, sizeof bytes - 1, rows, "column: " says                         \
	}

static const struct foreign foreigns[] = {
	FOREIGN("\0\1\0\0", 0, "version 0 is not known"),
	FOREIGN("\2\1\0\0", 0, "version 2 is not known"),
	FOREIGN("\1\2\0\0", 0, "kind 2 is not known"),
	FOREIGN("\1\1\x81\x80\x40\1\0", 0, "the count of rows is damaged"),
	FOREIGN("\1\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 0,
		"the count of rows is damaged"),
	FOREIGN("\1\1\2\xff\xff\xff\x7f\0", 2, "the length is damaged"),
	FOREIGN("\1\1\1\3\0\2", 1, "2 bytes instead of 3"),
	FOREIGN("\1\1\1\1\0\2", 1, "2 bytes instead of 1"),
	FOREIGN("\1\1\1\0", 1, "which rows have values is damaged"),
	FOREIGN("\1\1\2\5\1\3\2\0\0", 2, "which rows have values is damaged"),
	FOREIGN("\1\1\2\4\1\1\2\0", 2, "which rows have values is damaged"),
	FOREIGN("\1\1\1\5\3\0\0\1\2", 1, "which rows have values is damaged"),
	FOREIGN("\1\1\4\7\2\xff\xff\xff\xff\x0f\1", 4,
		"which rows have values is damaged"),
	/* Behind the presence: first 1, unit 1, usual 0, count of heads, heads, tails.
	 */
	FOREIGN("\1\1\3\1\0", 3, "the values are damaged"),
	FOREIGN("\1\1\3\2\0\2", 3, "the values are damaged"),
	FOREIGN("\1\1\3\3\0\2\1", 3, "the values are damaged"),
	FOREIGN("\1\1\3\4\0\2\1\0", 3, "the values are damaged"),
	FOREIGN("\1\1\3\6\0\2\1\0\1\5", 3, "the values are damaged"),
	FOREIGN("\1\1\x90\3\6\0\2\1\0\1\5", 400, "the values are damaged"),
	FOREIGN("\1\1\4\7\0\2\1\0\3\5\5", 4, "the values are damaged"),
	FOREIGN("\1\1\x80\1\7\0\2\1\0\x7f\5\5", 128, "the values are damaged"),
	FOREIGN("\1\1\3\x8\0\2\1\0\3\5\5\5", 3, "the values are damaged"),
	FOREIGN("\1\1\2\6\0\2\1\0\1\x85", 2, "the values are damaged"),
	FOREIGN("\1\1\2\7\0\2\1\0\1\5\5", 2, "the values are damaged"),
	FOREIGN("\1\1\4\7\0\2\1\0\1\0\1", 4, "the values are damaged"),
	FOREIGN("\1\1\4\x10\0\2\1\0\1\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 4,
		"the values are damaged"),
	FOREIGN("\1\1\2\4\0\2\0\0", 2, "the values are damaged"),
	FOREIGN("\1\x81\3\x04\1\2\3\4", 3, "cut off, or followed by other bytes"),
	FOREIGN("\1\0\2\2\2\0", 2, "times do not rise"),
	FOREIGN("\1\0\2\5\2\1\0\1\1", 2, "times do not rise"),
	FOREIGN("\1\0\2\5\2\1\0\1\2", 2, "times do not rise"),
	FOREIGN("\1\0\2\3\2\1\0", 2, "the times are damaged"),
};

static bool take_foreign(
	const struct foreign *f, const void *bytes, size_t length, struct err *e)
{
	struct arena a;
	int64_t *numbers;
	size_t count;
	bool *has, ok;
	arena_init(&a);
	if ((f->bytes[1] & 0x7f) == 0)
		ok = column_get_times(bytes, length, &a, &numbers, &count, e);
	else
		ok = column_get_values(bytes, length, &a, f->rows, &numbers, &has, e);
	arena_finish(&a);
	return ok;
}

static void what_others_made_up_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof foreigns / sizeof *foreigns; i++) {
		struct buf b = {0};
		struct err e = {0};
		buf_append(&b, foreigns[i].bytes, foreigns[i].length);
		seal(&b);
		/* A copy of its own size: the sanitizer sees a step beyond it. */
		void *copy = malloc(b.length);
		memcpy(copy, b.data, b.length);
		if (take_foreign(&foreigns[i], copy, b.length, &e))
			fail_msg("taken: %s", foreigns[i].says);
		assert_string_equal(e.text, foreigns[i].says);
		assert_int_equal(e.kind, ERR_INPUT);
		free(copy);
		buf_finish(&b);
	}
}

/* Bodies that inflate to more or less than is said. */
static void what_inflates_to_another_length_is_refused(void **state)
{
	(void)state;
	static int64_t values[ROWS];
	for (size_t i = 0; i < ROWS; i++)
		values[i] = (int64_t)(draw() & 15);
	for (int off = -1; off <= 1; off += 2) {
		struct buf out = {0};
		struct err e = {0};
		struct foreign f = {"\1\1", 2, ROWS, ""};
		column_put_values(&out, values, NULL, ROWS, true);
		assert_int_equal((uint8_t)out.data[1], 0x81);
		out.data[4] = (char)(out.data[4] + off);
		out.length -= 4;
		seal(&out);
		assert_false(take_foreign(&f, out.data, out.length, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		assert_non_null(strstr(e.text, "inflate"));
		buf_finish(&out);
	}
}

static void kinds_are_not_mixed_up(void **state)
{
	(void)state;
	static const int64_t numbers[] = {1, 2, 3};
	static const struct foreign times = {"\1\0", 2, 3, ""};
	static const struct foreign values = {"\1\1", 2, 3, ""};
	struct buf out = {0};
	struct err e;
	column_put_times(&out, numbers, 3, false);
	assert_true(take_foreign(&times, out.data, out.length, &e));
	assert_false(take_foreign(&values, out.data, out.length, &e));
	assert_string_equal(e.text, "column: is not one of values");
	buf_reset(&out);
	column_put_values(&out, numbers, NULL, 3, false);
	assert_false(take_foreign(&times, out.data, out.length, &e));
	assert_string_equal(e.text, "column: is not one of times");
	buf_finish(&out);
}

/* The same pieces as above, put together well. */
static void what_others_made_well_is_taken(void **state)
{
	(void)state;
	struct buf b = {0};
	struct arena a;
	struct err e;
	int64_t *numbers;
	bool *has;
	arena_init(&a);
	static const uint8_t bytes[] = {1, 1, 6, 11, /* version, values, rows, length */
		2, 5, 1,                             /* five have one, then none */
		2, 3, 2,                             /* first 1, unit 3, usual 1 * 3 */
		2, 0x80, 0, /* two heads: -64 with a tail, a run */
		1, 0};      /* tails: of the -64, three more */
	static const int64_t expected[] = {1, -188, -377, -566, -755, 0};
	buf_append(&b, bytes, sizeof bytes);
	seal(&b);
	if (!column_get_values(b.data, b.length, &a, 6, &numbers, &has, &e))
		fail_msg("%s", e.text);
	assert_memory_equal(numbers, expected, sizeof expected);
	assert_memory_equal(has, ((bool[]){true, true, true, true, true, false}), 6);
	arena_finish(&a);
	buf_finish(&b);
}

static void values_of_another_count_are_refused(void **state)
{
	(void)state;
	static int64_t values[ROWS];
	struct buf out = {0};
	struct arena a;
	struct err e;
	int64_t *got;
	bool *has;
	arena_init(&a);
	column_put_values(&out, values, NULL, ROWS, false);
	assert_false(
		column_get_values(out.data, out.length, &a, ROWS - 1, &got, &has, &e));
	assert_string_equal(e.text, "column: 3000 rows instead of 2999");
	assert_int_equal(a.total_bytes, 0);
	arena_finish(&a);
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape_is_the_same_again),
		cmocka_unit_test(rows_without_a_value_stay_without),
		cmocka_unit_test(runs_are_short),
		cmocka_unit_test(times_are_the_same_again),
		cmocka_unit_test(what_is_cut_or_changed_is_refused),
		cmocka_unit_test(what_others_made_up_is_refused),
		cmocka_unit_test(what_inflates_to_another_length_is_refused),
		cmocka_unit_test(kinds_are_not_mixed_up),
		cmocka_unit_test(what_others_made_well_is_taken),
		cmocka_unit_test(values_of_another_count_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
