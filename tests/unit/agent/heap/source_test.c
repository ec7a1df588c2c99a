/*
 * Packed files are told by their bytes, read in pieces of any size, and refused when
 * they are cut or damaged.
 */
#include "agent/heap/source.h"

#include "common/buf.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { TEXT_BYTES = 400000 };

static bool append(void *context, const void *bytes, size_t length, struct err *e)
{
	(void)e;
	buf_append(context, bytes, length);
	return true;
}

static bool unpack(
	const struct buf *packed, size_t step, struct buf *out, struct err *e)
{
	const struct source_sink sink = {append, out};
	struct source *s = source_create(&sink);
	bool ok = true;
	for (size_t at = 0; ok && at < packed->length; at += step) {
		size_t left = packed->length - at;
		ok = source_feed(s, packed->data + at, left < step ? left : step, e);
	}
	ok = ok && source_end(s, e);
	source_destroy(s);
	return ok;
}

static void make_text(struct buf *out)
{
	for (unsigned i = 0; out->length < TEXT_BYTES; i++)
		buf_printf(out, "%u,", i * 2654435761U % 100000);
}

static void pack_gzip(const struct buf *text, struct buf *out)
{
	z_stream z = {0};
	assert_int_equal(
		deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	char *room = buf_reserve(out, text->length);
	z.next_in = (Bytef *)text->data;
	z.avail_in = (uInt)text->length;
	z.next_out = (Bytef *)room;
	z.avail_out = (uInt)text->length;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->length += z.total_out;
	deflateEnd(&z);
}

static void pack_zstd(const struct buf *text, struct buf *out)
{
	char *room = buf_reserve(out, text->length);
	out->length += ZSTD_compress(room, text->length, text->data, text->length, 3);
}

static void pack_not(const struct buf *text, struct buf *out)
{
	buf_append(out, text->data, text->length);
}

static void (*const packers[])(const struct buf *, struct buf *) = {
	pack_gzip, pack_zstd, pack_not};

static void test_every_packing_in_pieces_of_any_size(void **state)
{
	static const size_t steps[] = {1, 2, 3, 1000, 1 << 20};
	struct buf text = {0};
	(void)state;
	make_text(&text);
	for (size_t p = 0; p < 3; p++) {
		struct buf packed = {0};
		packers[p](&text, &packed);
		for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
			struct buf out = {0};
			struct err e;
			assert_true(unpack(&packed, steps[i], &out, &e));
			assert_int_equal(out.length, text.length);
			assert_memory_equal(out.data, text.data, text.length);
			buf_finish(&out);
		}
		buf_finish(&packed);
	}
	buf_finish(&text);
}

static void test_two_behind_one_another_are_one(void **state)
{
	struct buf text = {0};
	(void)state;
	make_text(&text);
	for (size_t p = 0; p < 2; p++) {
		struct buf packed = {0}, out = {0};
		struct err e;
		packers[p](&text, &packed);
		packers[p](&text, &packed);
		assert_true(unpack(&packed, 777, &out, &e));
		assert_int_equal(out.length, 2 * text.length);
		buf_finish(&packed);
		buf_finish(&out);
	}
	buf_finish(&text);
}

static void test_what_is_cut_or_damaged_is_refused(void **state)
{
	static const char *const names[] = {"gzip", "zstd"};
	struct buf text = {0};
	(void)state;
	make_text(&text);
	for (size_t p = 0; p < 2; p++) {
		struct buf packed = {0}, out = {0};
		struct err e;
		packers[p](&text, &packed);
		size_t length = packed.length;
		packed.length = length / 2;
		assert_false(unpack(&packed, 777, &out, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		assert_non_null(strstr(e.text, names[p]));
		assert_non_null(strstr(e.text, "cut off"));
		packed.length = length;
		memset(packed.data + length / 2, 0xff, 64);
		assert_false(unpack(&packed, 777, &out, &e));
		assert_non_null(strstr(e.text, "damaged"));
		buf_finish(&packed);
		buf_finish(&out);
	}
	buf_finish(&text);
}

static void test_nothing_and_a_byte_are_plain(void **state)
{
	struct buf packed = {0}, out = {0};
	struct err e;
	(void)state;
	assert_true(unpack(&packed, 1, &out, &e));
	assert_int_equal(out.length, 0);
	buf_text(&packed, "x");
	assert_true(unpack(&packed, 1, &out, &e));
	assert_string_equal(out.data, "x");
	buf_finish(&packed);
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_packing_in_pieces_of_any_size),
		cmocka_unit_test(test_two_behind_one_another_are_one),
		cmocka_unit_test(test_what_is_cut_or_damaged_is_refused),
		cmocka_unit_test(test_nothing_and_a_byte_are_plain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
