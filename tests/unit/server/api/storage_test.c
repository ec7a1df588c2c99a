/*
 * GET /storage tells how storing goes, as its golden file says, and /metrics tells the
 * same; the database's own measures, which differ from run to run, are replaced by
 * fixed ones there.
 */
#include "tests/support/api.h"

#include "common/clock.h"
#include "server/store/minutes.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After what it needs. */
#include <cmocka.h>

static char cookie[128];

#define GOLDEN TIDEMARK_SOURCE_DIR "/schema/api/storage.json"

static int start(void **state)
{
	api_set_up(state);
	api_log_in("eve", cookie);
	api_sql("UPDATE storage SET closed_to = '2026-11-22 09:50+00', "
		"compacted_to = '2026-11-22 09:50+00', sealed_to = '2026-11-22';"
		"UPDATE agent SET last_sample_at = '2026-11-22 09:59:26+00' WHERE id = "
		"1;"
		"INSERT INTO ingest_minute SELECT '2026-11-22 09:00+00'::timestamptz "
		"+ i * interval '1 minute', 'tide-1/812', 1200 + 12 * (i % 5), 60, "
		"60 * 4000, 9000 + 1000 * (i % 3), 4100, 1048576, 2000 "
		"FROM generate_series(0, 59) i WHERE i NOT BETWEEN 15 AND 19;"
		"INSERT INTO ingest_minute SELECT '2026-11-22 09:59+00', 'tide-2/77', "
		"600, "
		"30, 30 * 7000, 21000, 5000, 1048576, 30000");
	return 0;
}

static json_t *ask(const char *target, int status)
{
	scoped_reply struct http_reply r;
	api_ask("GET", target, cookie, NULL, &r);
	if (r.status != status)
		fail_msg("%s: %d %s", target, r.status, r.body.data);
	json_error_t why;
	json_t *answer = json_loads(r.body.data, JSON_REJECT_DUPLICATES, &why);
	assert_non_null(answer);
	return answer;
}

/* What a fleet of 200 hosts might have. */
static void fix_sizes(json_t *answer)
{
	static const struct {
		const char *name;
		json_int_t bytes, rows;
	} stages[] = {
		{"hot", 181403648, 1447200},
		{"late", 49152, 240},
		{"segments", 241172480, 68400},
		{"chunks", 6871947673, 21600000},
		{"rollups", 524288000, 5100000},
		{"other", 62914560, 0},
	};
	json_int_t total = 0;
	json_t *found = json_object_get(answer, "stages");
	assert_int_equal(json_array_size(found), 6);
	for (size_t i = 0; i < 6; i++) {
		json_t *stage = json_array_get(found, i);
		assert_string_equal(json_string_value(json_object_get(stage, "name")),
			stages[i].name);
		assert_true(json_integer_value(json_object_get(stage, "bytes")) >= 0);
		json_object_set_new(stage, "bytes", json_integer(stages[i].bytes));
		if (stages[i].rows)
			json_object_set_new(
				stage, "rows", json_integer(stages[i].rows));
		total += stages[i].bytes;
	}
	assert_true(json_integer_value(json_object_get(answer, "database_bytes")) > 0);
	json_object_set_new(answer, "database_bytes", json_integer(total));
	json_object_set_new(json_array_get(json_object_get(answer, "databases"), 0),
		"bytes", json_integer(total));
	json_t *chunks = json_object_get(answer, "chunks");
	assert_true(json_is_null(json_object_get(chunks, "bytes_per_value")));
	json_object_set_new(chunks, "bytes_per_value", json_real(0.62));
	json_object_set_new(chunks, "days", json_integer(12));
	json_t *disk = json_object_get(answer, "disk");
	assert_true(json_integer_value(json_object_get(disk, "free_bytes")) > 0);
	assert_true(json_integer_value(json_object_get(disk, "total_bytes")) >
		    json_integer_value(json_object_get(disk, "free_bytes")));
	json_object_set_new(disk, "free_bytes", json_integer(42949672960));
	json_object_set_new(disk, "total_bytes", json_integer(107374182400));
	json_object_set_new(disk, "state", json_stringn("ok", 2));
}

