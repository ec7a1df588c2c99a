#include "server/replay/record.h"
#include "tests/unit/server/replay/files.h"

#include <math.h>

static const char *const SECONDS =
	"ts,rss_kb,heap_used_kb,heap_total_kb,post_gc_kb,"
	"gc_count,req_s,q_in_s,q_out_s,q_depth,uptime_s,ver\n";
static const char *const MILLISECONDS =
	"t_ms,pid,rss,heap_total,heap_used,external,array_buffers,post_gc_heap,"
	"major_gcs,req_in,req_done,queue_depth\n";

static const struct labels_series LABEL = {
	.id = "a", .file = "a.csv", .limit_kb = 1000, .version = ""};

static struct record read_text(const char *header, const char *rows)
{
	char text[4096];
	struct record r;
	struct err e;
	snprintf(text, sizeof text, "%s%s", header, rows);
	files_write("a.csv", text);
	if (!record_read(files_folder, &LABEL, &r, &e))
		fail_msg("%s", e.text);
	return r;
}

static void all_columns_come_in_our_units(void **state)
{
	(void)state;
	struct record r = read_text(SECONDS, "100,5000,300,900,200,0,2.5,4,3,7,40,2\n"
					     "110,5100,310,910,200,1,2.5,4,3,8,50,2\n");
	assert_int_equal(r.count, 2);
	assert_int_equal(r.life_count, 1);
	assert_int_equal(r.lives[0].started_ms, 60000);
	assert_true(r.lives[0].version == 2 && r.limit_kb == 1000);
	const struct reading *x = &r.rows[1].reading;
	assert_int_equal(x->at_ms, 110000);
	assert_true(
		x->memory_kb == 5100 && x->heap_kb == 910 && x->heap_used_kb == 310);
	assert_true(x->live_kb == 200 && x->collections == 1 && x->load == 2.5);
	assert_true(x->depth == 8 && x->arrivals == 40 && x->completions == 30);
	assert_true(isnan(r.rows[0].reading.arrivals));
	record_finish(&r);
}

static void columns_of_zeros_were_not_reported(void **state)
{
	(void)state;
	struct record r = read_text(SECONDS,
		"100,5000,0,0,0,0,0,0,0,0,0,0\n110,5000,0,0,0,0,0,0,0,0,10,0\n");
	const struct reading *x = &r.rows[1].reading;
	assert_true(isnan(x->heap_kb) && isnan(x->heap_used_kb) && isnan(x->live_kb));
	assert_true(isnan(x->collections) && isnan(x->load) && isnan(x->depth));
	assert_true(isnan(x->arrivals) && isnan(x->completions));
	record_finish(&r);
}

static void a_rate_speaks_for_its_own_step_only(void **state)
{
	(void)state;
	struct record r = read_text(SECONDS, "100,1,0,0,0,0,0,4,3,7,0,0\n"
					     "110,1,0,0,0,0,0,4,3,7,10,0\n"
					     "120,1,0,0,0,0,0,4,3,7,20,0\n"
					     "3600,1,0,0,0,0,0,4,3,7,3500,0\n");
	assert_true(r.rows[3].reading.arrivals == 80);
	record_finish(&r);
}

static void restarts_are_new_lives(void **state)
{
	(void)state;
	struct record r = read_text(SECONDS,
		"1000,1,0,0,0,0,0,0,0,0,20,0\n"
		"1010,1,0,0,0,0,0,0,0,0,3,0\n"      /* age fell */
		"1020,1,0,0,0,0,0,0,0,0,13,0\n"     /* goes on */
		"1030,1,0,0,0,0,0,0,0,0,23,1\n"     /* another version */
		"5000,1,0,0,0,0,0,0,0,0,2000,1\n"   /* restarted in a gap */
		"9000,1,0,0,0,0,0,0,0,0,6000,1\n"); /* lived through one */
	assert_int_equal(r.life_count, 4);
	assert_int_equal(r.rows[2].life, 1);
	assert_int_equal(r.lives[1].started_ms, 1007000);
	assert_int_equal(r.lives[2].started_ms, 1020000);
	assert_true(r.lives[2].version == 1);
	assert_int_equal(r.lives[3].started_ms, 3000000);
	assert_int_equal(r.rows[5].life, 3);
	record_finish(&r);
}

