/* Five minutes that are closed become segments and rollups, and not a value changes. */
#include "server/compact/work.h"
#include "server/history/segment.h"
#include "server/store/migrate.h"
#include "server/store/storage.h"
#include "tests/support/pg.h"
#include "tests/support/readings.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

/* 2026-11-22 09:00 UTC. */
#define T0 INT64_C(1795338000000)
#define M5 INT64_C(300000)

static struct pg pg;
static char uri[160];
static struct readings readings;
static struct work work;

static int start(void **state)
{
	(void)state;
	struct err e;
	pg_start(&pg);
	if (!migrate_run(pg.uri, NULL, &e)) {
		print_error("%s\n", e.text);
		return -1;
	}
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pg_stop(&pg);
	return 0;
}

/* Two hosts, and one in another block; two services with two processes on each. */
static int fresh(void **state)
{
	(void)state;
	readings_database(&pg, uri, sizeof uri);
	readings_init(&readings, uri, 3, 2, 2);
	struct db *db = db_create(
		&(struct db_options){.uri = uri, .application_name = "storage"});
	work = (struct work){.step = {.main = db, .readings = db},
		.raw_retention_ms = INT64_C(86400000) * 30,
		.rollup_retention_ms = INT64_C(86400000) * 730};
	return 0;
}

static int done(void **state)
{
	(void)state;
	db_destroy(work.step.main);
	readings_finish(&readings);
	return 0;
}

static int64_t ask(const char *sql)
{
	PGconn *conn = PQconnectdb(uri);
	PGresult *result = PQexec(conn, sql);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(conn));
	int64_t value = atoll(PQgetvalue(result, 0, 0));
	PQclear(result);
	PQfinish(conn);
	return value;
}

static void close_to(int64_t at_ms)
{
	struct err e;
	if (!storage_close(work.step.readings, at_ms, &e))
		fail_msg("%s", e.text);
}

static void windows(int64_t until_ms)
{
	struct err e;
	if (!work_windows(&work, until_ms, &e))
		fail_msg("%s", e.text);
}

static struct storage_bounds bounds(void)
{
	struct err e;
	struct storage_bounds b;
	assert_true(storage_read(work.step.readings, &b, &e));
	return b;
}

static void not_a_value_changes(void **state)
{
	(void)state;
	readings_fill(&readings, T0, T0 + 3 * M5, 10000);
	close_to(T0 + 2 * M5);
	windows(0);
	assert_int_equal(bounds().closed_ms, T0 + 2 * M5);
	assert_int_equal(bounds().compacted_ms, T0 + 2 * M5);
	assert_int_equal(bounds().sealed_ms, T0 - T0 % INT64_C(86400000));
	assert_int_equal(work.step.counts.windows, 2);
	/* Two windows of two services and the hosts, all in block 0. */
	assert_int_equal(ask("SELECT count(*) FROM segment WHERE metric = -1"), 6);
	assert_int_equal(ask("SELECT count(*) FROM segment WHERE metric = 5"), 0);
	/* What hot rows say now is of no importance. */
	readings_sql(&readings,
		"UPDATE sample SET rss_kb = 1 WHERE at < "
		"'2026-11-22 09:10Z'; DELETE FROM host_sample WHERE at < "
		"'2026-11-22 09:10Z'");
	assert_int_equal(readings_wrong(&readings), 0);
}

static void late_rows_are_read_too(void **state)
{
	(void)state;
	struct err e;
	readings_fill(&readings, T0, T0 + 2 * M5, 30000);
	close_to(T0 + M5);
	windows(0);
	struct readings_row rows[2] = {readings_make(&readings.seed, 3, T0 + 5000),
		readings_make(&readings.seed, -2, T0 + 5000)};
	assert_true(readings_write(&readings, readings.db, rows, 2, &e));
	assert_int_equal(ask("SELECT count(*) FROM sample_late"), 1);
	assert_int_equal(ask("SELECT count(*) FROM host_sample_late"), 1);
	assert_int_equal(readings_wrong(&readings), 0);
}

static void rows_in_any_order_and_twice_are_one_series(void **state)
{
	(void)state;
	struct err e;
	struct readings_row rows[6];
	for (int i = 0; i < 6; i++)
		rows[i] = readings_make(&readings.seed, 1, T0 + (i * 7 % 6) * 10000);
	assert_true(readings_write(&readings, readings.db, rows, 6, &e));
	readings_sql(&readings, "INSERT INTO sample SELECT * FROM sample");
	close_to(T0 + M5);
	windows(0);
	assert_int_equal(readings_wrong(&readings), 0);
}