static void it_answers_as_the_golden_file_says(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/storage", 200);
	fix_sizes(answer);
	char *text = json_dumps(answer, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	const char *mode = getenv("TIDEMARK_GOLDEN");
	if (mode && strcmp(mode, "write") == 0) {
		FILE *file = fopen(GOLDEN, "w");
		assert_non_null(file);
		fprintf(file, "%s\n", text);
		fclose(file);
	}
	json_error_t why;
	json_t *golden = json_load_file(GOLDEN, 0, &why);
	if (!golden)
		fail_msg("%s: %s", GOLDEN, why.text);
	char *expected = json_dumps(golden, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	assert_string_equal(text, expected);
	free(text);
	free(expected);
	json_decref(golden);
	json_decref(answer);
}

static double number(json_t *object, const char *part, const char *name)
{
	json_t *value = json_object_get(json_object_get(object, part), name);
	assert_true(json_is_number(value));
	return json_number_value(value);
}

static void servers_are_added_up(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/storage", 200);
	/* 1,248 and 600 readings in the last whole minute; 60 and 30 transactions. */
	assert_float_equal(
		number(answer, "ingest", "readings_per_s"), 1848 / 60.0, 1e-3);
	assert_float_equal(number(answer, "ingest", "commit_mean_ms"), 5, 1e-3);
	assert_float_equal(number(answer, "ingest", "commit_longest_ms"), 21, 1e-3);
	assert_float_equal(number(answer, "ingest", "commit_last_ms"), 5, 1e-3);
	json_decref(answer);
}

static void compaction_is_late_by_what_is_more_than_usual(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/storage", 200);
	/* The newest reading is of 09:59:26, and 09:50 should be done half a minute
	 * after 09:55. */
	assert_float_equal(number(answer, "stream", "compaction_lag_ms"), 236000, 0);
	json_decref(answer);
	api_sql("UPDATE storage SET compacted_to = '2026-11-22 09:55+00'");
	answer = ask("/api/v1/storage", 200);
	assert_float_equal(number(answer, "stream", "compaction_lag_ms"), 0, 0);
	json_decref(answer);
	api_sql("UPDATE storage SET compacted_to = '2026-11-22 09:50+00'");
}

static void the_slowest_agent_that_reports_is_named(void **state)
{
	(void)state;
	json_t *answer = ask("/api/v1/storage", 200);
	json_t *agents = json_object_get(answer, "agents");
	json_t *slowest = json_object_get(agents, "slowest");
	/* web-2 is two hours behind, and silent. */
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(slowest, "host"), "name")),
		"web-1");
	assert_int_equal(json_integer_value(json_object_get(slowest, "lag_ms")), 30000);
	assert_int_equal(
		json_integer_value(json_object_get(agents, "backlog_bytes")), 1048576);
	json_decref(answer);
}

static void sizes_are_measured_at_most_twice_a_minute(void **state)
{
	(void)state;
	json_t *before = ask("/api/v1/storage", 200);
	api_sql("CREATE TABLE room AS SELECT repeat('x', 1000) FROM "
		"generate_series(1, 1000)");
	json_t *same = ask("/api/v1/storage", 200);
	atomic_fetch_add(&api_now, 31000);
	json_t *later = ask("/api/v1/storage", 200);
	json_int_t bytes = json_integer_value(
		json_object_get(before, "database_bytes"));
	assert_int_equal(
		json_integer_value(json_object_get(same, "database_bytes")), bytes);
	assert_true(
		json_integer_value(json_object_get(later, "database_bytes")) > bytes);
	api_sql("DROP TABLE room");
	atomic_store(&api_now, API_NOW_MS);
	json_decref(before);
	json_decref(same);
	json_decref(later);
}

/* A chunk's head is version, kind, and its rows as a varint. */
static void chunks_tell_how_little_a_value_takes(void **state)
{
	(void)state;
	api_sql("CREATE TABLE chunk_x PARTITION OF chunk FOR VALUES FROM "
		"('2026-11-21') TO ('2026-11-22');"
		"INSERT INTO chunk SELECT '2026-11-21', s, m, "
		"decode('0103c043', 'hex') || decode(repeat('5a', 4996), 'hex') "
		"FROM generate_series(1, 50) s, generate_series(-1, 13) m;"
		"ANALYZE chunk_x; SELECT pg_stat_force_next_flush()");
	atomic_fetch_add(&api_now, 62000);
	json_t *answer = ask("/api/v1/storage", 200);
	/* 8,640 readings in a bit more than 5,000 bytes; the times are of one more. */
	double ratio = number(answer, "chunks", "bytes_per_value");
	if (ratio < 0.62 || ratio > 0.80)
		fail_msg("%g bytes a value", ratio);
	assert_float_equal(number(answer, "chunks", "days"), 1, 0);
	api_sql("DROP TABLE chunk_x");
	atomic_store(&api_now, API_NOW_MS);
	json_decref(answer);
}

static void it_refuses_what_it_does_not_know(void **state)
{
	(void)state;
	json_decref(ask("/api/v1/storage?hours=24", 200));
	json_decref(ask("/api/v1/storage?hours=0", 400));
	json_decref(ask("/api/v1/storage?hours=169", 400));
	json_decref(ask("/api/v1/storage?days=1", 400));
}

