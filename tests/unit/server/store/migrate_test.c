/* The migration runner: every database ends at the same schema, or says why not. */
#include "server/store/migrate.h"
#include "sql.h"
#include "tests/support/pg.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct pg pg;
static char uri[200];

static int64_t ask(const char *sql)
{
	PGconn *conn = PQconnectdb(uri);
	PGresult *result = PQexec(conn, sql);
	if (PQresultStatus(result) != PGRES_TUPLES_OK &&
		PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(conn));
	int64_t value = PQntuples(result) ? atoll(PQgetvalue(result, 0, 0)) : 0;
	PQclear(result);
	PQfinish(conn);
	return value;
}

/* An empty database for each test. */
static int fresh(void **state)
{
	(void)state;
	static int number;
	char sql[64];
	snprintf(uri, sizeof uri, "%s", pg.uri);
	snprintf(sql, sizeof sql, "CREATE DATABASE m%d", ++number);
	ask(sql);
	snprintf(
		uri, sizeof uri, "host=%s user=tidemark dbname=m%d", pg.folder, number);
	return 0;
}

static int start(void **state)
{
	(void)state;
	pg_start(&pg);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pg_stop(&pg);
	return 0;
}

static void the_second_run_finds_nothing_to_do(void **state)
{
	(void)state;
	struct err e;
	struct migrate_report report;
	if (!migrate_run(uri, &report, &e))
		fail_msg("%s", e.text);
	assert_int_equal(report.applied, sql_migration_count);
	assert_int_equal(report.known, sql_migration_count);
	assert_true(migrate_run(uri, &report, &e));
	assert_int_equal(report.applied, 0);
	assert_int_equal(
		ask("SELECT count(*) FROM schema_migration"), sql_migration_count);
	assert_int_equal(ask("SELECT min(length(checksum)) FROM schema_migration"), 64);
}

struct runner {
	pthread_t thread;
	struct migrate_report report;
	struct err e;
	bool ok;
};

static void *run(void *argument)
{
	struct runner *r = argument;
	r->ok = migrate_run(uri, &r->report, &r->e);
	return NULL;
}

static void runners_at_the_same_time_do_it_once(void **state)
{
	(void)state;
	struct runner runners[6] = {0};
	int applied = 0;
	for (int i = 0; i < 6; i++)
		pthread_create(&runners[i].thread, NULL, run, &runners[i]);
	for (int i = 0; i < 6; i++) {
		pthread_join(runners[i].thread, NULL);
		if (!runners[i].ok)
			fail_msg("%s", runners[i].e.text);
		applied += runners[i].report.applied;
	}
	assert_int_equal(applied, sql_migration_count);
}

static const char *const names[] = {"0001_one", "0002_two", "0003_three"};
static const char *const texts[] = {"CREATE TABLE one (id int)",
	"CREATE TABLE two (id int); INSERT INTO two VALUES (2)",
	"CREATE TABLE three (id int)"};

static bool run_list(int count, const char *const *name, const char *const *text,
	struct migrate_report *report, struct err *e)
{
	const struct migrate_list list = {count, name, text};
	return migrate_run_list(uri, &list, report, e);
}

static void a_new_migration_is_added_to_an_old_database(void **state)
{
	(void)state;
	struct err e;
	struct migrate_report report;
	assert_true(run_list(2, names, texts, &report, &e));
	assert_int_equal(report.applied, 2);
	assert_true(run_list(3, names, texts, &report, &e));
	assert_int_equal(report.applied, 1);
	assert_int_equal(ask("SELECT count(*) FROM three"), 0);
}

static void a_changed_migration_is_an_error_that_names_it(void **state)
{
	(void)state;
	struct err e;
	const char *const changed[] = {
		texts[0], "CREATE TABLE zwei (id int)", texts[2]};
	assert_true(run_list(2, names, texts, NULL, &e));
	assert_false(run_list(3, names, changed, NULL, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.text, "0002_two"));
	assert_non_null(strstr(e.text, "checksum"));
	assert_int_equal(ask("SELECT count(*) FROM schema_migration"), 2);
}

