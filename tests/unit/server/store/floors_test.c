/* Floors of samples: filled in time, mended when samples come late, forgotten. */
#include "server/store/floors.h"
#include "server/store/migrate.h"
#include "tests/support/pg.h"
#include "tests/unit/cmocka_all.h"

#include <libpq-fe.h>

/* The start of a bin: 2026-11-22 07:00 UTC. */
#define START_MS INT64_C(1795330800000)

static struct pg pg;
static struct db *db;
static PGconn *conn;

static void sql(const char *text)
{
	PGresult *result = PQexec(conn, text);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQresultErrorMessage(result));
	PQclear(result);
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
	db = db_create(&(struct db_options){
		.uri = pg.uri, .application_name = "tidemark test"});
	sql("SET TIME ZONE 'UTC'");
	sql("SELECT partition_make('sample', date '2026-11-22' + d) FROM "
	    "generate_series(-1, 1) AS d");
	sql("INSERT INTO host (machine_id, name) VALUES ('a', 'a')");
	sql("INSERT INTO service (name) VALUES ('s')");
	sql("INSERT INTO fingerprint (service_id, version, runtime) VALUES (1, '', "
	    "'')");
	sql("INSERT INTO slot (service_id, host_id, ordinal) VALUES (1, 1, 0)");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	db_destroy(db);
	PQfinish(conn);
	pg_stop(&pg);
	return 0;
}

/* One process, read each minute of the first hour: 1,000 KiB and a KiB more each time,
 * a fifth of it swapped out. */
static int reset(void **state)
{
	(void)state;
	sql("TRUNCATE sample, memory_floor");
	sql("DELETE FROM generation; ALTER TABLE generation ALTER id RESTART");
	sql("INSERT INTO generation (slot_id, fingerprint_id, host_id, boot_id, pid, "
	    "start_ticks, started_at, last_sample_at, command, rule) VALUES (1, 1, 1, "
	    "'b', 1, 1, '2026-11-22 07:00+00', '2026-11-22 08:00+00', '', '')");
	sql("INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb, swap_kb) "
	    "SELECT 1, "
	    "timestamptz '2026-11-22 07:00+00' + i * interval '1 minute', 5000, 800 + "
	    "i, "
	    "200 FROM generate_series(0, 59) AS i");
	return 0;
}

static struct verdicts_memory read_floors(
	struct arena *a, int64_t from_min, int64_t to_min)
{
	struct err e;
	int64_t id = 1, from = (START_MS + from_min * 60000) / FLOORS_BIN_MS;
	struct floors_wanted wanted = {
		&id, &from, 1, (START_MS + to_min * 60000) / FLOORS_BIN_MS};
	struct verdicts_memory *rows;
	size_t count;
	assert_true(floors_read(db, &wanted, a, &rows, &count, &e));
	return count ? rows[0] : (struct verdicts_memory){0};
}

static void fill(int64_t now_min, int64_t *filled)
{
	struct err e;
	bool again = false;
	do {
		if (!floors_fill(db, START_MS + now_min * 60000, filled, &again, &e))
			fail_msg("%s", e.text);
	} while (again);
}

static void closed_bins_hold_the_lowest(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	int64_t filled = 0;
	fill(35, &filled);
	assert_int_equal(filled, START_MS / FLOORS_BIN_MS + 3);
	struct verdicts_memory m = read_floors(&a, 0, 60);
	assert_true(m.is_private);
	assert_int_equal(m.count, 3); /* the fourth is still open */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(m.low_kb[i], 1000 + 10 * i);
		assert_int_equal(m.at_ms[i], START_MS + i * 600000);
	}
	m = read_floors(&a, 10, 20);
	assert_int_equal(m.count, 1);
	assert_int_equal(m.low_kb[0], 1010);
	arena_finish(&a);
}

static void late_samples_mend_their_bin(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	int64_t filled = 0;
	fill(60, &filled);
	sql("INSERT INTO sample (generation_id, at, rss_anon_kb) VALUES (1, "
	    "'2026-11-22 "
	    "07:14:30+00', 7)");
	fill(70, &filled);
	struct verdicts_memory m = read_floors(&a, 0, 70);
	assert_int_equal(m.count, 6);
	assert_int_equal(m.low_kb[1], 7);
	assert_int_equal(m.at_ms[1], START_MS + 870000);
	assert_int_equal(m.low_kb[2], 1020);
	arena_finish(&a);
}

/* A server that was away for a day and a half catches up from where it stood. */
static void a_long_absence_is_caught_up(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	int64_t filled = 0;
	fill(60, &filled);
	sql("INSERT INTO sample (generation_id, at, rss_kb) SELECT 1, timestamptz "
	    "'2026-11-22 08:00+00' + i * interval '1 minute', 9000 FROM "
	    "generate_series(0, "
	    "1500) AS i");
	sql("UPDATE generation SET last_sample_at = '2026-11-23 09:00+00'");
	filled = 0; /* it has forgotten, the table has not */
	fill(36 * 60, &filled);
	struct verdicts_memory private_part = read_floors(&a, 0, 60);
	assert_int_equal(private_part.count, 6);
	struct verdicts_memory rest = read_floors(&a, 60, 36 * 60);
	assert_false(rest.is_private);
	assert_int_equal(rest.count, 151);
	arena_finish(&a);
}

static void old_floors_are_forgotten(void **state)
{
	(void)state;
	struct arena a;
	struct err e;
	arena_init(&a);
	int64_t filled = 0;
	fill(60, &filled);
	int64_t week_ms = INT64_C(7) * 86400000;
	assert_true(floors_forget(db, START_MS + week_ms + 25 * 60000, &e));
	struct verdicts_memory m = read_floors(&a, 0, 60);
	assert_int_equal(m.count, 4);
	assert_int_equal(m.low_kb[0], 1020);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(closed_bins_hold_the_lowest, reset),
		cmocka_unit_test_setup(late_samples_mend_their_bin, reset),
		cmocka_unit_test_setup(a_long_absence_is_caught_up, reset),
		cmocka_unit_test_setup(old_floors_are_forgotten, reset),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
