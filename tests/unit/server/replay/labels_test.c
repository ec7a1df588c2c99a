#include "server/replay/labels.h"
#include "tests/unit/server/replay/files.h"

#include <math.h>

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena);
	return files_setup(state);
}

static int teardown(void **state)
{
	arena_finish(&arena);
	return files_teardown(state);
}

static void full_labels_are_read(void **state)
{
	(void)state;
	struct labels l;
	struct err e;
	const char *path = files_write("labels.csv",
		"series_id,file,service,host,runtime,leak,onset_ts,rate_pct_per_h,"
		"limit_kb,version,scenario\n"
		"s1,series/s1.csv.gz,api,h1,gc,1,1760000000,0.25,524288,1,leak_gc\n"
		"s2,series/s2.csv.gz,api,h2,gc,0,,,524288,0,flat\n");
	assert_true(labels_read(path, &arena, &l, &e));
	assert_int_equal(l.count, 2);
	assert_string_equal(l.items[0].id, "s1");
	assert_string_equal(l.items[1].file, "series/s2.csv.gz");
	assert_string_equal(l.items[1].service, "api");
	assert_string_equal(l.items[1].host, "h2");
	assert_string_equal(l.items[0].runtime, "gc");
	assert_true(l.items[0].limit_kb == 524288);

	struct labels_truth *truths;
	assert_true(labels_read_truths(path, &l, &arena, &truths, &e));
	assert_true(truths[0].leak && !truths[1].leak);
	assert_true(truths[0].onset_s == 1760000000 && !truths[0].onset_is_offset);
	assert_true(truths[0].rate_pct_per_h == 0.25);
	assert_true(isnan(truths[1].onset_s) && isnan(truths[1].rate_pct_per_h));
	assert_string_equal(truths[0].scenario, "leak_gc");
	assert_string_equal(truths[1].version, "0");
}

static void bare_labels_make_services_of_files(void **state)
{
	(void)state;
	struct labels l;
	struct labels_truth *truths;
	struct err e;
	const char *path = files_write("bare.csv",
		"file,leak,onset_s,what\nnode_lru.csv.gz,0,,fills\nx/"
		"c.csv,1,30,leaks\n");
	assert_true(labels_read(path, &arena, &l, &e));
	assert_string_equal(l.items[0].id, "node_lru");
	assert_string_equal(l.items[0].service, "node_lru");
	assert_string_equal(l.items[1].host, "c");
	assert_true(isnan(l.items[0].limit_kb));
	assert_true(labels_read_truths(path, &l, &arena, &truths, &e));
	assert_true(truths[1].onset_is_offset && truths[1].onset_s == 30);
	assert_string_equal(truths[1].scenario, "");
}

static void broken_rows_are_left_out_and_counted(void **state)
{
	(void)state;
	struct labels l;
	struct labels_truth *truths;
	struct err e;
	const char *path = files_write("some.csv",
		"file,limit_kb,leak\n,1,0\na.csv,much,0\nb.csv,-1,0\nc.csv,5,1\n");
	assert_true(labels_read(path, &arena, &l, &e));
	assert_int_equal(l.count, 1);
	assert_string_equal(l.items[0].id, "c");
	assert_int_equal(l.items[0].line, 5);
	assert_int_equal(l.faults.rows, 3);
	assert_string_equal(l.faults.first, "line 2, column file: names no file");
	assert_true(labels_read_truths(path, &l, &arena, &truths, &e));
	assert_true(truths[0].leak);
}

static void assert_refused(const char *text, const char *expected)
{
	struct labels l;
	struct err e;
	assert_false(labels_read(files_write("bad.csv", text), &arena, &l, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	if (!strstr(e.text, expected))
		fail_msg("%s", e.text);
}

static void labels_without_use_are_refused(void **state)
{
	(void)state;
	assert_refused("series_id,leak\ns1,0\n", "line 1: there is no column 'file'");
	assert_refused("file\n", "no row of it can be used");
	assert_refused("file,limit_kb\na,x\n",
		"the first: line 2, column limit_kb: 'x' is no number");
}

static void truths_must_be_true(void **state)
{
	(void)state;
	struct labels l;
	struct labels_truth *truths;
	struct err e;
	const char *path = files_write("t.csv", "file,leak\na.csv,0\nb.csv,yes\n");
	assert_true(labels_read(path, &arena, &l, &e));
	assert_false(labels_read_truths(path, &l, &arena, &truths, &e));
	assert_non_null(strstr(e.text, "line 3, column leak: 'yes' is no number"));
	path = files_write("t.csv", "file,leak\na.csv,0\nb.csv,2\n");
	assert_false(labels_read_truths(path, &l, &arena, &truths, &e));
	assert_non_null(strstr(e.text, "line 3, column leak: must be 0 or 1"));
	path = files_write("t.csv", "file\na.csv\nb.csv\n");
	assert_false(labels_read_truths(path, &l, &arena, &truths, &e));
	assert_non_null(strstr(e.text, "there is no column 'leak'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_labels_are_read),
		cmocka_unit_test(bare_labels_make_services_of_files),
		cmocka_unit_test(broken_rows_are_left_out_and_counted),
		cmocka_unit_test(labels_without_use_are_refused),
		cmocka_unit_test(truths_must_be_true),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