static void time_without_readings_is_passed_at_once(void **state)
{
	(void)state;
	readings_fill(&readings, T0, T0 + M5, 60000);
	readings_fill(&readings, T0 + 100 * M5, T0 + 101 * M5, 60000);
	close_to(T0 + 102 * M5);
	windows(0);
	assert_int_equal(bounds().compacted_ms, T0 + 102 * M5);
	assert_true(work.step.counts.windows < 5);
	assert_int_equal(readings_wrong(&readings), 0);
}

static void a_large_fleet_takes_several_passes(void **state)
{
	(void)state;
	readings_fill(&readings, T0, T0 + M5, 30000);
	close_to(T0 + M5);
	work.step.pass_bytes = 1;
	windows(0);
	assert_int_equal(ask("SELECT count(*) FROM segment WHERE metric = -1"), 3);
	/* Bands are of whole services all the same. */
	assert_int_equal(ask("SELECT count(*) - count(DISTINCT (service_id, "
			     "fingerprint_id, metric)) FROM version_rollup"),
		0);
	readings_sql(&readings, "TRUNCATE sample, host_sample");
	assert_int_equal(readings_wrong(&readings), 0);
}

static void versions_have_the_greatest_of_each_instance(void **state)
{
	(void)state;
	struct err e;
	struct readings_row rows[4] = {0};
	/* Lives 1 and 2: seats 1 and 2, versions 1 (odd seats ...) of service 1. */
	readings_sql(
		&readings, "UPDATE generation SET fingerprint_id = 1 WHERE id <= 2");
	for (int i = 0; i < 4; i++) {
		rows[i].subject = i / 2 + 1;
		rows[i].at_ms = T0 + i % 2 * 60000;
		rows[i].values.present = 1 << PROCESS_rss_kb | 1 << PROCESS_cpu_ms;
		rows[i].values.value[PROCESS_rss_kb] = 100 + 10 * i;
		rows[i].values.value[PROCESS_cpu_ms] = 1000 + 500 * (i % 2) * (i / 2);
	}
	assert_true(readings_write(&readings, readings.db, rows, 4, &e));
	close_to(T0 + M5);
	windows(0);
	const char *rss =
		"SELECT count(*) FROM version_rollup WHERE step_s = 300 AND "
		"at = '2026-11-22 09:00Z' AND service_id = 1 AND fingerprint_id "
		"= 1 AND metric = 0 AND n = 2 AND sum = 240 AND low = 110 AND "
		"high = 130";
	assert_int_equal(ask(rss), 1);
	/* 500 ms of CPU in a minute are 30 s an hour; the other did nothing. */
	assert_int_equal(
		ask("SELECT count(*) FROM version_rollup WHERE metric = 6 AND n "
		    "= 2 AND sum = 30000 AND low = 0 AND high = 30000"),
		1);
	/* Two lives of one seat are one instance. */
	readings_sql(&readings, "UPDATE generation SET slot_id = 1 WHERE id <= 2");
	for (int i = 0; i < 4; i++)
		rows[i].at_ms += M5;
	assert_true(readings_write(&readings, readings.db, rows, 4, &e));
	close_to(T0 + 2 * M5);
	windows(0);
	assert_int_equal(
		ask("SELECT count(*) FROM version_rollup WHERE at = '2026-11-22 "
		    "09:05Z' AND metric = 0 AND n = 1 AND sum = 130"),
		1);
}

static void processes_that_nobody_knows_are_kept(void **state)
{
	(void)state;
	struct err e;
	struct readings_row row = readings_make(&readings.seed, 4000, T0);
	assert_true(readings_write(&readings, readings.db, &row, 1, &e));
	close_to(T0 + M5);
	windows(0);
	readings.service_of[4000] = -1;
	readings.host_of[4000] = 0;
	readings_sql(&readings, "TRUNCATE sample");
	assert_int_equal(readings_wrong(&readings), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(not_a_value_changes, fresh, done),
		cmocka_unit_test_setup_teardown(late_rows_are_read_too, fresh, done),
		cmocka_unit_test_setup_teardown(
			rows_in_any_order_and_twice_are_one_series, fresh, done),
		cmocka_unit_test_setup_teardown(
			time_without_readings_is_passed_at_once, fresh, done),
		cmocka_unit_test_setup_teardown(
			a_large_fleet_takes_several_passes, fresh, done),
		cmocka_unit_test_setup_teardown(
			versions_have_the_greatest_of_each_instance, fresh, done),
		cmocka_unit_test_setup_teardown(
			processes_that_nobody_knows_are_kept, fresh, done),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
