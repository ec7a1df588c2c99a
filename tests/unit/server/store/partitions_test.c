/* Partitions: made ahead and where data needs them, dropped from behind, and never in
 * the way of those who read and write. */
#include "server/store/migrate.h"
#include "server/store/partitions.h"
#include "tests/support/pg.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* 2026-11-22 09:10 UTC. */
#define NOON_MS INT64_C(1795338600000)
#define HOUR_MS PARTITIONS_HOUR_MS
#define DAY_MS  PARTITIONS_DAY_MS

static struct pg pg;
static PGconn *conn;
static struct db *db;

static int64_t ask(const char *sql)
{
	PGresult *result = PQexec(conn, sql);
	if (PQresultStatus(result) != PGRES_TUPLES_OK &&
		PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(conn));
	int64_t value = PQntuples(result) ? atoll(PQgetvalue(result, 0, 0)) : 0;
	PQclear(result);
	return value;
}

static int start(void **state)
{
	(void)state;
	struct err e;
	pg_start(&pg);
	if (!migrate_run(pg.uri, NULL, &e)) {
		print_error("%s\n", e.text);
		return -1;
	}
	conn = PQconnectdb(pg.uri);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	PQfinish(conn);
	pg_stop(&pg);
	return 0;
}

/* No partitions at all. */
static int fresh(void **state)
{
	(void)state;
	ask("DO $$ DECLARE r record; BEGIN FOR r IN SELECT c.relname FROM pg_inherits "
	    "i "
	    "JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind = 'r' LOOP EXECUTE "
	    "format('DROP TABLE %I', r.relname); END LOOP; END $$");
	ask("UPDATE storage SET closed_to = NULL, compacted_to = NULL, sealed_to = "
	    "NULL");
	db = db_create(
		&(struct db_options){.uri = pg.uri, .application_name = "partitions"});
	return 0;
}

static int done(void **state)
{
	(void)state;
	db_destroy(db);
	return 0;
}

static int64_t count(const char *parent)
{
	char sql[120];
	snprintf(sql, sizeof sql, "SELECT count(*) FROM partition_list('%s')", parent);
	return ask(sql);
}

static void a_reading_finds_its_hour(void **state)
{
	(void)state;
	struct err e;
	if (!partitions_make(db, NOON_MS, &e) || !partitions_make(db, NOON_MS + 1, &e))
		fail_msg("%s", e.text);
	assert_int_equal(count("sample"), 1);
	assert_int_equal(count("host_sample"), 1);
	assert_int_equal(count("queue_sample"), 1);
	ask("INSERT INTO sample (generation_id, at) VALUES (1, '2026-11-22 09:00Z'), "
	    "(1, '2026-11-22 09:59:59.999Z')");
	ask("INSERT INTO queue_sample (queue_id, at) VALUES (1, '2026-11-22 23:59Z')");
	/* An hour is indexed like its table, and of no interest for vacuum. */
	assert_int_equal(ask("SELECT count(*) FROM pg_index WHERE indrelid = "
			     "'sample_2026112209'::regclass"),
		1);
	assert_int_equal(ask("SELECT count(*) FROM pg_class WHERE relname = "
			     "'sample_2026112209' AND 'autovacuum_enabled=off' = ANY "
			     "(reloptions)"),
		1);
}

static void hours_that_are_closed_are_not_made(void **state)
{
	(void)state;
	struct err e;
	ask("UPDATE storage SET closed_to = '2026-11-22 10:00Z'");
	assert_true(partitions_make(db, NOON_MS, &e));
	assert_int_equal(count("sample"), 0);
	assert_int_equal(count("queue_sample"), 1);
	ask("UPDATE storage SET closed_to = '2026-11-22 09:55Z'");
	assert_true(partitions_make(db, NOON_MS, &e));
	assert_int_equal(count("sample"), 1);
}

static void an_old_day_keeps_its_hours(void **state)
{
	(void)state;
	struct err e;
	ask("SELECT partition_make('sample', '2026-11-22')");
	assert_true(partitions_make(db, NOON_MS, &e));
	assert_int_equal(count("sample"), 1);
	assert_int_equal(count("host_sample"), 1);
	/* The next day has hours. */
	assert_true(partitions_make(db, NOON_MS + DAY_MS, &e));
	assert_int_equal(count("sample"), 2);
	assert_int_equal(ask("SELECT (to_regclass('sample_2026112309') IS NOT "
			     "NULL)::int"),
		1);
}

static void what_is_kept_has_days_and_months(void **state)
{
	(void)state;
	struct err e;
	assert_true(partitions_make_kept(db, NOON_MS, &e));
	assert_true(partitions_make_kept(db, NOON_MS + DAY_MS, &e));
	assert_int_equal(count("segment"), 2);
	assert_int_equal(count("chunk"), 2);
	assert_int_equal(count("version_rollup_300"), 2);
	assert_int_equal(count("slot_rollup"), 1);
	assert_int_equal(count("version_rollup_3600"), 1);
	/* Readings that are compressed already are not compressed again. */
	assert_int_equal(ask("SELECT count(*) FROM pg_attribute WHERE attname = 'data' "
			     "AND attstorage = 'e' AND attrelid IN "
			     "('chunk_20261122'::regclass, "
			     "'segment_20261123'::regclass)"),
		2);
	ask("INSERT INTO slot_rollup VALUES ('2026-11-30', 1, 1, '{}', '{}', '{}', "
	    "'{}', '{}')");
	ask("INSERT INTO version_rollup VALUES ('2026-11-22 09:05Z', 300, 1, 1, 1, 1, "
	    "1, "
	    "1, 1, ''), ('2026-11-22 09:00Z', 3600, 1, 1, 1, 1, 1, 1, 1, '')");
}

