/* The compactor's thread: who leads, what happens when the database goes away, when it
 * is to stop, and in a database that was made before there were segments. */
#include "common/clock.h"
#include "server/compact/compact.h"
#include "server/compact/verify.h"
#include "server/store/migrate.h"
#include "server/store/storage.h"
#include "sql.h"
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

static struct pg pg;
static char uri[160];
static struct readings readings;

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

static int fresh(void **state)
{
	(void)state;
	readings_database(&pg, uri, sizeof uri);
	readings_init(&readings, uri, 2, 2, 1);
	return 0;
}

static int done(void **state)
{
	(void)state;
	readings_finish(&readings);
	return 0;
}

static int64_t ask(const char *sql)
{
	PGconn *conn = PQconnectdb(uri);
	PGresult *result = PQexec(conn, sql);
	int64_t value = PQntuples(result) ? atoll(PQgetvalue(result, 0, 0)) : -1;
	PQclear(result);
	PQfinish(conn);
	return value;
}

static bool comes_true(const char *sql, int seconds)
{
	for (int i = 0; i < seconds * 20; i++, usleep(50000))
		if (ask(sql) == 1)
			return true;
	return false;
}

static struct compact *begin(void)
{
	struct err e;
	struct compact *c = compact_start(&(struct compact_options){.database = uri,
						  .raw_retention_ms = DAY * 36500,
						  .rollup_retention_ms = DAY * 36500},
		&e);
	if (!c)
		fail_msg("%s", e.text);
	return c;
}

static bool says(struct compact *c, const char *line)
{
	struct buf out = {0};
	compact_metrics(c, &out);
	bool found = strstr(out.data, line);
	buf_finish(&out);
	return found;
}

static bool comes_to_say(struct compact *c, const char *line, int seconds)
{
	for (int i = 0; i < seconds * 20; i++, usleep(50000))
		if (says(c, line))
			return true;
	return false;
}

static void all_that_is_due_is_done(void **state)
{
	(void)state;
	/* Without agents, time itself closes: more than a day ago. */
	int64_t day_ms = clock_unix_ms() / DAY * DAY - 2 * DAY;
	readings_fill(&readings, day_ms + HOUR, day_ms + HOUR + 600000, 60000);
	struct compact *c = begin();
	assert_true(
		comes_true("SELECT (sealed_to > now() - interval '2 days')::int FROM "
			   "storage",
			20));
	assert_true(comes_to_say(c, "tidemark_storage_leads 1\n", 10));
	assert_true(says(c, "tidemark_storage_windows_total 2\n") ||
		    says(c, "tidemark_storage_windows_total 3\n"));
	compact_stop(c);
	assert_int_equal(readings_wrong(&readings), 0);
	assert_true(ask("SELECT count(*) FROM chunk") > 0);
	/* What comes next has its place, and the lead is free again. */
	assert_int_equal(ask("SELECT (count(*) > 2)::int FROM partition_list('sample') "
			     "WHERE to_at > now()"),
		1);
	assert_int_equal(
		ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), 0);
	compact_stop(NULL);
}

static void one_leads_and_the_other_takes_over(void **state)
{
	(void)state;
	struct compact *a = begin();
	assert_true(comes_to_say(a, "tidemark_storage_leads 1\n", 10));
	struct compact *b = begin();
	usleep(300000);
	assert_false(says(b, "tidemark_storage_leads 1\n"));
	compact_stop(a);
	assert_true(comes_to_say(b, "tidemark_storage_leads 1\n", 10));
	/* The one whose session ends does not lead any more, and says so. */
	struct compact *c = begin();
	usleep(300000);
	assert_false(says(c, "tidemark_storage_leads 1\n"));
	compact_stop(b);
	assert_true(comes_to_say(c, "tidemark_storage_leads 1\n", 10));
	compact_stop(c);
}

static void a_step_is_not_begun_while_another_leads(void **state)
{
	(void)state;
	struct err e;
	bool leads = false;
	struct db *a = db_create(
		&(struct db_options){.uri = uri, .application_name = "a"});
	struct db *b = db_create(
		&(struct db_options){.uri = uri, .application_name = "b"});
	assert_true(storage_lead(a, &leads, &e) && leads);
	assert_true(storage_lead(b, &leads, &e) && !leads);
	assert_false(storage_begin(b, &e));
	assert_int_equal(e.kind, ERR_BUSY);
	assert_true(storage_begin(a, &e));
	db_rollback(a);
	/* Asked again, it has it once. */
	assert_true(storage_lead(a, &leads, &e) && leads);
	storage_follow(a);
	assert_true(storage_lead(b, &leads, &e) && leads);
	db_destroy(a);
	db_destroy(b);
}

