/* The door for SQL: what docs/storage.md promises of schema tm_api. */
#include "server/history/sketch.h"
#include "server/store/migrate.h"
#include "tests/support/pg.h"
#include "tests/support/readings.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

/* 2026-11-22 09:00 UTC. */
#define T0 INT64_C(1795338000000)

static struct pg pg;
static PGconn *conn;

static void run(const char *sql)
{
	PGresult *result = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(conn));
	PQclear(result);
}

/* The one field of the answer; valid until the next call. */
static const char *ask(const char *sql)
{
	static char answer[256];
	PGresult *result = PQexec(conn, sql);
	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
		fail_msg("%s: %d rows, %s", sql, PQntuples(result),
			PQerrorMessage(conn));
	snprintf(answer, sizeof answer, "%s", PQgetvalue(result, 0, 0));
	PQclear(result);
	return answer;
}

static int start(void **state)
{
	(void)state;
	struct err e;
	struct readings readings;
	pg_start(&pg);
	if (!migrate_run(pg.uri, NULL, &e)) {
		print_error("%s\n", e.text);
		return -1;
	}
	readings_init(&readings, pg.uri, 2, 1, 2);
	readings_fill(&readings, T0, T0 + 60000, 10000);
	readings_sql(&readings,
		"UPDATE storage SET closed_to = '2026-11-22 10:00Z', compacted_to = "
		"'2026-11-22 09:00Z', sealed_to = '2026-11-22 00:00Z'");
	readings_fill(&readings, T0 + 60000, T0 + 70000, 10000);
	readings_finish(&readings);
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

static void assert_metrics(
	const char *scope, const struct metric *metrics, int count, const char *view)
{
	char sql[512];
	for (int i = 0; i < count; i++) {
		snprintf(sql, sizeof sql,
			"SELECT name || ' ' || kind || ' ' || unit FROM tm_api.metric "
			"WHERE scope = '%s' AND number = %d",
			scope, i);
		char expected[128];
		snprintf(expected, sizeof expected, "%s %s %s", metrics[i].name,
			metrics[i].kind == METRIC_GAUGE ? "gauge" : "counter",
			metrics[i].unit);
		assert_string_equal(ask(sql), expected);
		snprintf(sql, sizeof sql,
			"SELECT count(*) FROM information_schema.columns WHERE "
			"table_schema = 'tm_api' AND table_name = '%s' AND "
			"column_name = '%s'",
			view, metrics[i].name);
		if (strcmp(ask(sql), "1") != 0)
			fail_msg("%s has no column %s", view, metrics[i].name);
	}
	snprintf(sql, sizeof sql,
		"SELECT count(*) FROM tm_api.metric WHERE scope = '%s'", scope);
	assert_int_equal(atoi(ask(sql)), count);
}

static void every_metric_is_there(void **state)
{
	(void)state;
	assert_metrics(
		"process", metric_process, METRIC_PROCESS_COUNT, "process_reading");
	assert_metrics("host", metric_host, METRIC_HOST_COUNT, "host_reading");
	assert_metrics("queue", metric_queue, METRIC_QUEUE_COUNT, "queue_reading");
}

static void readings_are_rows_with_names(void **state)
{
	(void)state;
	assert_string_equal(ask("SELECT count(*) FROM tm_api.process_reading"), "28");
	assert_string_equal(ask("SELECT count(*) FROM tm_api.process_reading WHERE "
				"service = 's1' AND host = 'h2' AND seat = 1 AND at >= "
				"'2026-11-22 09:01Z'"),
		"1"); /* a late one */
	assert_string_equal(ask("SELECT count(*) FROM tm_api.host_reading WHERE host = "
				"'h1'"),
		"7");
	assert_string_equal(ask("SELECT string_agg(service || host || seat || version, "
				"' ' ORDER BY process_id) FROM tm_api.process"),
		"s1h101 s1h111 s1h201 s1h211");
	assert_string_equal(ask("SELECT count(*) FROM tm_api.host"), "2");
	assert_string_equal(ask("SELECT service FROM tm_api.service"), "s1");
	assert_string_equal(ask("SELECT count(*) FROM tm_api.queue_reading"), "0");
}

static void hours_of_seats_have_a_mean(void **state)
{
	(void)state;
	run("SELECT partition_make_month('slot_rollup', '2026-11-21Z');"
	    "INSERT INTO slot_rollup (at, slot_id, metric, n, sum, low, high, last) "
	    "VALUES "
	    "('2026-11-21Z', 1, 0, '{0,4,2}', '{0,10,9}', '{0,1,4}', '{0,4,5}', "
	    "'{0,3,5}'), ('2026-11-21Z', 1, 6, '{0,0,1800}', '{0,0,50}', '{0,0,90}', "
	    "'{0,0,110}', '{0,0,777}')");
	assert_string_equal(ask("SELECT string_agg(concat_ws(',', at AT TIME ZONE "
				"'UTC', n, sum, mean, low, high, last), ' ' ORDER BY "
				"at) FROM tm_api.seat_hour WHERE metric = 'rss_kb'"),
		"2026-11-21 01:00:00,4,10,2.5,1,4,3 2026-11-21 02:00:00,2,9,4.5,4,5,5");
	assert_string_equal(ask("SELECT concat_ws(',', service, host, seat, kind, n, "
				"sum, mean, low, high, last) FROM tm_api.seat_hour "
				"WHERE metric = 'cpu_ms'"),
		"s1,h1,0,counter,1800,50,100,90,110,777");
}

static void quantiles_are_those_of_the_server(void **state)
{
	(void)state;
	static const double qs[] = {0, 0.1, 0.5, 0.9, 1};
	static struct sketch s;
	uint64_t seed = 3;
	for (int round = 0; round < 8; round++) {
		struct buf bytes = {0}, hex = {0}, sql = {0};
		sketch_reset(&s);
		for (int i = 0; i < round * round; i++)
			sketch_add(&s,
				(int64_t)(readings_random(&seed) >> (4 + 8 * round)));
		sketch_put(&bytes, &s);
		for (size_t i = 0; i < bytes.length; i++)
			buf_printf(&hex, "%02x", (uint8_t)bytes.data[i]);
		for (size_t i = 0; i < sizeof qs / sizeof *qs; i++) {
			buf_reset(&sql);
			buf_printf(&sql,
				"SELECT coalesce(tm_api.quantile('\\x%s', %g), 0)",
				hex.data, qs[i]);
			double got = atof(ask(sql.data));
			double own = (double)sketch_quantile(&s, qs[i]);
			/* The last digits of large powers are not alike. */
			if (got - own > 1e-9 * own || own - got > 1e-9 * own)
				fail_msg("%s: %f, not %f", sql.data, got, own);
		}
		buf_finish(&bytes);
		buf_finish(&hex);
		buf_finish(&sql);
	}
	assert_string_equal(ask("SELECT tm_api.quantile('\\x0200', 0.5) IS NULL"), "t");
	assert_string_equal(ask("SELECT tm_api.quantile('\\x', 0.5) IS NULL"), "t");
}

static void versions_have_bands(void **state)
{
	(void)state;
	/* One bucket with three: 50 is number 196. */
	run("SELECT partition_make_month('version_rollup_3600', '2026-11-21Z');"
	    "INSERT INTO version_rollup (at, step_s, service_id, fingerprint_id, "
	    "metric, n, "
	    "sum, low, high, sketch) VALUES ('2026-11-21 05:00Z', 3600, 1, 2, 0, 3, "
	    "150, "
	    "50, 50, '\\x0100c40103')");
	assert_string_equal(ask("SELECT concat_ws(',', service, version, metric, "
				"instances, mean, low, p10, median, p90, high) FROM "
				"tm_api.version_step"),
		"s1,2,rss_kb,3,50,50,50,50,50,50");
}

static void the_door_leads_nowhere_else(void **state)
{
	(void)state;
	run("CREATE ROLE grafana; GRANT USAGE ON SCHEMA tm_api TO grafana;"
	    "GRANT SELECT ON ALL TABLES IN SCHEMA tm_api TO grafana; SET ROLE grafana");
	assert_string_equal(ask("SELECT count(*) FROM tm_api.process_reading"), "28");
	run("SELECT * FROM tm_api.version_step, tm_api.seat_hour, "
	    "tm_api.queue_reading");
	static const char *const closed[] = {"SELECT 1 FROM sample",
		"SELECT 1 FROM token", "SELECT 1 FROM chunk",
		"DELETE FROM tm_api.service", "UPDATE tm_api.metric SET name = ''"};
	for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
		PGresult *result = PQexec(conn, closed[i]);
		assert_string_equal(
			PQresultErrorField(result, PG_DIAG_SQLSTATE), "42501");
		PQclear(result);
	}
	run("RESET ROLE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_metric_is_there),
		cmocka_unit_test(readings_are_rows_with_names),
		cmocka_unit_test(hours_of_seats_have_a_mean),
		cmocka_unit_test(quantiles_are_those_of_the_server),
		cmocka_unit_test(versions_have_bands),
		cmocka_unit_test(the_door_leads_nowhere_else),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
