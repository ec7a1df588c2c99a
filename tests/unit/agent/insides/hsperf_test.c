/*
 * Counters of real JVMs (OpenJDK 17, tests/golden/insides), and of files that lie.
 */
#include "agent/insides/hsperf.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 64 << 10 };

static size_t load(const char *name, unsigned char *bytes)
{
	char path[512];
	snprintf(path, sizeof path, TIDEMARK_SOURCE_DIR "/tests/golden/insides/%s",
		name);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	size_t length = fread(bytes, 1, FILE_MAX, file);
	fclose(file);
	return length;
}

static void the_counters_of_a_serial_heap_are_found(void **state)
{
	(void)state;
	static unsigned char bytes[FILE_MAX];
	struct hsperf h;
	struct err e;
	size_t length = load("serial.hsperf", bytes);
	assert_true(hsperf_parse(bytes, length, &h, &e));
	assert_int_equal(h.generation[0].maximum, 44695552);
	assert_int_equal(h.generation[0].capacity, 44695552);
	assert_int_equal(h.generation[0].used[0], 30701872);
	assert_int_equal(h.generation[0].used[1], 104);
	assert_int_equal(h.generation[0].used[2], 0);
	assert_int_equal(h.generation[0].used[3], -1);
	assert_int_equal(h.generation[1].maximum, 89522176);
	assert_int_equal(h.generation[1].used[0], 20464328);
	assert_int_equal(h.collector[0].count, 28);
	assert_int_equal(h.collector[0].ticks, 36132646);
	assert_int_equal(h.collector[1].count, 1);
	assert_int_equal(h.collector[2].count, -1);
	assert_int_equal(h.metaspace_used, 130680);
	assert_int_equal(h.ticks_per_s, 1000000000);
	assert_string_equal(h.version, "17.0.15");
}

static void so_are_those_of_g1(void **state)
{
	(void)state;
	static unsigned char bytes[FILE_MAX];
	struct hsperf h;
	struct err e;
	assert_true(hsperf_parse(bytes, load("g1.hsperf", bytes), &h, &e));
	assert_int_equal(h.generation[1].used[0], 25044576);
	assert_int_equal(h.generation[0].maximum, 134217752);
	assert_int_equal(h.collector[2].count, 0);
}

/* Whatever is cut off is not known; nothing is read beyond the end. */
static void a_file_that_is_cut_is_read_as_far_as_it_goes(void **state)
{
	(void)state;
	static unsigned char bytes[FILE_MAX];
	size_t length = load("serial.hsperf", bytes), good = 0;
	for (size_t cut = 0; cut < length; cut += 7) {
		unsigned char *exact = malloc(cut + 1);
		struct hsperf h;
		struct err e = {0};
		memcpy(exact, bytes, cut);
		if (hsperf_parse(exact, cut, &h, &e))
			good++;
		else
			assert_true(e.kind == ERR_INPUT);
		free(exact);
	}
	assert_true(good > 100);
}

static void what_is_no_such_file_is_refused(void **state)
{
	(void)state;
	static unsigned char bytes[FILE_MAX];
	size_t length = load("serial.hsperf", bytes);
	static const struct {
		size_t at;
		unsigned char byte;
		enum err_kind kind;
	} changes[] = {
		{0, 0x00, ERR_INPUT},                      /* magic */
		{4, 2, ERR_INPUT},                         /* byte order */
		{5, 3, ERR_INPUT},                         /* version */
		{7, 0, ERR_BUSY},                          /* not filled yet */
		{24, 0xff, ERR_INPUT}, {28, 0, ERR_INPUT}, /* no entries */
	};
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		unsigned char before = bytes[changes[i].at];
		struct hsperf h;
		struct err e = {0};
		bytes[changes[i].at] = changes[i].byte;
		assert_false(hsperf_parse(bytes, length, &h, &e));
		assert_int_equal(e.kind, changes[i].kind);
		bytes[changes[i].at] = before;
	}
}

/* The other byte order, as on s390: built by hand. */
static void both_byte_orders_are_read(void **state)
{
	(void)state;
	static const char name[] = "sun.gc.generation.1.capacity";
	unsigned char bytes[32 + 20 + 32 + 8] = {0xca, 0xfe, 0xc0, 0xc0, 0, 2, 0, 1};
	unsigned char *entry = bytes + 32;
	bytes[27] = 32; /* the first entry */
	bytes[31] = 1;
	entry[3] = 60; /* length */
	entry[7] = 20; /* name */
	entry[12] = 'J';
	entry[19] = 52; /* data */
	memcpy(entry + 20, name, sizeof name);
	entry[52 + 6] = 1; /* 0x0102 */
	entry[52 + 7] = 2;
	struct hsperf h;
	struct err e;
	assert_true(hsperf_parse(bytes, sizeof bytes, &h, &e));
	assert_int_equal(h.generation[1].capacity, 0x0102);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_counters_of_a_serial_heap_are_found),
		cmocka_unit_test(so_are_those_of_g1),
		cmocka_unit_test(a_file_that_is_cut_is_read_as_far_as_it_goes),
		cmocka_unit_test(what_is_no_such_file_is_refused),
		cmocka_unit_test(both_byte_orders_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