static void a_newer_database_is_an_error(void **state)
{
	(void)state;
	struct err e;
	assert_true(run_list(3, names, texts, NULL, &e));
	assert_false(run_list(2, names, texts, NULL, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.text, "0003_three"));
	assert_non_null(strstr(e.text, "newer"));
}

static void a_migration_that_was_skipped_is_an_error(void **state)
{
	(void)state;
	struct err e;
	const char *const late_names[] = {"0001_one", "0003_three"};
	const char *const late_texts[] = {texts[0], texts[2]};
	assert_true(run_list(2, late_names, late_texts, NULL, &e));
	assert_false(run_list(3, names, texts, NULL, &e));
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.text, "0002_two"));
}

static void a_migration_that_fails_leaves_nothing_of_itself(void **state)
{
	(void)state;
	struct err e;
	struct migrate_report report;
	const char *const broken[] = {
		texts[0], "CREATE TABLE two (id int); SELEC 1", texts[2]};
	assert_false(run_list(3, names, broken, &report, &e));
	assert_non_null(strstr(e.text, "0002_two"));
	assert_int_equal(report.applied, 1);
	assert_int_equal(ask("SELECT (to_regclass('two') IS NULL)::int"), 1);
	/* Mended, it goes on from there. */
	assert_true(run_list(3, names, texts, &report, &e));
	assert_int_equal(report.applied, 2);
}

static void a_rehearsal_changes_nothing(void **state)
{
	(void)state;
	struct err e;
	struct migrate_report report;
	if (!migrate_try(uri, &report, &e))
		fail_msg("%s", e.text);
	assert_int_equal(report.applied, sql_migration_count);
	assert_int_equal(
		ask("SELECT (to_regclass('schema_migration') IS NULL)::int"), 1);
	assert_int_equal(ask("SELECT (to_regclass('agent') IS NULL)::int"), 1);
}

static void the_status_says_what_is_applied(void **state)
{
	(void)state;
	struct err e;
	struct arena a;
	struct migrate_step *steps;
	int count;
	arena_init(&a);
	assert_true(migrate_status(uri, &a, &steps, &count, &e));
	assert_int_equal(count, sql_migration_count);
	assert_true(steps[0].applied_at_ms == 0);
	assert_true(migrate_run(uri, NULL, &e));
	assert_true(migrate_status(uri, &a, &steps, &count, &e));
	for (int i = 0; i < count; i++) {
		assert_string_equal(steps[i].name, sql_migration_name[i]);
		assert_true(steps[i].applied_at_ms > INT64_C(1600000000000));
	}
	arena_finish(&a);
}

static void a_database_that_is_not_there_is_said_to_be(void **state)
{
	(void)state;
	struct err e;
	assert_false(migrate_run("host=/nonexistent dbname=none", NULL, &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_non_null(strstr(e.text, "/nonexistent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_second_run_finds_nothing_to_do, fresh),
		cmocka_unit_test_setup(runners_at_the_same_time_do_it_once, fresh),
		cmocka_unit_test_setup(
			a_new_migration_is_added_to_an_old_database, fresh),
		cmocka_unit_test_setup(
			a_changed_migration_is_an_error_that_names_it, fresh),
		cmocka_unit_test_setup(a_newer_database_is_an_error, fresh),
		cmocka_unit_test_setup(a_migration_that_was_skipped_is_an_error, fresh),
		cmocka_unit_test_setup(
			a_migration_that_fails_leaves_nothing_of_itself, fresh),
		cmocka_unit_test_setup(a_rehearsal_changes_nothing, fresh),
		cmocka_unit_test_setup(the_status_says_what_is_applied, fresh),
		cmocka_unit_test(a_database_that_is_not_there_is_said_to_be),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