static void recordings_in_bytes_and_milliseconds_are_read(void **state)
{
	(void)state;
	struct labels_series label = LABEL;
	struct record r;
	struct err e;
	char text[1024];
	snprintf(text, sizeof text, "%s%s", MILLISECONDS,
		"5000,7,2048000,1024000,512000,0,0,0,0,10,8,2\n"
		"6000,7,2048000,1024000,512000,0,0,256000,1,30,18,12\n"
		"7000,8,2048000,1024000,512000,0,0,0,0,5,5,0\n");
	files_write("a.csv", text);
	label.limit_kb = NAN;
	assert_true(record_read(files_folder, &label, &r, &e));
	assert_true(r.limit_kb == 256 * 1024);
	assert_int_equal(r.life_count, 2);
	assert_int_equal(r.lives[1].started_ms, 7000);
	const struct reading *x = &r.rows[1].reading;
	assert_true(x->memory_kb == 2000 && x->heap_kb == 1000 && x->live_kb == 250);
	assert_true(isnan(r.rows[0].reading.live_kb));
	assert_true(x->arrivals == 20 && x->completions == 10 && x->load == 20);
	assert_true(
		isnan(r.rows[2].reading.arrivals)); /* another process counts anew */
	record_finish(&r);
}

static void address_space_is_no_heap(void **state)
{
	(void)state;
	struct record r = read_text(MILLISECONDS,
		"1000,7,1024000,2048000,512000,0,0,0,0,0,0,0\n"
		"2000,7,1024000,2048000,512000,0,0,0,0,0,0,0\n");
	assert_true(isnan(r.rows[0].reading.heap_kb));
	assert_true(isnan(r.rows[0].reading.heap_used_kb));
	record_finish(&r);
}

static void stretching_moves_times_and_thins_rates(void **state)
{
	(void)state;
	struct record r = read_text(SECONDS, "100,1,0,0,0,0,6,4,3,7,40,0\n"
					     "110,1,0,0,0,0,6,4,3,7,50,0\n");
	record_stretch(&r, 90000, 60);
	assert_int_equal(r.rows[0].reading.at_ms, 90000 + 600000);
	assert_int_equal(r.rows[1].reading.at_ms, 90000 + 1200000);
	assert_int_equal(r.lives[0].started_ms, 90000 - 1800000);
	assert_true(r.rows[1].reading.load == 0.1);
	assert_true(r.rows[1].reading.arrivals == 40);
	record_finish(&r);
}

static void broken_rows_are_left_out_and_counted(void **state)
{
	(void)state;
	struct record r = read_text("ts,rss_kb\n",
		"100,5\nx,5\n90,5\n110,\n120,-4\n130,inf\n1e300,5\n140,6\n140,7\n");
	assert_int_equal(r.count, 2);
	assert_true(r.rows[1].reading.memory_kb == 6);
	assert_int_equal(r.faults.rows, 7);
	assert_string_equal(r.faults.first, "line 3, column ts: 'x' is no number");
	record_finish(&r);
}

static void assert_refused(const char *text, const char *expected)
{
	struct record r;
	struct err e;
	files_write("a.csv", text);
	assert_false(record_read(files_folder, &LABEL, &r, &e));
	if (!strstr(e.text, expected))
		fail_msg("%s", e.text);
}

static void files_without_use_are_refused(void **state)
{
	(void)state;
	const struct labels_series absent = {.file = "none.csv"};
	struct record r;
	struct err e;
	assert_refused("time,rss_kb\n1,2\n", "there is no column 'ts' or 't_ms'");
	assert_refused("ts,pss\n1,2\n", "line 1: there is no column 'rss_kb'");
	assert_refused("ts,rss_kb\n", "no row of it can be used");
	assert_refused("ts,rss_kb\n1,\n", "the first: line 2, column rss_kb: is empty");
	assert_false(record_read(files_folder, &absent, &r, &e));
	assert_int_equal(e.kind, ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_columns_come_in_our_units),
		cmocka_unit_test(columns_of_zeros_were_not_reported),
		cmocka_unit_test(a_rate_speaks_for_its_own_step_only),
		cmocka_unit_test(restarts_are_new_lives),
		cmocka_unit_test(recordings_in_bytes_and_milliseconds_are_read),
		cmocka_unit_test(address_space_is_no_heap),
		cmocka_unit_test(stretching_moves_times_and_thins_rates),
		cmocka_unit_test(broken_rows_are_left_out_and_counted),
		cmocka_unit_test(files_without_use_are_refused),
	};
	return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
