#include "server/replay/csv.h"
#include "tests/unit/server/replay/files.h"

#include <math.h>

static struct csv *open_text(const char *text)
{
	struct err e;
	struct csv *c = csv_open(files_write("a.csv", text), &e);
	if (!c)
		fail_msg("%s", e.text);
	return c;
}

static void rows_come_by_name(void **state)
{
	(void)state;
	struct csv *c = open_text("a,b\n1,x\r\n\n2.5,\"y, \"\"z\"\"\"\n-3e2,");
	double value;
	assert_int_equal(csv_column(c, "b"), 1);
	assert_int_equal(csv_column(c, "c"), -1);
	assert_true(csv_next(c) && csv_number(c, 0, &value) && value == 1);
	assert_string_equal(csv_text(c, 1), "x");
	assert_true(csv_next(c) && csv_number(c, 0, &value) && value == 2.5);
	assert_string_equal(csv_text(c, 1), "y, \"z\"");
	assert_int_equal(csv_line(c), 4);
	assert_true(csv_next(c) && csv_number(c, 0, &value) && value == -300);
	assert_string_equal(csv_text(c, 1), "");
	assert_true(csv_number(c, 1, &value) && isnan(value));
	assert_true(csv_number(c, -1, &value) && isnan(value));
	assert_false(csv_next(c));
	assert_int_equal(csv_faults(c)->rows, 0);
	csv_close(c);
}

static void gzip_is_read_as_well(void **state)
{
	(void)state;
	struct err e;
	struct csv *c = csv_open(files_write_gzip("a.csv.gz", "a\n7\n"), &e);
	double value;
	assert_non_null(c);
	assert_true(csv_next(c) && csv_number(c, 0, &value) && value == 7);
	csv_close(c);
}

static void what_is_no_number_is_named(void **state)
{
	(void)state;
	static const char *const bad[] = {"abc", "1x", "nan", "inf", "1e999", "1 2"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[64], expected[96];
		double value = 5;
		snprintf(text, sizeof text, "a,b\n1,%s\n", bad[i]);
		snprintf(expected, sizeof expected,
			"line 2, column b: '%s' is no number", bad[i]);
		struct csv *c = open_text(text);
		assert_true(csv_next(c));
		assert_false(csv_number(c, 1, &value));
		assert_true(value == 5);
		assert_int_equal(csv_faults(c)->rows, 1);
		assert_string_equal(csv_faults(c)->first, expected);
		csv_close(c);
	}
}

static void rows_that_do_not_fit_are_left_out(void **state)
{
	(void)state;
	struct csv *c = open_text("a,b\n1\n1,2,3\n\"1,2\n3,4\n");
	assert_true(csv_next(c));
	assert_string_equal(csv_text(c, 1), "4");
	assert_int_equal(csv_faults(c)->rows, 3);
	assert_string_equal(
		csv_faults(c)->first, "line 2: 1 fields where the header has 2");
	csv_close(c);
}

static void a_row_of_two_faults_counts_once(void **state)
{
	(void)state;
	struct csv *c = open_text("a,b\nx,y\n");
	double value;
	assert_true(csv_next(c));
	assert_false(csv_number(c, 0, &value));
	assert_false(csv_number(c, 1, &value));
	assert_int_equal(csv_faults(c)->rows, 1);
	csv_close(c);
}

static void a_line_without_end_is_one_fault(void **state)
{
	(void)state;
	size_t length = 1 << 18;
	char *text = malloc(length + 32);
	assert_non_null(text);
	strcpy(text, "a\n");
	memset(text + 2, '1', length);
	strcpy(text + 2 + length, "\n5\n");
	struct csv *c = open_text(text);
	assert_true(csv_next(c));
	assert_string_equal(csv_text(c, 0), "5");
	assert_int_equal(csv_faults(c)->rows, 1);
	csv_close(c);
	free(text);
}

static void a_file_that_breaks_off_says_so(void **state)
{
	(void)state;
	char text[4096] = "a\n";
	for (int i = 0; i < 500; i++)
		snprintf(text + strlen(text), 8, "%d\n", i * 7919 % 9973 % 1000);
	const char *path = files_write_gzip("cut.csv.gz", text);
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	assert_int_equal(ftruncate(fileno(file), ftell(file) - 20), 0);
	fclose(file);
	struct err e;
	struct csv *c = csv_open(path, &e);
	assert_non_null(c);
	while (csv_next(c))
		;
	assert_int_equal(csv_faults(c)->rows, 1);
	assert_non_null(strstr(csv_faults(c)->first, "cannot be read"));
	csv_close(c);
}

static void files_without_columns_are_refused(void **state)
{
	(void)state;
	struct err e;
	assert_null(csv_open(files_path("none.csv"), &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_non_null(strstr(e.text, "none.csv: No such file"));
	assert_null(csv_open(files_write("empty.csv", ""), &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_null(csv_open(files_folder, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_by_name),
		cmocka_unit_test(gzip_is_read_as_well),
		cmocka_unit_test(what_is_no_number_is_named),
		cmocka_unit_test(rows_that_do_not_fit_are_left_out),
		cmocka_unit_test(a_row_of_two_faults_counts_once),
		cmocka_unit_test(a_line_without_end_is_one_fault),
		cmocka_unit_test(a_file_that_breaks_off_says_so),
		cmocka_unit_test(files_without_columns_are_refused),
	};
	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
