/* Days that are over become chunks and rollups, late readings join them, and not a
 * value changes, whatever comes when. */
#include "common/clock.h"
#include "server/compact/verify.h"
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

/* 2026-11-22 00:00 UTC. */
#define DAY0 INT64_C(1795305600000)
#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)
#define M5   INT64_C(300000)

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

static void begin(int hosts, int services, int per)
{
	readings_database(&pg, uri, sizeof uri);
	readings_init(&readings, uri, hosts, services, per);
	struct db *db = db_create(
		&(struct db_options){.uri = uri, .application_name = "storage"});
	work = (struct work){.step = {.main = db, .readings = db},
		.raw_retention_ms = DAY * 36500,
		.rollup_retention_ms = DAY * 36500};
}

static void end(void)
{
	db_destroy(work.step.main);
	readings_finish(&readings);
}

static int fresh(void **state)
{
	(void)state;
	begin(2, 2, 1);
	return 0;
}

static int done(void **state)
{
	(void)state;
	end();
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

static void must(bool ok, const struct err *e)
{
	if (!ok)
		fail_msg("%s", e->text);
}

static void move_to(int64_t at_ms)
{
	struct err e;
	must(storage_close(work.step.readings, at_ms, &e) && work_windows(&work, 0, &e),
		&e);
}

static void seal_to(int64_t at_ms)
{
	struct err e;
	must(work_seal(&work, at_ms, &e), &e);
	struct storage_bounds b;
	assert_true(storage_read(work.step.readings, &b, &e));
	assert_int_equal(b.sealed_ms, at_ms);
}

static void merge(void)
{
	struct err e;
	must(work_merge(&work, &e), &e);
	assert_int_equal(ask("SELECT count(*) FROM sample_late"), 0);
	assert_int_equal(ask("SELECT count(*) FROM host_sample_late"), 0);
}

static void write_rows(struct readings_row *rows, size_t count)
{
	struct err e;
	must(readings_write(&readings, readings.db, rows, count, &e), &e);
}

static void all_is_well(void)
{
	struct verify_counts counts;
	struct err e;
	assert_int_equal(readings_wrong(&readings), 0);
	must(verify_run(work.step.readings, 0, NULL, NULL, &counts, &e), &e);
	assert_int_equal(counts.damaged, 0);
	assert_true(counts.chunks > 0);
}

static void a_day_becomes_chunks(void **state)
{
	(void)state;
	struct err e;
	readings_fill(&readings, DAY0 + 20 * HOUR, DAY0 + 26 * HOUR, 2 * 60000);
	move_to(DAY0 + 26 * HOUR);
	seal_to(DAY0 + DAY);
	assert_int_equal(
		ask("SELECT count(*) FROM segment WHERE at < '2026-11-23Z'"), 0);
	assert_true(ask("SELECT count(*) FROM segment") > 0);
	assert_int_equal(
		ask("SELECT count(*) FROM chunk WHERE metric = -1 AND subject > 0"), 4);
	assert_int_equal(
		ask("SELECT count(*) FROM chunk WHERE metric = -1 AND subject < 0"), 2);
	assert_int_equal(ask("SELECT count(*) FROM chunk WHERE metric = 5"), 0);
	all_is_well();
	/* Hot rows and segments of before go; nothing is lost. */
	must(work_expire(&work, &e), &e);
	assert_int_equal(
		ask("SELECT count(*) FROM sample WHERE at < '2026-11-23Z'"), 0);
	assert_int_equal(
		ask("SELECT (to_regclass('segment_20261122') IS NULL)::int"), 1);
	all_is_well();
}

/* Whose clock says that years have passed since the newest reading is not believed. */
static void age_is_counted_from_the_newest_reading(void **state)
{
	(void)state;
	struct err e;
	int64_t day_ms = DAY0 - 400 * DAY;
	readings_fill(&readings, day_ms + HOUR, day_ms + 2 * HOUR, 2 * 60000);
	move_to(day_ms + DAY + HOUR);
	seal_to(day_ms + DAY);
	int64_t chunks = ask("SELECT count(*) FROM chunk");
	assert_true(chunks > 0);
	work.raw_retention_ms = 30 * DAY;
	must(work_expire(&work, &e), &e);
	assert_int_equal(ask("SELECT count(*) FROM chunk"), chunks);
	move_to(day_ms + 40 * DAY);
	seal_to(day_ms + 40 * DAY);
	must(work_expire(&work, &e), &e);
	assert_int_equal(ask("SELECT count(*) FROM chunk"), 0);
}

static void hours_are_right(void **state)
{
	(void)state;
	readings_fill(&readings, DAY0 + 3 * HOUR, DAY0 + 5 * HOUR, 60000);
	move_to(DAY0 + DAY);
	seal_to(DAY0 + DAY);
	for (int hour = 3; hour < 5; hour++) {
		int64_t n = 0, sum = 0, low = INT64_MAX, high = 0;
		for (size_t i = 0; i < readings.count; i++) {
			const struct readings_row *r = &readings.rows[i];
			if (r->subject != 2 || (r->at_ms - DAY0) / HOUR != hour)
				continue;
			int64_t v = r->values.value[PROCESS_rss_anon_kb];
			n++;
			if (__builtin_add_overflow(sum, v, &sum))
				sum = INT64_MAX;
			low = v < low ? v : low;
			high = v > high ? v : high;
		}
		char sql[400];
		snprintf(sql, sizeof sql,
			"SELECT count(*) FROM slot_rollup WHERE slot_id = 2 AND metric "
			"= "
			"%d AND n[%d] = %lld AND sum[%d] = %lld AND low[%d] = %lld AND "
			"high[%d] = %lld AND n[1] = 0",
			PROCESS_rss_anon_kb, hour + 1, (long long)n, hour + 1,
			(long long)sum, hour + 1, (long long)low, hour + 1,
			(long long)high);
		assert_int_equal(ask(sql), 1);
	}
	/* Two seats of each service, a version each or both of one. */
	assert_int_equal(
		ask("SELECT sum(n) FROM version_rollup WHERE step_s = 3600 AND "
		    "service_id = 1 AND metric = 1 AND at = '2026-11-22 "
		    "03:00Z'"),
		2);
	/* The counter grows by 7 in a second; the last of an hour is in the next. */
	assert_int_equal(
		ask("SELECT sum(sum) / sum(n) FROM version_rollup WHERE step_s = "
		    "3600 AND metric = 6 AND at = '2026-11-22 04:00Z'"),
		7 * 3600);
}

/* Everything that was made of the readings of a run, as one number; low ends of bands
 * are as exact as their sketch. */
static int64_t rollups(void)
{
	return ask(
		"SELECT hashtext(string_agg(t, '|' ORDER BY t)) FROM (SELECT "
		"slot_rollup::text AS t FROM slot_rollup UNION ALL SELECT (at, "
		"service_id, fingerprint_id, metric, n, sum, high, sketch)::text FROM "
		"version_rollup WHERE step_s = 3600) r");
}

static int compare_times(const void *left, const void *right)
{
	const struct readings_row *a = left, *b = right;
	return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

/* Readings that come on time, before their day is sealed, and after. */
static void what_comes_late_is_as_if_it_had_come_in_time(void **state)
{
	(void)state;
	enum { ROWS = 6 * 60 };
	static struct readings_row rows[ROWS];
	uint64_t seed = 3;
	for (int i = 0; i < ROWS; i++)
		rows[i] = readings_make(&seed, i % 6 < 4 ? i % 6 + 1 : 3 - i % 6,
			DAY0 + 21 * HOUR + i / 6 * 4 * 60000);
	begin(2, 2, 1);
	write_rows(rows, ROWS);
	move_to(DAY0 + 2 * DAY);
	seal_to(DAY0 + 2 * DAY);
	all_is_well();
	int64_t expected = rollups();
	assert_true(ask("SELECT count(*) FROM slot_rollup") > 0);
	end();

	for (int round = 0; round < 4; round++) {
		static struct readings_row mixed[ROWS];
		memcpy(mixed, rows, sizeof mixed);
		for (int i = ROWS - 1; i > 0; i--) {
			int j = (int)(readings_random(&seed) % (unsigned)(i + 1));
			struct readings_row kept = mixed[i];
			mixed[i] = mixed[j];
			mixed[j] = kept;
		}
		/* One third on time, with the very first. */
		int a = ROWS / 3, b = 2 * ROWS / 3, c = 5 * ROWS / 6;
		qsort(mixed, (size_t)a, sizeof *mixed, compare_times);
		begin(2, 2, 1);
		if (round == 3)
			work.step.pass_bytes = 1;
		write_rows(mixed, (size_t)a);
		move_to(DAY0 + 2 * DAY);
		write_rows(mixed + a, (size_t)(b - a));
		assert_int_equal(readings_wrong(&readings), 0);
		seal_to(DAY0 + 2 * DAY);
		all_is_well();
		write_rows(mixed + b, (size_t)(c - b));
		assert_int_equal(readings_wrong(&readings), 0);
		merge();
		all_is_well();
		write_rows(mixed + c, (size_t)(ROWS - c));
		merge();
		all_is_well();
		assert_int_equal(rollups(), expected);
		end();
	}
}

static void late_rows_of_days_that_nobody_knew_have_their_chunks(void **state)
{
	(void)state;
	readings_fill(&readings, DAY0 + DAY, DAY0 + DAY + M5, 60000);
	move_to(DAY0 + 2 * DAY);
	seal_to(DAY0 + 2 * DAY);
	struct readings_row rows[3] = {readings_make(&readings.seed, 1, DAY0 - HOUR),
		readings_make(&readings.seed, 2, DAY0 + HOUR),
		readings_make(&readings.seed, -1, DAY0 - 2 * DAY)};
	write_rows(rows, 3);
	merge();
	all_is_well();
	assert_int_equal(ask("SELECT count(DISTINCT at) FROM chunk"), 4);
}

/* A reading that comes between what is read and what is taken away. */
static void come_between(const char *place)
{
	static int number;
	if (strcmp(place, "day: before the late rows go") != 0)
		return;
	struct readings_row row = readings_make(
		&readings.seed, 1, DAY0 + HOUR + 1000 * ++number);
	write_rows(&row, 1);
}

static void what_comes_while_late_rows_join_waits_for_the_next_time(void **state)
{
	(void)state;
	struct err e;
	readings_fill(&readings, DAY0, DAY0 + M5, 60000);
	move_to(DAY0 + DAY);
	seal_to(DAY0 + DAY);
	struct readings_row row = readings_make(&readings.seed, 1, DAY0 + HOUR);
	write_rows(&row, 1);
	step_fault = come_between;
	must(work_merge(&work, &e), &e);
	step_fault = NULL;
	assert_int_equal(ask("SELECT count(*) FROM sample_late"), 1);
	all_is_well();
	merge();
	all_is_well();
}

static void late_rows_that_are_too_old_go(void **state)
{
	(void)state;
	readings_fill(&readings, DAY0, DAY0 + M5, 60000);
	move_to(DAY0 + DAY);
	seal_to(DAY0 + DAY);
	struct readings_row row = readings_make(&readings.seed, 1, DAY0 - 30 * DAY);
	write_rows(&row, 1);
	work.raw_retention_ms = clock_unix_ms() - DAY0 + DAY;
	merge();
	assert_int_equal(ask("SELECT count(*) FROM chunk WHERE at < '2026-11-01Z'"), 0);
}

static void a_seat_has_the_hours_of_all_its_lives(void **state)
{
	(void)state;
	struct readings_row rows[4] = {0};
	readings_sql(&readings, "UPDATE generation SET slot_id = 1 WHERE id = 2");
	for (int i = 0; i < 4; i++) {
		rows[i].subject = i / 2 + 1;
		rows[i].at_ms = DAY0 + HOUR + i * 10000;
		rows[i].values.present = 1 << PROCESS_rss_kb;
		rows[i].values.value[PROCESS_rss_kb] = 100 - 10 * i;
	}
	write_rows(rows, 2);
	move_to(DAY0 + DAY);
	seal_to(DAY0 + DAY);
	/* The second life of the seat is late: the first is read from its chunk. */
	write_rows(rows + 2, 2);
	merge();
	all_is_well();
	assert_int_equal(ask("SELECT count(*) FROM slot_rollup WHERE slot_id = 1 AND "
			     "metric = 0 AND n[2] = 4 AND sum[2] = 340 AND low[2] = 70 "
			     "AND high[2] = 100 AND last[2] = 70"),
		1);
	assert_int_equal(ask("SELECT count(*) FROM slot_rollup WHERE metric = 0"), 1);
}

/* When a life was read last is written down a little late: of one that ended in the
 * first minute of the day it says the day before. */
static void who_ended_just_after_midnight_stays_in_its_hour(void **state)
{
	(void)state;
	struct readings_row rows[2] = {0};
	readings_sql(&readings,
		"UPDATE generation SET slot_id = 1 WHERE id = 2;"
		"UPDATE generation SET last_sample_at = '2026-11-21 23:59:40Z' "
		"WHERE id = 1");
	for (int i = 0; i < 2; i++) {
		rows[i].subject = i + 1;
		rows[i].at_ms = DAY0 + (i + 1) * 10000;
		rows[i].values.present = 1 << PROCESS_rss_kb;
		rows[i].values.value[PROCESS_rss_kb] = 100 - 10 * i;
	}
	write_rows(rows, 1);
	move_to(DAY0 + DAY);
	seal_to(DAY0 + DAY);
	write_rows(rows + 1, 1);
	merge();
	assert_int_equal(ask("SELECT n[1] FROM slot_rollup WHERE slot_id = 1 AND "
			     "metric = 0"),
		2);
}

/* A rule that changes its mind: a life is of another service from noon on. */
static void a_life_that_moves_to_another_service_is_one_series(void **state)
{
	(void)state;
	readings_fill(&readings, DAY0 + HOUR, DAY0 + HOUR + M5, 60000);
	move_to(DAY0 + 2 * HOUR);
	readings_sql(&readings,
		"INSERT INTO slot (service_id, host_id, ordinal) VALUES (2, 1, 9);"
		"UPDATE generation SET slot_id = (SELECT max(id) FROM slot), "
		"fingerprint_id = 3 WHERE id = 1");
	readings_fill(&readings, DAY0 + 3 * HOUR, DAY0 + 3 * HOUR + M5, 60000);
	move_to(DAY0 + DAY);
	seal_to(DAY0 + DAY);
	readings.service_of[1] = 2;
	all_is_well();
	assert_int_equal(
		ask("SELECT n[2] + n[4] FROM slot_rollup WHERE slot_id = (SELECT "
		    "max(id) FROM slot) AND metric = 0"),
		10);
	/* Of each service and hour: instances that were there. */
	assert_int_equal(
		ask("SELECT sum(n) FROM version_rollup WHERE step_s = 3600 AND "
		    "metric = 0 AND service_id = 2 AND at = '2026-11-22 01:00Z'"),
		3);
}

static void damage_is_named_and_holds_nothing_up(void **state)
{
	(void)state;
	struct err e;
	struct verify_counts counts;
	readings_fill(&readings, DAY0 + HOUR, DAY0 + HOUR + 2 * M5, 30000);
	move_to(DAY0 + DAY);
	readings_sql(&readings,
		"UPDATE segment SET data = set_byte(data, length(data) - 6, "
		"get_byte(data, "
		"length(data) - 6) # 1) WHERE service_id = 1 AND metric = 0 AND at = "
		"'2026-11-22 01:00Z'");
	must(verify_run(work.step.readings, 0, NULL, NULL, &counts, &e), &e);
	assert_int_equal(counts.damaged, 1);
	seal_to(DAY0 + DAY);
	assert_int_equal(work.step.counts.damaged, 1);
	must(verify_run(work.step.readings, 0, NULL, NULL, &counts, &e), &e);
	assert_int_equal(counts.damaged, 0);
	/* The other column of that segment is as it was: 20 rows; this has 10. */
	assert_true(readings_wrong(&readings) == 10);
	readings_sql(&readings, "DELETE FROM chunk WHERE subject = 2 AND metric = -1");
	must(verify_run(work.step.readings, 0, NULL, NULL, &counts, &e), &e);
	assert_true(counts.damaged > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_day_becomes_chunks, fresh, done),
		cmocka_unit_test_setup_teardown(hours_are_right, fresh, done),
		cmocka_unit_test_setup_teardown(
			age_is_counted_from_the_newest_reading, fresh, done),
		cmocka_unit_test(what_comes_late_is_as_if_it_had_come_in_time),
		cmocka_unit_test_setup_teardown(
			late_rows_of_days_that_nobody_knew_have_their_chunks, fresh,
			done),
		cmocka_unit_test_setup_teardown(
			what_comes_while_late_rows_join_waits_for_the_next_time, fresh,
			done),
		cmocka_unit_test_setup_teardown(
			late_rows_that_are_too_old_go, fresh, done),
		cmocka_unit_test_setup_teardown(
			a_seat_has_the_hours_of_all_its_lives, fresh, done),
		cmocka_unit_test_setup_teardown(
			who_ended_just_after_midnight_stays_in_its_hour, fresh, done),
		cmocka_unit_test_setup_teardown(
			a_life_that_moves_to_another_service_is_one_series, fresh,
			done),
		cmocka_unit_test_setup_teardown(
			damage_is_named_and_holds_nothing_up, fresh, done),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