static void the_next_hours_and_days_are_made_ahead(void **state)
{
	(void)state;
	struct err e;
	if (!partitions_make_ahead(db, NOON_MS, &e))
		fail_msg("%s", e.text);
	assert_int_equal(count("sample"), PARTITIONS_AHEAD_HOURS + 1);
	assert_int_equal(count("chunk"), PARTITIONS_AHEAD_DAYS + 1);
	assert_true(partitions_make_ahead(db, NOON_MS, &e));
	assert_int_equal(count("sample"), PARTITIONS_AHEAD_HOURS + 1);
	assert_true(partitions_prepare(pg.uri, &e));
}

static void only_what_ends_before_is_dropped(void **state)
{
	(void)state;
	struct err e;
	for (int hour = -5; hour <= 0; hour++)
		assert_true(partitions_make(db, NOON_MS + hour * HOUR_MS, &e));
	assert_int_equal(count("sample"), 6);
	/* The hour of 08 ends at 09:00. */
	if (!partitions_drop(db, "sample", NOON_MS, &e))
		fail_msg("%s", e.text);
	assert_int_equal(count("sample"), 1);
	assert_true(partitions_drop(db, "sample", NOON_MS, &e));
	assert_int_equal(count("sample"), 1);
	assert_int_equal(count("host_sample"), 6);
}

static void one_that_is_read_is_left_and_nobody_waits(void **state)
{
	(void)state;
	struct err e;
	for (int hour = -2; hour <= 0; hour++)
		assert_true(partitions_make(db, NOON_MS + hour * HOUR_MS, &e));
	PGconn *reader = PQconnectdb(pg.uri);
	PQclear(PQexec(reader, "BEGIN; SELECT FROM sample_2026112208"));
	int64_t began = ask("SELECT extract(epoch FROM clock_timestamp()) * 1000");
	assert_false(partitions_drop(db, "sample", NOON_MS, &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_non_null(strstr(e.text, "sample"));
	assert_true(ask("SELECT extract(epoch FROM clock_timestamp()) * 1000") - began <
		    1500);
	assert_int_equal(count("sample"), 2);
	ask("INSERT INTO sample (generation_id, at) VALUES (1, '2026-11-22 09:10Z')");
	PQfinish(reader);
	for (int i = 0; i < 50 && !partitions_drop(db, "sample", NOON_MS, &e); i++)
		usleep(20000);
	assert_int_equal(count("sample"), 1);
}

static void *make_an_hour(void *argument)
{
	(void)argument;
	struct err e;
	struct db *own = db_create(
		&(struct db_options){.uri = pg.uri, .application_name = "partitions"});
	bool ok = partitions_make(own, NOON_MS, &e) &&
		  partitions_make_kept(own, NOON_MS, &e);
	if (!ok)
		print_error("%s\n", e.text);
	db_destroy(own);
	return ok ? NULL : argument;
}

static void makers_of_the_same_hour_do_not_collide(void **state)
{
	(void)state;
	pthread_t threads[6];
	void *failed;
	for (int i = 0; i < 6; i++)
		pthread_create(&threads[i], NULL, make_an_hour, threads);
	for (int i = 0; i < 6; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(count("sample"), 1);
	assert_int_equal(count("chunk"), 1);
}

static void the_newest_rows_are_known_to_the_index(void **state)
{
	(void)state;
	struct err e;
	assert_true(partitions_make(db, NOON_MS, &e));
	ask("INSERT INTO sample (generation_id, at, rss_kb) SELECT g, '2026-11-22 "
	    "09:00Z'::timestamptz + g * interval '50 ms', g FROM generate_series(1, "
	    "60000) g");
	if (!partitions_summarize(db, NOON_MS - HOUR_MS, NOON_MS, &e))
		fail_msg("%s", e.text);
	/* Every range but the last, which is not full, has its bounds. */
	ask("CREATE TEMP TABLE IF NOT EXISTS plan (line text)");
	ask("SET enable_seqscan = off");
	ask("DO $$ DECLARE l text; BEGIN FOR l IN EXECUTE 'EXPLAIN (ANALYZE, BUFFERS "
	    "off, "
	    "TIMING off, COSTS off) SELECT FROM sample WHERE at >= ''2026-11-22 "
	    "09:49:59Z''' LOOP INSERT INTO plan VALUES (l); END LOOP; END $$");
	int64_t lost = ask("SELECT coalesce(max(substring(line FROM 'Index Recheck: "
			   "(\\d+)')::int), 0) FROM plan");
	ask("RESET enable_seqscan");
	assert_true(ask("SELECT count(*) FROM plan WHERE line ~ 'Bitmap'") > 0);
	assert_true(lost < 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_reading_finds_its_hour, fresh, done),
		cmocka_unit_test_setup_teardown(
			hours_that_are_closed_are_not_made, fresh, done),
		cmocka_unit_test_setup_teardown(
			an_old_day_keeps_its_hours, fresh, done),
		cmocka_unit_test_setup_teardown(
			what_is_kept_has_days_and_months, fresh, done),
		cmocka_unit_test_setup_teardown(
			the_next_hours_and_days_are_made_ahead, fresh, done),
		cmocka_unit_test_setup_teardown(
			only_what_ends_before_is_dropped, fresh, done),
		cmocka_unit_test_setup_teardown(
			one_that_is_read_is_left_and_nobody_waits, fresh, done),
		cmocka_unit_test_setup_teardown(
			makers_of_the_same_hour_do_not_collide, fresh, done),
		cmocka_unit_test_setup_teardown(
			the_newest_rows_are_known_to_the_index, fresh, done),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
