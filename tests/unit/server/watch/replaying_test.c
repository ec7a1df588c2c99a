/* Replays of stored history over a real database. */
#include "server/watch/replaying.h"

#include "tests/unit/server/watch/town.h"

#include <string.h>

static struct town town;
static struct replaying *replaying;

static int start(void **state)
{
	(void)state;
	town_start(&town);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	replaying_destroy(replaying);
	town_stop(&town);
	return 0;
}

static int reset(void **state)
{
	(void)state;
	town_reset(&town);
	replaying_destroy(replaying);
	replaying = replaying_create();
	return 0;
}

/* A day of one steady instance and one that gains 20 MiB an hour. */
static void live_a_day(void)
{
	long long clean = town_process(&town, 1, 0, 1);
	long long leaky = town_process(&town, 2, 0, 2);
	town_wait(&town, 24 * 60);
	town_read(&town, clean, 60, 0);
	town_read(&town, leaky, 60, 20.0 / 60);
}

static void ask(const char *sensitivity)
{
	town_sql(&town,
		"INSERT INTO replay (service_id, sensitivity, from_at, to_at) VALUES "
		"(1, "
		"'%s', to_timestamp(%" PRId64 " / 1000.0), to_timestamp(%" PRId64
		" / 1000.0))",
		sensitivity, TOWN_START_MS, town.now_ms);
}

/* Until there is nothing to do; returns the slices that it took. */
static int work(void)
{
	struct err e;
	bool more = true;
	int slices = 0;
	while (more) {
		if (!replaying_work(replaying, town.db, town.now_ms, &more, &e))
			fail_msg("%s", e.text);
		slices += more;
	}
	return slices;
}

static void nothing_to_do_is_fine(void **state)
{
	(void)state;
	assert_int_equal(work(), 0);
}

static void a_leak_would_have_been_found(void **state)
{
	(void)state;
	live_a_day();
	ask("normal");
	assert_true(work() > 1);
	assert_string_equal(
		town_sql(&town, "SELECT state || ' ' || text FROM replay"), "done ");
	/* Thinned to one a minute, but for the last two hours. */
	assert_in_range(town_int(&town, "SELECT readings FROM replay"),
		2 * (22 * 60 + 2 * 360) - 20, 2 * (22 * 60 + 2 * 360) + 20);
	assert_string_equal(
		town_sql(&town,
			"SELECT string_agg(DISTINCT concat_ws(' ', r->>'host', "
			"r->>'ordinal', r->>'version', r->>'level', r->>'kind', "
			"r->>'to_ms'), ', ') FROM replay, jsonb_array_elements(alarms) "
			"AS r"),
		"beta 0 1.1.0 confirmed leak, beta 0 1.1.0 watch leak");
	assert_true(town_int(&town,
		"SELECT bool_and((r->>'from_ms')::int8 BETWEEN 1795330800000 + 3600000 "
		"AND 1795330800000 + 20 * 3600000)::int FROM replay, "
		"jsonb_array_elements(alarms) AS r"));
	/* What the watch itself knows and said is untouched. */
	assert_int_equal(town_int(&town, "SELECT count(*) FROM slot_verdict"), 0);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding"), 0);
}

static long long first_alarm(void)
{
	return town_int(&town,
		"SELECT min((r->>'from_ms')::int8) FROM (SELECT alarms FROM replay "
		"ORDER "
		"BY id DESC LIMIT 1) x, jsonb_array_elements(alarms) AS r WHERE "
		"r->>'level' = 'confirmed'");
}

static void sensitivity_moves_the_alarm(void **state)
{
	(void)state;
	live_a_day();
	ask("normal");
	work();
	long long normal = first_alarm();
	ask("eager");
	work();
	assert_true(first_alarm() < normal);
}

/* The server was stopped meanwhile. */
static void what_was_left_half_done_begins_anew(void **state)
{
	(void)state;
	live_a_day();
	ask("normal");
	struct err e;
	bool more;
	assert_true(replaying_work(replaying, town.db, town.now_ms, &more, &e));
	assert_true(more);
	assert_string_equal(town_sql(&town, "SELECT state FROM replay"), "running");
	replaying_destroy(replaying);
	replaying = replaying_create();
	ask("calm"); /* waits its turn */
	work();
	assert_string_equal(
		town_sql(&town,
			"SELECT string_agg(state, ' ') || ' ' || min(readings) / "
			"max(readings) FROM replay"),
		"done done 1");
}

static void a_service_without_readings_has_no_alarms(void **state)
{
	(void)state;
	ask("normal");
	work();
	assert_string_equal(
		town_sql(&town, "SELECT state || ' ' || alarms::text FROM replay"),
		"done []");
}

/* A day's replay of the second day begins with what the first has taught. */
static void what_was_before_is_known(void **state)
{
	(void)state;
	live_a_day();
	town_sql(&town,
		"INSERT INTO replay (service_id, sensitivity, from_at, to_at) VALUES "
		"(1, 'normal', to_timestamp(%" PRId64 " / 1000.0), "
		"to_timestamp(%" PRId64 " / 1000.0))",
		town.now_ms - 60 * 60000, town.now_ms);
	work();
	assert_true(first_alarm() - (town.now_ms - 60 * 60000) <= 10 * 60000);
	assert_true(first_alarm() >= town.now_ms - 60 * 60000);
	assert_in_range(town_int(&town, "SELECT readings FROM replay"), 700, 720);
}

static void what_fails_again_and_again_makes_room(void **state)
{
	(void)state;
	struct err e;
	bool more;
	live_a_day();
	ask("normal");
	town_sql(&town, "ALTER TABLE host_sample RENAME TO away");
	assert_false(replaying_work(replaying, town.db, town.now_ms, &more, &e));
	assert_false(replaying_work(replaying, town.db, town.now_ms, &more, &e));
	assert_string_equal(town_sql(&town, "SELECT state FROM replay"), "running");
	assert_true(replaying_work(replaying, town.db, town.now_ms, &more, &e));
	town_sql(&town, "ALTER TABLE away RENAME TO host_sample");
	assert_string_equal(
		town_sql(&town, "SELECT state || ' ' || (text <> '') FROM replay"),
		"failed true");
	ask("calm");
	work();
	assert_string_equal(
		town_sql(&town, "SELECT state FROM replay ORDER BY id DESC"), "done");
}

#define REPLAY_TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REPLAY_TEST(nothing_to_do_is_fine),
		REPLAY_TEST(a_leak_would_have_been_found),
		REPLAY_TEST(sensitivity_moves_the_alarm),
		REPLAY_TEST(what_was_left_half_done_begins_anew),
		REPLAY_TEST(a_service_without_readings_has_no_alarms),
		REPLAY_TEST(what_was_before_is_known),
		REPLAY_TEST(what_fails_again_and_again_makes_room),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
