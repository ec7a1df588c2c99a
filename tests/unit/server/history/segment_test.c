#include "server/history/segment.h"

#include "server/history/column.h"
#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 5, ROWS = 30 };

/* A segment of some processes; values are the subject times the row. */
static void make(struct buf *out, const int32_t *subjects, size_t count)
{
	struct segment_column columns[COLUMNS] = {0};
	struct buf bytes[COLUMNS] = {0};
	for (size_t i = 0; i < count; i++) {
		int64_t values[ROWS];
		for (int64_t row = 0; row < ROWS; row++)
			values[row] = subjects[i] * row * row;
		column_put_values(&bytes[i], values, NULL, ROWS, false);
		columns[i] = (struct segment_column){
			subjects[i], bytes[i].data, bytes[i].length};
	}
	segment_put(out, columns, count);
	for (size_t i = 0; i < count; i++)
		buf_finish(&bytes[i]);
}

/* Reads all; false when anything was refused. */
static bool walk(const void *bytes, size_t length, const int32_t *subjects,
	size_t count, struct err *e)
{
	struct segment_reader r;
	struct segment_column column;
	struct arena a;
	bool found = true, ok = true;
	size_t n = 0;
	if (!segment_open(&r, bytes, length, e))
		return false;
	arena_init(&a);
	while (ok && (ok = segment_next(&r, &column, &found, e)) && found) {
		int64_t *values;
		bool *has;
		ok = column_get_values(
			column.bytes, column.length, &a, ROWS, &values, &has, e);
		if (ok) {
			assert_true(n < count);
			assert_int_equal(column.subject, subjects[n]);
			assert_int_equal(values[7], 49 * (int64_t)subjects[n]);
		}
		n++;
	}
	arena_finish(&a);
	if (ok)
		assert_int_equal(n, count);
	return ok;
}

static void columns_come_again_in_order(void **state)
{
	(void)state;
	static const int32_t subjects[COLUMNS] = {1, 2, 300, 70000, INT32_MAX};
	for (size_t count = 0; count <= COLUMNS; count++) {
		struct buf out = {0};
		struct err e;
		buf_text(&out, "before");
		make(&out, subjects, count);
		if (!walk(out.data + 6, out.length - 6, subjects, count, &e))
			fail_msg("%zu columns: %s", count, e.text);
		buf_finish(&out);
	}
}

static void what_is_cut_or_changed_is_refused(void **state)
{
	(void)state;
	static const int32_t subjects[3] = {5, 900, 901};
	struct buf out = {0};
	make(&out, subjects, 3);
	for (size_t bit = 0; bit < 8 * out.length; bit++) {
		struct err e = {0};
		out.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_false(walk(out.data, out.length, subjects, 3, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		out.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t cut = 0; cut < out.length; cut++) {
		struct segment_reader r;
		struct err e = {0};
		void *copy = malloc(cut ? cut : 1);
		memcpy(copy, out.data, cut);
		assert_false(segment_open(&r, copy, cut, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		free(copy);
	}
	buf_byte(&out, 0);
	struct err e;
	assert_false(walk(out.data, out.length, subjects, 3, &e));
	buf_finish(&out);
}

static void what_others_made_up_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t length;
		const char *says;
	} cases[] = {
		{"\1\0\0", 3, "segment: 3 bytes are too few"},
		{"\2\0\0\0\0\0", 6, "segment: version 2 is not known"},
		{"\1\xff\xff\xff\xff\xff\xff\xff", 8, "segment: the count is damaged"},
		{"\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 11,
			"segment: the directory is cut off"},
		{"\1\2\1\0\0\0\0\0\0\0", 10, "segment: subjects do not rise"},
		{"\1\2\xff\xff\xff\xff\7\0\1\0\0\0\0\0", 14,
			"segment: subjects do not rise"},
		{"\1\1\x80\x80\x80\x80\x08\0\0\0\0\0", 12,
			"segment: the directory is cut off"},
		{"\1\1\1\4\0\0\0\0\0", 9,
			"segment: 5 bytes behind the directory instead of 8"},
		{"\1\0\0\0\0\0", 6, "segment: the checksum is wrong"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct segment_reader r;
		struct err e = {0};
		assert_false(segment_open(&r, cases[i].bytes, cases[i].length, &e));
		assert_string_equal(e.text, cases[i].says);
		assert_int_equal(e.kind, ERR_INPUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_come_again_in_order),
		cmocka_unit_test(what_is_cut_or_changed_is_refused),
		cmocka_unit_test(what_others_made_up_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
