/* The watch's thread over a real database. */
#include "server/watch/watch.h"

#include "common/clock.h"
#include "server/store/upkeep.h"
#include "tests/unit/server/watch/town.h"

#include <string.h>

static struct town town;

static int start(void **state)
{
	(void)state;
	town_start(&town);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	town_stop(&town);
	return 0;
}

static int reset(void **state)
{
	(void)state;
	town_reset(&town);
	return 0;
}

static struct watch *begin(int64_t interval_ms)
{
	struct err e;
	struct watch *w = watch_start(
		&(struct watch_options){.database = town.pg.uri,
			.interval_ms = interval_ms,
			.raw_retention_ms = 30 * INT64_C(86400000)},
		&e);
	if (!w)
		fail_msg("%s", e.text);
	return w;
}

/* A process of the last six minutes by the real clock, leaking. */
static void leak_until_now(void)
{
	town.now_ms = clock_unix_ms() - 6 * 60000;
	town_sql(&town,
		"SELECT partition_make(p, current_date + d) FROM (VALUES ('sample'), "
		"('host_sample')) AS v (p), generate_series(-1, 1) AS d");
	long long process = town_process(&town, 1, 0, 2);
	town.now_ms = clock_unix_ms();
	town_read(&town, process, 60, 25);
}

static bool comes_true(const char *sql, int seconds)
{
	for (int i = 0; i < seconds * 20; i++) {
		if (strcmp(town_sql(&town, "%s", sql), "t") == 0)
			return true;
		usleep(50000);
	}
	return false;
}

static void the_first_turn_runs_at_once(void **state)
{
	(void)state;
	leak_until_now();
	struct watch *w = begin(3600 * 1000);
	assert_true(comes_true("SELECT count(*) = 1 FROM slot_verdict", 20));
	int64_t before_ms = clock_mono_ms();
	watch_stop(w); /* does not wait for the interval */
	assert_true(clock_mono_ms() - before_ms < 5000);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM slot_state"), 1);
	watch_stop(NULL);
}

static void turns_go_on_after_the_database_was_away(void **state)
{
	(void)state;
	leak_until_now();
	struct watch *w = begin(200);
	assert_true(comes_true("SELECT count(*) = 1 FROM slot_verdict", 20));
	pg_kill(&town.pg);
	usleep(700000);
	pg_run(&town.pg);
	PQfinish(town.conn);
	town_connect(&town);
	town_sql(&town, "DELETE FROM slot_verdict");
	assert_true(comes_true("SELECT count(*) = 1 FROM slot_verdict", 20));
	watch_stop(w);
}

static void expired_rows_are_taken_away(void **state)
{
	(void)state;
	town_sql(&town,
		"INSERT INTO app_user (name, password_hash, role) VALUES ('u', 'x', "
		"'admin')");
	town_sql(&town,
		"INSERT INTO session (token_hash, user_id, created_at, last_used_at) "
		"VALUES ('\\x01', 1, now() - interval '8 days', now()), ('\\x02', 1, "
		"now() "
		"- interval '1 day', now() - interval '13 hours'), ('\\x03', 1, now() "
		"- "
		"interval '1 day', now())");
	town_sql(&town,
		"INSERT INTO token (id, kind, secret_hash, expires_at, revoked_at) "
		"VALUES "
		"('old', 'api', '', now() - interval '31 days', NULL), ('over', 'api', "
		"'', "
		"now() - interval '1 day', NULL), ('revoked', 'join', '', now() + "
		"interval "
		"'1 day', now() - interval '31 days'), ('good', 'join', '', now() + "
		"interval '1 day', NULL)");
	struct watch *w = begin(3600 * 1000);
	assert_true(comes_true(
		"SELECT string_agg(encode(token_hash, 'hex'), ' ') = '03' FROM "
		"session",
		5));
	assert_true(comes_true(
		"SELECT string_agg(id, ' ' ORDER BY id) = 'good over' FROM token", 5));
	watch_stop(w);
}

/* Between turns, without waiting for the next one. */
static void replays_are_carried_out(void **state)
{
	(void)state;
	leak_until_now();
	town_sql(&town, "INSERT INTO replay (service_id, sensitivity, from_at, to_at) "
			"VALUES (1, 'normal', now() - interval '1 hour', now())");
	struct watch *w = begin(3600 * 1000);
	assert_true(
		comes_true("SELECT count(*) = 1 FROM replay WHERE state = 'done' AND "
			   "readings > 20",
			20));
	watch_stop(w);
}

/* Backends that hold the watch's lock. */
static long long leader(void)
{
	return town_int(&town,
		"SELECT COALESCE(min(a.pid), 0) FROM pg_locks l JOIN pg_stat_activity "
		"a USING (pid) WHERE l.locktype = 'advisory' AND l.granted AND "
		"l.mode = 'ExclusiveLock' AND a.application_name = 'tidemark watch' "
		"HAVING count(*) <= 1");
}

/* Of two servers one watches; when its connection is gone, as it is when the server is
 * killed, the other one does within an interval. */
static void another_watch_takes_over(void **state)
{
	(void)state;
	enum { INTERVAL_MS = 500, SLACK_MS = 1500 };
	struct watch *one = begin(INTERVAL_MS);
	assert_true(comes_true("SELECT count(*) = 1 FROM pg_locks WHERE locktype = "
			       "'advisory' AND granted",
		10));
	long long first = leader();
	assert_true(first > 0);
	struct watch *two = begin(INTERVAL_MS);
	usleep(2 * INTERVAL_MS * 1000);
	assert_int_equal(leader(), first);
	int64_t began_ms = clock_mono_ms();
	town_sql(&town, "SELECT pg_terminate_backend(%lld)", first);
	long long now = first;
	while (now == first || now == 0) {
		assert_in_range(clock_mono_ms() - began_ms, 0, INTERVAL_MS + SLACK_MS);
		usleep(20000);
		now = leader();
	}
	watch_stop(one);
	watch_stop(two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_first_turn_runs_at_once, reset),
		cmocka_unit_test_setup(turns_go_on_after_the_database_was_away, reset),
		cmocka_unit_test_setup(replays_are_carried_out, reset),
		cmocka_unit_test_setup(another_watch_takes_over, reset),
		cmocka_unit_test_setup(expired_rows_are_taken_away, reset),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
