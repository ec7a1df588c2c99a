/* What the watch keeps over a real database: restarts, crashes and take-overs change no
 * verdict. */
#include "server/watch/keep.h"

#include "tests/unit/server/watch/pair.h"

#include <math.h>

/* As a crash does: nothing is kept at the end. */
static void a_crash_changes_no_verdict(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	live_with_turns(&p, 5 * 60 + 35, 5);
	assert_int_equal(states(), 4);
	char *before = levels();
	restart();
	town_turn(&town);
	assert_same(levels(), before);
}

static void an_orderly_stop_changes_no_verdict(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	live_with_turns(&p, 5 * 60 + 35, 5);
	char *before = levels();
	stop_in_order();
	assert_int_equal(town_turn(&town).readings, 0); /* it was all kept */
	assert_same(levels(), before);
}

/* What is said hours later is the same too, however often the server was restarted. */
static void restarts_leave_no_trace(void **state)
{
	(void)state;
	char *said[3];
	for (int round = 0; round < 3; round++) {
		town_reset(&town);
		struct pair p = begin(0.25);
		for (int hour = 0; hour < 12; hour++) {
			live_with_turns(&p, 60, 5);
			if (round == 1 && hour % 3 == 1)
				restart();
			if (round == 2 && hour % 2 == 1)
				stop_in_order();
		}
		said[round] = verdicts();
	}
	assert_same(said[1], said[0]);
	assert_same(said[2], said[0]);
}

/* Hours passed between the stop and the start, and agents had stored on. */
static void what_came_meanwhile_is_caught_up_with(void **state)
{
	(void)state;
	char *said[2];
	for (int round = 0; round < 2; round++) {
		town_reset(&town);
		struct pair p = begin(0.5);
		live_with_turns(&p, 70, 5);
		if (round) {
			restart();
			for (int i = 0; i < 4; i++)
				live(&p, 15);
		} else {
			live_with_turns(&p, 60, 5);
		}
		live_with_turns(&p, 180, 5);
		said[round] = verdicts();
	}
	assert_same(said[1], said[0]);
}

static void a_state_that_cannot_be_read_is_built_anew(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	live_with_turns(&p, 7 * 60, 10);
	stop_in_order();
	town_sql(&town, "UPDATE slot_state SET state = 'x' WHERE slot_id = 2");
	town_sql(&town, "DELETE FROM slot_state WHERE slot_id = 4");
	town_sql(&town, "DELETE FROM slot_verdict");
	while (town_turn(&town).behind) {
	}
	assert_string_equal(level_of(p.leaky[0]), "confirmed");
	assert_string_equal(level_of(p.leaky[1]), "confirmed");
	assert_string_equal(level_of(p.clean[1]), "");
}

/* A server that was never watched before finds its past in the samples. */
static void the_past_is_learnt_from_samples(void **state)
{
	(void)state;
	struct pair p = begin(0.3);
	live(&p, 26 * 60);
	struct turn_report report = town_turn(&town);
	assert_in_range(report.readings, 4 * 24 * 60, 4 * (24 * 60 + 2 * 360 + 10));
	assert_string_equal(level_of(p.leaky[0]), "confirmed");
	assert_string_equal(level_of(p.clean[0]), "");
}

static void states_are_kept_about_once_an_hour(void **state)
{
	(void)state;
	struct pair p = begin(0);
	int changes = 0;
	char *before = arena_strdup(&town.arena, "");
	for (int i = 0; i < 36; i++) {
		live_with_turns(&p, 5, 5);
		char *now = arena_printf(&town.arena, "%s",
			town_sql(&town, "SELECT max(at) FROM slot_state"));
		changes += strcmp(now, before) != 0;
		before = now;
	}
	assert_in_range(changes, 2, 4);
	assert_int_equal(
		town_int(&town, "SELECT count(DISTINCT at) FROM slot_state"), 1);
	assert_true(
		town_int(&town, "SELECT max(length(state)) FROM slot_state") < 8192);
}

