/* Every query file fits the migrated schema, and the tables of samples fit
 * metric.def: a misspelt column fails here, not in production. */
#include "schema/metric.h"
#include "server/store/migrate.h"
#include "sql.h"
#include "tests/support/pg.h"

#include <libpq-fe.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct pg pg;

static int start(void **state)
{
	(void)state;
	pg_start(&pg);
	struct err e;
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

static void every_query_fits_the_schema(void **state)
{
	(void)state;
	PGconn *conn = PQconnectdb(pg.uri);
	assert_int_equal(PQstatus(conn), CONNECTION_OK);
	int failed = 0;
	assert_true(SQL_QUERY_COUNT > 0);
	for (int i = 0; i < SQL_QUERY_COUNT; i++) {
		PGresult *result = PQprepare(
			conn, sql_query_name[i], sql_query_text[i], 0, NULL);
		if (PQresultStatus(result) != PGRES_COMMAND_OK) {
			print_error("%s: %s", sql_query_name[i],
				PQresultErrorMessage(result));
			failed++;
		}
		PQclear(result);
	}
	PQfinish(conn);
	assert_int_equal(failed, 0);
}

static void every_query_says_what_it_answers(void **state)
{
	(void)state;
	for (int i = 0; i < SQL_QUERY_COUNT; i++)
		if (strncmp(sql_query_text[i], "-- ", 3) != 0)
			fail_msg("%s.sql does not begin with a comment",
				sql_query_name[i]);
}

static void check_columns(const char *table, const struct metric *metrics, int count)
{
	PGconn *conn = PQconnectdb(pg.uri);
	assert_int_equal(PQstatus(conn), CONNECTION_OK);
	const char *const values[] = {table};
	PGresult *result = PQexecParams(conn,
		"SELECT attname, typname FROM pg_attribute a JOIN pg_type t ON t.oid = "
		"atttypid"
		" WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped"
		" ORDER BY attnum",
		1, NULL, values, NULL, NULL, 0);
	assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
	/* Two columns say of whom and when. */
	assert_int_equal(PQntuples(result), count + 2);
	for (int i = 0; i < count; i++) {
		assert_string_equal(PQgetvalue(result, i + 2, 0), metrics[i].name);
		assert_string_equal(PQgetvalue(result, i + 2, 1), metrics[i].column);
	}
	PQclear(result);
	PQfinish(conn);
}

static void sample_tables_fit_the_metrics(void **state)
{
	(void)state;
	check_columns("sample", metric_process, METRIC_PROCESS_COUNT);
	check_columns("host_sample", metric_host, METRIC_HOST_COUNT);
	check_columns("queue_sample", metric_queue, METRIC_QUEUE_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_query_fits_the_schema),
		cmocka_unit_test(every_query_says_what_it_answers),
		cmocka_unit_test(sample_tables_fit_the_metrics),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