static const char *line_of(const struct http_reply *r, const char *start)
{
	const char *found = strstr(r->body.data, start);
	if (!found)
		fail_msg("no %s in %s", start, r->body.data);
	return found + strlen(start);
}

static void metrics_tell_the_same(void **state)
{
	(void)state;
	scoped_reply struct http_reply r;
	api_ask("GET", "/metrics", "", NULL, &r);
	assert_int_equal(r.status, 200);
	assert_true(
		atof(line_of(&r, "\ntidemark_database_up{database=\"main\"} ")) == 1);
	assert_true(atof(line_of(&r, "\ntidemark_storage_bytes{stage=\"hot\"} ")) > 0);
	assert_true(atof(line_of(&r, "\ntidemark_agents_lag_seconds ")) == 30);
	assert_true(
		atof(line_of(&r, "\ntidemark_storage_compaction_lag_seconds ")) == 236);
	assert_true(fabs(atof(line_of(&r, "\ntidemark_storage_readings_per_second ")) -
			    30.8) < 1e-9);
}

static void trouble_is_told_and_reading_goes_on(void **state)
{
	(void)state;
	api_trouble = "no space left";
	json_t *ready = ask("/readyz", 200);
	assert_string_equal(json_string_value(json_object_get(ready, "trouble")),
		"readings cannot be stored just now: no space left");
	json_t *answer = ask("/api/v1/storage", 200);
	assert_string_equal(json_string_value(json_object_get(answer, "trouble")),
		"readings cannot be stored just now: no space left");
	api_trouble = "";
	json_decref(ready);
	json_decref(answer);
	ready = ask("/readyz", 200);
	assert_null(json_object_get(ready, "trouble"));
	json_decref(ready);
}

static void a_tally_is_put_down_once(void **state)
{
	(void)state;
	struct minutes m;
	struct err e;
	minutes_init(&m);
	/* The first transaction has nothing to tell yet. */
	assert_true(db_begin(api_db, &e) && minutes_put(&m, api_db, &e) &&
		    db_commit(api_db, &e));
	minutes_committed(&m, 10, 3000);
	/* The second tells of the first, and fails. */
	assert_true(db_begin(api_db, &e) && minutes_put(&m, api_db, &e));
	db_rollback(api_db);
	minutes_failed(&m);
	assert_true(db_begin(api_db, &e) && minutes_put(&m, api_db, &e) &&
		    db_commit(api_db, &e));
	minutes_committed(&m, 20, 1000);
	assert_int_equal(m.readings, 20);
	struct arena a;
	struct minutes_history history;
	arena_init(&a);
	int64_t from_ms = (clock_unix_ms() / 60000 - 1) * 60000;
	assert_true(minutes_read_history(api_db, from_ms, 120000, 1, &a, &history, &e));
	assert_float_equal(history.readings_per_s[0], 10 / 60.0, 1e-9);
	assert_float_equal(history.commit_mean_ms[0], 3, 1e-9);
	assert_float_equal(history.backlog_bytes[0], 1048576, 1e-9);
	arena_finish(&a);
}

/* Each minute has what was stored in it. */
static void a_tally_is_of_the_minute_that_it_began_in(void **state)
{
	(void)state;
	struct minutes m;
	struct err e;
	minutes_init(&m);
	m.next_put_ms = INT64_MAX; /* not because it is time */
	minutes_committed(&m, 30, 1000);
	assert_true(minutes_put(&m, api_db, &e));
	assert_false(m.put);
	m.begun_ms -= 300000;
	assert_true(minutes_put(&m, api_db, &e));
	assert_true(m.put);
	struct arena a;
	struct minutes_history history;
	arena_init(&a);
	assert_true(minutes_read_history(
		api_db, m.begun_ms / 60000 * 60000, 60000, 1, &a, &history, &e));
	assert_float_equal(history.readings_per_s[0], 0.5, 1e-9);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_answers_as_the_golden_file_says),
		cmocka_unit_test(servers_are_added_up),
		cmocka_unit_test(compaction_is_late_by_what_is_more_than_usual),
		cmocka_unit_test(the_slowest_agent_that_reports_is_named),
		cmocka_unit_test(sizes_are_measured_at_most_twice_a_minute),
		cmocka_unit_test(chunks_tell_how_little_a_value_takes),
		cmocka_unit_test(it_refuses_what_it_does_not_know),
		cmocka_unit_test(metrics_tell_the_same),
		cmocka_unit_test(trouble_is_told_and_reading_goes_on),
		cmocka_unit_test(a_tally_is_put_down_once),
		cmocka_unit_test(a_tally_is_of_the_minute_that_it_began_in),
	};
	return cmocka_run_group_tests(tests, start, api_tear_down);
}