/* More seats than a turn keeps: the next turns keep the others. */
static void every_service_has_its_turn(void **state)
{
	(void)state;
	enum { SERVICES = 3, SEATS = 600 };
	struct err e;
	struct arena a;
	arena_init(&a);
	struct book *b = book_create();
	town_sql(&town, "INSERT INTO service (name) VALUES ('second'), ('third')");
	town_sql(&town, "INSERT INTO fingerprint (service_id, version, runtime) VALUES "
			"(2, '1', "
			"'node'), (3, '1', 'node')");
	town_sql(&town,
		"INSERT INTO slot (service_id, host_id, ordinal) SELECT s, 1, i FROM "
		"generate_series(1, 3) s, generate_series(1, 600) i");
	town_sql(&town,
		"INSERT INTO generation (slot_id, fingerprint_id, host_id, boot_id, "
		"pid, start_ticks, started_at, last_sample_at, command, rule) SELECT "
		"id, service_id + 1, 1, 'boot', id, 1, t, t, 'node', 'auto' FROM slot, "
		"to_timestamp(%" PRId64 " / 1000.0) t",
		town.now_ms);
	town_sql(&town,
		"UPDATE agent SET last_seen_at = t, last_sample_at = t FROM "
		"to_timestamp(%" PRId64 " / 1000.0) t",
		town.now_ms);
	assert_true(book_sync(b, town.db, town.now_ms, &a, &e));
	assert_int_equal(HASH_COUNT(b->seats), SERVICES * SEATS);
	for (int turn = 0; turn < SERVICES + 1; turn++) { /* the first sets the clock */
		/* Each hour something new was read of all, and all are due. */
		town_wait(&town, 61);
		struct book_seat *seat, *next;
		HASH_ITER(hh, b->seats, seat, next)
		fleet_put(b->fleet, &seat->is,
			&(struct reading_life){.id = seat->life_id,
				.fingerprint_id = seat->is.service_id + 1,
				.started_ms = TOWN_START_MS},
			&(struct reading){.at_ms = town.now_ms,
				.memory_kb = 50000,
				.heap_kb = NAN,
				.heap_used_kb = NAN,
				.live_kb = NAN,
				.collections = NAN,
				.load = NAN,
				.arrivals = NAN,
				.completions = NAN,
				.depth = NAN});
		assert_true(keep_save_due(b, town.db, town.now_ms, &a, &e));
	}
	assert_int_equal(town_int(&town, "SELECT count(DISTINCT service_id) FROM "
					 "slot_state JOIN slot ON id = slot_id"),
		SERVICES);
	book_destroy(b);
	arena_finish(&a);
}

static void a_turn_that_fails_changes_nothing(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	live_with_turns(&p, 5 * 60, 10);
	town_sql(&town, "DELETE FROM slot_verdict; DELETE FROM slot_state");
	town_sql(&town,
		"ALTER TABLE version_verdict ADD CONSTRAINT no CHECK (false) NOT "
		"VALID; ALTER TABLE service_trend ADD CONSTRAINT no CHECK "
		"(false) NOT VALID");
	live(&p, 30);
	struct turn_report report;
	struct err e = {0};
	assert_false(turn_run(town.turn, town.db, town.now_ms, &report, &e));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM slot_verdict"), 0);
	town_sql(&town, "ALTER TABLE version_verdict DROP CONSTRAINT no; ALTER TABLE "
			"service_trend DROP CONSTRAINT no");
	town_turn(&town);
	assert_string_equal(level_of(p.leaky[0]), "confirmed");
}

/* One watches until its connection ends; then the other goes on from what was kept. */
static void another_server_takes_over(void **state)
{
	(void)state;
	struct turn_report report;
	struct err e;
	struct db *other = db_create(&(struct db_options){
		.uri = town.pg.uri, .application_name = "tidemark other"});
	struct turn *turn = turn_create();
	struct pair p = begin(0.5);
	for (int at = 0; at < 6 * 60; at += 10) {
		live(&p, 10);
		town_turn(&town);
		assert_true(turn_run(turn, other, town.now_ms, &report, &e));
		assert_false(report.claimed);
	}
	char *before = levels();
	db_destroy(town.db);
	town.db = db_create(&(struct db_options){
		.uri = town.pg.uri, .application_name = "tidemark test"});
	usleep(200000); /* the lock goes with the connection */
	assert_true(turn_run(turn, other, town.now_ms, &report, &e));
	assert_true(report.claimed);
	assert_same(levels(), before);
	/* The first one, which still holds the fleet of then, has to wait; when it is
	 * its turn again it does not go on from there. */
	for (int at = 0; at < 60; at += 10) {
		live(&p, 10);
		assert_false(town_turn(&town).claimed);
		assert_true(turn_run(turn, other, town.now_ms, &report, &e));
	}
	before = levels();
	turn_destroy(turn);
	db_destroy(other);
	usleep(200000);
	assert_true(town_turn(&town).claimed);
	assert_same(levels(), before);
}

static void a_turn_survives_the_database(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	live_with_turns(&p, 5 * 60, 10);
	char *before = levels();
	pg_kill(&town.pg);
	struct turn_report report;
	struct err e = {0};
	assert_false(turn_run(town.turn, town.db, town.now_ms, &report, &e));
	assert_int_equal(e.kind, ERR_IO);
	pg_run(&town.pg);
	PQfinish(town.conn);
	town_connect(&town);
	town_turn(&town);
	assert_same(levels(), before);
}

#define WATCH_TEST(name) cmocka_unit_test_setup(name, pair_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(a_crash_changes_no_verdict),
		WATCH_TEST(an_orderly_stop_changes_no_verdict),
		WATCH_TEST(restarts_leave_no_trace),
		WATCH_TEST(what_came_meanwhile_is_caught_up_with),
		WATCH_TEST(a_state_that_cannot_be_read_is_built_anew),
		WATCH_TEST(the_past_is_learnt_from_samples),
		WATCH_TEST(states_are_kept_about_once_an_hour),
		WATCH_TEST(every_service_has_its_turn),
		WATCH_TEST(a_turn_that_fails_changes_nothing),
		WATCH_TEST(another_server_takes_over),
		WATCH_TEST(a_turn_survives_the_database),
	};
	return cmocka_run_group_tests(tests, pair_start, pair_stop);
}