static void it_goes_on_when_the_database_was_away(void **state)
{
	(void)state;
	int64_t day_ms = clock_unix_ms() / DAY * DAY - 2 * DAY;
	struct compact *c = begin();
	assert_true(comes_to_say(c, "tidemark_storage_leads 1\n", 10));
	pg_kill(&pg);
	assert_true(comes_to_say(c, "tidemark_storage_leads 0\n", 10));
	pg_run(&pg);
	readings_fill(&readings, day_ms + HOUR, day_ms + HOUR + 600000, 60000);
	assert_true(
		comes_true("SELECT (sealed_to > now() - interval '2 days')::int FROM "
			   "storage",
			20));
	compact_stop(c);
	assert_int_equal(readings_wrong(&readings), 0);
}

static void it_stops_soon(void **state)
{
	(void)state;
	int64_t day_ms = clock_unix_ms() / DAY * DAY - 2 * DAY;
	readings_fill(&readings, day_ms + HOUR, day_ms + 3 * HOUR, 120000);
	struct compact *c = begin();
	assert_true(
		comes_true("SELECT (compacted_to IS NOT NULL)::int FROM storage", 10));
	int64_t began_ms = clock_mono_ms();
	compact_stop(c);
	assert_true(clock_mono_ms() - began_ms < 4000);
	assert_int_equal(readings_wrong(&readings), 0);
}

/* Readings in partitions of days, from before 0007. */
static void an_old_database_moves_on_from_its_oldest_reading(void **state)
{
	(void)state;
	struct err e;
	int old = 0;
	char sql[200];
	while (strcmp(sql_migration_name[old], "0007_storage") < 0)
		old++;
	struct db *db = db_create(
		&(struct db_options){.uri = uri, .application_name = "old"});
	assert_true(
		db_script(db, "CREATE DATABASE before TEMPLATE template0", "old", &e));
	db_destroy(db);
	readings_finish(&readings);
	snprintf(uri, sizeof uri, "host=%s user=tidemark dbname=before", pg.folder);
	const struct migrate_list list = {old, sql_migration_name, sql_migration_text};
	assert_true(migrate_run_list(uri, &list, NULL, &e));
	readings_init(&readings, uri, 2, 1, 1);
	int64_t day_ms = clock_unix_ms() / DAY * DAY - 4 * DAY;
	struct readings_row rows[30];
	uint64_t seed = 5;
	for (int i = 0; i < 30; i++) {
		rows[i] = readings_make(&seed, 1, day_ms + i * 2 * HOUR);
		/* As an old server wrote it, some days in partitions of days. */
		snprintf(sql, sizeof sql,
			"SELECT partition_make('sample', (to_timestamp(%lld) AT TIME "
			"ZONE "
			"'UTC')::date)",
			(long long)rows[i].at_ms / 1000);
		readings_sql(&readings, "%s", sql);
		rows[i].values.present &= 15;
		readings_sql(&readings,
			"INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb, "
			"rss_file_kb, rss_shmem_kb) VALUES (1, to_timestamp(%lld), "
			"%lld, "
			"%lld, %lld, %lld)",
			(long long)rows[i].at_ms / 1000,
			(long long)rows[i].values.value[0],
			(long long)rows[i].values.value[1],
			(long long)rows[i].values.value[2],
			(long long)rows[i].values.value[3]);
		if (!(rows[i].values.present & 8))
			readings_sql(&readings, "UPDATE sample SET rss_shmem_kb = NULL "
						"WHERE rss_shmem_kb = 0");
		rows[i].values.present &= ~(rows[i].values.value[3] ? 0u : 8u);
	}
	readings_remember(&readings, rows, 30);
	assert_true(migrate_run(uri, NULL, &e));
	/* It can be read at once, before anything has moved. */
	assert_int_equal(readings_wrong(&readings), 0);
	struct compact *c = begin();
	assert_true(
		comes_true("SELECT (sealed_to > now() - interval '2 days')::int FROM "
			   "storage",
			20));
	compact_stop(c);
	assert_int_equal(readings_wrong(&readings), 0);
	assert_int_equal(ask("SELECT count(*) FROM chunk WHERE metric = 0"), 3);
	struct storage_bounds b;
	assert_true(storage_read(readings.db, &b, &e));
	assert_true(b.sealed_ms >= day_ms + 2 * DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_that_is_due_is_done, fresh, done),
		cmocka_unit_test_setup_teardown(
			one_leads_and_the_other_takes_over, fresh, done),
		cmocka_unit_test_setup_teardown(
			a_step_is_not_begun_while_another_leads, fresh, done),
		cmocka_unit_test_setup_teardown(it_stops_soon, fresh, done),
		cmocka_unit_test_setup_teardown(
			an_old_database_moves_on_from_its_oldest_reading, fresh, done),
		cmocka_unit_test_setup_teardown(
			it_goes_on_when_the_database_was_away, fresh, done),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
