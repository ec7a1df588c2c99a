/* Rounds of the watch over a real database: verdicts, findings, alerts. */
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

/* Two instances of each version; 1.1.0 gains 25 MiB a minute. */
struct pair {
	long long clean[2], leaky[2];
};

static struct pair begin(void)
{
	struct pair p;
	for (int i = 0; i < 2; i++) {
		p.clean[i] = town_process(&town, 1 + i, 0, 1);
		p.leaky[i] = town_process(&town, 1 + i, 1, 2);
	}
	return p;
}

static void live(const struct pair *p, double minutes)
{
	town_wait(&town, minutes);
	for (int i = 0; i < 2; i++) {
		town_read(&town, p->clean[i], 60, 0);
		town_read(&town, p->leaky[i], 60, 25);
	}
}

#define VERDICT_OF(version)                                                            \
	town_sql(&town,                                                                \
		"SELECT verdict FROM version_verdict v JOIN fingerprint f ON f.id = "  \
		"v.fingerprint_id WHERE f.version = '%s'",                             \
		version)

static void nothing_to_judge_is_fine(void **state)
{
	(void)state;
	struct turn_report report = town_turn(&town);
	assert_true(report.claimed);
	assert_int_equal(report.slots, 0);
	assert_false(report.alerts_changed);
}

static void learns_before_it_speaks(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 1);
	struct turn_report report = town_turn(&town);
	assert_int_equal(report.slots, 4);
	assert_int_equal(report.versions, 2);
	assert_string_equal(VERDICT_OF("1.1.0"), "learning");
	assert_true(town_int(&town, "SELECT min(wait_s) FROM slot_verdict") > 60);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 0);
}

static void one_alert_for_the_version_that_leaks(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 5.5);
	struct turn_report report = town_turn(&town);
	assert_true(report.alerts_changed);
	assert_string_equal(VERDICT_OF("1.1.0"), "leak");
	assert_string_equal(VERDICT_OF("1.0.0"), "steady");
	assert_int_equal(
		town_int(&town, "SELECT count(*) FROM finding WHERE active"), 1);
	assert_string_equal(
		town_sql(&town,
			"SELECT f.version || ' ' || slots_leaking || ' of ' || slots "
			"|| ' on ' || hosts_leaking FROM finding JOIN fingerprint f "
			"ON f.id = fingerprint_id"),
		"1.1.0 2 of 2 on 2");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding_slot"), 2);
	assert_string_equal(town_sql(&town, "SELECT state FROM alert"), "open");
	assert_string_equal(town_sql(&town, "SELECT kind FROM alert_event"), "opened");
	/* What it runs against is the machine, and the figures fit. */
	assert_int_equal(
		town_int(&town, "SELECT max(limit_kb) FROM slot_verdict"), 8388608);
	double rate = atof(
		town_sql(&town, "SELECT rate_kb_h / 1024 / 60 FROM finding"));
	assert_float_equal(rate, 25, 1.5);
	assert_string_equal(town_sql(&town, "SELECT DISTINCT series FROM slot_verdict"),
		"rss_anon");
	assert_string_equal(
		town_sql(&town,
			"SELECT bool_or(r->>'text' = 'Of version 1.0.0, 0 of 2 "
			"instances "
			"leak') FROM finding, jsonb_array_elements(reasons) AS r"),
		"t");

	town_wait(&town, 0);
	live(&p, 1);
	assert_false(town_turn(&town).alerts_changed);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 1);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert_event"), 1);
	assert_string_equal(
		town_sql(&town, "SELECT last_at - first_at FROM finding"), "00:01:00");
}

/* A process manager restarts it at a limit, again and again. */
static void restarts_change_nothing(void **state)
{
	(void)state;
	struct pair p = begin();
	for (int life = 0; life < 3; life++) {
		for (int minute = 0; minute < 6; minute++) {
			live(&p, 1);
			town_turn(&town);
			if (life > 0 || minute >= 5)
				assert_string_equal(VERDICT_OF("1.1.0"), "leak");
		}
		for (int i = 0; i < 2; i++)
			p.leaky[i] = town_process(&town, 1 + i, 1, 2);
	}
	assert_string_equal(
		town_sql(&town, "SELECT string_agg(kind, ' ') FROM alert_event"),
		"opened");
	assert_true(town_int(&town, "SELECT max(restarts) FROM slot_verdict") >= 1);
}

static void evidence_that_ends_is_marked_quiet(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 6);
	town_turn(&town);
	/* The fixed version takes over. */
	for (int i = 0; i < 2; i++)
		p.leaky[i] = town_process(&town, 1 + i, 1, 1);
	for (int minute = 0; minute < 14; minute += 2) {
		town_wait(&town, 2);
		for (int i = 0; i < 2; i++) {
			town_read(&town, p.clean[i], 60, 0);
			town_read(&town, p.leaky[i], 60, 0);
		}
		town_turn(&town);
		assert_string_equal(town_sql(&town, "SELECT active FROM finding"), "t");
	}
	town_wait(&town, 2);
	for (int i = 0; i < 2; i++) {
		town_read(&town, p.clean[i], 60, 0);
		town_read(&town, p.leaky[i], 60, 0);
	}
	assert_true(town_turn(&town).alerts_changed);
	assert_string_equal(town_sql(&town, "SELECT active FROM finding"), "f");
	assert_string_equal(town_sql(&town, "SELECT state FROM alert"), "open");
	assert_string_equal(town_sql(&town, "SELECT kind || ': ' || text FROM "
					    "alert_event ORDER BY id DESC"),
		"quiet: No process of this version runs any more");
	assert_false(town_turn(&town).alerts_changed);

	/* Rolled back to the leaky one: the open alert grows again. */
	for (int i = 0; i < 2; i++)
		p.leaky[i] = town_process(&town, 1 + i, 1, 2);
	live(&p, 6);
	assert_true(town_turn(&town).alerts_changed);
	assert_string_equal(
		town_sql(&town, "SELECT kind FROM alert_event ORDER BY id DESC"),
		"growing");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 1);
	assert_string_equal(town_sql(&town, "SELECT active FROM finding"), "t");
}

static void a_resolved_alert_opens_again_only_for_new_evidence(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 6);
	town_turn(&town);
	town_sql(&town,
		"UPDATE alert SET state = 'resolved', resolved_at = "
		"to_timestamp(%" PRId64 " / 1000.0), revision = 2",
		town.now_ms);
	/* The old readings alone still say "leak". */
	live(&p, 1);
	assert_false(town_turn(&town).alerts_changed);
	assert_string_equal(VERDICT_OF("1.1.0"), "leak");
	assert_string_equal(town_sql(&town, "SELECT state FROM alert"), "resolved");

	int minutes = 1;
	while (minutes < 12 &&
		strcmp(town_sql(&town, "SELECT state FROM alert"), "open")) {
		live(&p, 1);
		town_turn(&town);
		minutes++;
	}
	assert_in_range(minutes, 3, 10);
	assert_int_equal(town_int(&town, "SELECT reopened FROM alert"), 1);
	assert_int_equal(town_int(&town, "SELECT revision FROM alert"), 3);
	assert_string_equal(town_sql(&town, "SELECT resolved_at FROM alert"), "");
	assert_string_equal(
		town_sql(&town, "SELECT kind FROM alert_event ORDER BY id DESC"),
		"reopened");
}

/* Hours later a new watch knows the past from the floors, although raw readings of that
 * time are no longer looked at. */
static void the_past_survives_a_restart(void **state)
{
	(void)state;
	struct pair p = begin();
	town_wait(&town, 7 * 60);
	for (int i = 0; i < 2; i++) {
		town_read(&town, p.clean[i], 60, 0);
		town_read(&town, p.leaky[i], 60, 0.5);
	}
	town_turn(&town);
	assert_string_equal(VERDICT_OF("1.1.0"), "leak");
	assert_string_equal(VERDICT_OF("1.0.0"), "steady");
	assert_true(town_int(&town, "SELECT count(*) FROM memory_floor") > 4 * 40);
	long long onset_min = town_int(&town,
		"SELECT extract(epoch FROM onset_at - (SELECT min(started_at) FROM "
		"generation)) / "
		"60 FROM finding");
	assert_in_range(onset_min, 0, 60);
	char *before = arena_strdup(&town.arena, VERDICT_OF("1.1.0"));

	turn_destroy(town.turn);
	town.turn = turn_create();
	town_sql(&town,
		"DELETE FROM sample WHERE at < to_timestamp(%" PRId64
		" / 1000.0) - interval '3 hours'",
		town.now_ms);
	town_turn(&town);
	assert_string_equal(VERDICT_OF("1.1.0"), before);
	assert_int_equal(
		town_int(&town, "SELECT count(*) FROM memory_floor f JOIN "
				"generation g ON g.id = generation_id WHERE g.id = 1"),
		42);
}

static void flatten(struct pair *p)
{
	for (int i = 0; i < 2; i++)
		town_sql(&town,
			"UPDATE sample SET rss_anon_kb = 61440 + rss_anon_kb %% 600 "
			"WHERE generation_id = %lld",
			p->leaky[i]);
}

/* A verdict that is not confirmed for a while still stands. */
static void a_verdict_that_wavers_is_held(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 6);
	town_turn(&town);
	const char *summary = town_sql(&town, "SELECT summary FROM version_verdict "
					      "WHERE fingerprint_id = 2");
	for (int minute = 0; minute < 14; minute++) {
		live(&p, 1);
		flatten(&p);
		assert_false(town_turn(&town).alerts_changed);
		assert_string_equal(VERDICT_OF("1.1.0"), "leak");
		assert_string_equal(VERDICT_OF("1.0.0"), "steady");
	}
	assert_string_equal(town_sql(&town, "SELECT summary FROM version_verdict WHERE "
					    "fingerprint_id = 2"),
		summary);
	assert_int_equal(
		town_int(&town, "SELECT count(DISTINCT at) FROM version_verdict"), 1);
	live(&p, 2);
	flatten(&p);
	assert_true(town_turn(&town).alerts_changed);
	assert_string_not_equal(VERDICT_OF("1.1.0"), "leak");
	assert_string_equal(
		town_sql(&town, "SELECT kind FROM alert_event ORDER BY id DESC"),
		"quiet");
}

/* Nobody knows what became of the processes of a host that is not heard. */
static void a_silent_agent_makes_nothing_quiet(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 6);
	town_turn(&town);
	for (int minute = 0; minute < 60; minute += 5) {
		town_wait(&town, 5);
		assert_false(town_turn(&town).alerts_changed);
	}
	/* It is back, and they are gone. */
	for (int i = 0; i < 2; i++)
		town_read(&town, p.clean[i], 60, 0);
	assert_true(town_turn(&town).alerts_changed);
	assert_string_equal(
		town_sql(&town, "SELECT text FROM alert_event ORDER BY id DESC"),
		"No process of this version runs any more");
}

/* What was caught up with stays, although the turn fails. */
static void a_turn_that_fails_keeps_the_past(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 5 * 60);
	town_sql(&town, "ALTER TABLE slot_verdict ADD CONSTRAINT no CHECK (false)");
	struct turn_report report;
	struct err e = {0};
	assert_false(turn_run(town.turn, town.db, town.now_ms, &report, &e));
	town_sql(&town, "ALTER TABLE slot_verdict DROP CONSTRAINT no");
	long long kept = town_int(&town, "SELECT count(*) FROM memory_floor");
	assert_in_range(kept, 4 * 18, 4 * 29);
	town_turn(&town);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM memory_floor"), 4 * 30);
}

static void a_stopped_turn_gives_up(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 6);
	turn_stop(town.turn);
	struct turn_report report;
	struct err e = {0};
	assert_false(turn_run(town.turn, town.db, town.now_ms, &report, &e));
	assert_int_equal(e.kind, ERR_BUSY);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM slot_verdict"), 0);
}

static void resident_memory_stands_in(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 5.5);
	town_sql(&town, "UPDATE sample SET rss_anon_kb = NULL, swap_kb = NULL, "
			"cgroup_limit_kb = "
			"524288");
	town_turn(&town);
	assert_string_equal(
		town_sql(&town, "SELECT DISTINCT series FROM slot_verdict"), "rss");
	assert_int_equal(
		town_int(&town, "SELECT max(limit_kb) FROM slot_verdict"), 524288);
	assert_string_equal(VERDICT_OF("1.0.0"), "steady");
}

/* What is swapped out was not given back. */
static void swapped_memory_counts(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 5.5);
	town_sql(&town,
		"UPDATE sample SET swap_kb = rss_anon_kb - 40000, rss_anon_kb = 40000 "
		"WHERE rss_anon_kb > 100000");
	town_turn(&town);
	assert_string_equal(VERDICT_OF("1.1.0"), "leak");
}

static void a_limit_beyond_the_machine_is_none(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 5);
	town_sql(&town, "UPDATE sample SET cgroup_limit_kb = 9007199254740991");
	town_turn(&town);
	assert_int_equal(
		town_int(&town, "SELECT max(limit_kb) FROM slot_verdict"), 8388608);
}

static void trends_sum_the_instances(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 30);
	town_turn(&town);
	assert_int_equal(town_int(&town, "SELECT step_ms FROM service_trend"), 120000);
	assert_int_equal(
		town_int(&town, "SELECT array_length(rss_kb, 1) FROM service_trend"),
		60);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM service_trend, "
					 "unnest(rss_kb) AS v WHERE v "
					 "IS NULL"),
		45);
	long long last = town_int(&town, "SELECT rss_kb[60] FROM service_trend");
	/* Two at 100 MiB, two at 850, each at its highest of two minutes. */
	assert_in_range(last, 2 * (100 + 848) * 1024, 2 * (102 + 852) * 1024);
}

static void one_server_watches_at_a_time(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 1);
	town_sql(&town, "BEGIN; SELECT pg_advisory_xact_lock(7236829351)");
	assert_false(town_turn(&town).claimed);
	town_sql(&town, "COMMIT");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM slot_verdict"), 0);
	assert_true(town_turn(&town).claimed);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM slot_verdict"), 4);
}

static void listeners_hear_of_verdicts_and_alerts(void **state)
{
	(void)state;
	struct err e;
	struct arena a;
	arena_init(&a);
	struct db *ear = db_create(&(struct db_options){
		.uri = town.pg.uri, .application_name = "tidemark ear"});
	assert_true(db_listen(ear, "tidemark", &e));
	struct pair p = begin();
	live(&p, 6);
	town_turn(&town);
	bool verdicts = false, alerts = false;
	for (int i = 0; i < 4; i++) {
		char *payload;
		assert_true(db_wait(ear, 1000, &a, &payload, &e));
		verdicts = verdicts || (payload && strcmp(payload, "verdicts") == 0);
		alerts = alerts || (payload && strcmp(payload, "alerts") == 0);
	}
	assert_true(verdicts && alerts);
	db_destroy(ear);
	arena_finish(&a);
}

/* A process that is gone is judged no more; its last words stay. */
static void silent_hosts_are_left_alone(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 5);
	assert_int_equal(town_turn(&town).slots, 4);
	town_sql(&town, "UPDATE agent SET revoked_at = now() WHERE host_id = 2");
	assert_int_equal(town_turn(&town).slots, 2);
	town_wait(&town, 16);
	assert_int_equal(town_turn(&town).slots, 0);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM slot_verdict"), 4);
}

static void a_turn_survives_the_database(void **state)
{
	(void)state;
	struct pair p = begin();
	live(&p, 6);
	pg_kill(&town.pg);
	struct turn_report report;
	struct err e = {0};
	assert_false(turn_run(town.turn, town.db, town.now_ms, &report, &e));
	assert_int_equal(e.kind, ERR_IO);
	pg_run(&town.pg);
	PQfinish(town.conn);
	town_connect(&town);
	town_turn(&town);
	assert_string_equal(VERDICT_OF("1.1.0"), "leak");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 1);
}

#define WATCH_TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(nothing_to_judge_is_fine),
		WATCH_TEST(learns_before_it_speaks),
		WATCH_TEST(one_alert_for_the_version_that_leaks),
		WATCH_TEST(restarts_change_nothing),
		WATCH_TEST(evidence_that_ends_is_marked_quiet),
		WATCH_TEST(a_resolved_alert_opens_again_only_for_new_evidence),
		WATCH_TEST(the_past_survives_a_restart),
		WATCH_TEST(a_verdict_that_wavers_is_held),
		WATCH_TEST(a_silent_agent_makes_nothing_quiet),
		WATCH_TEST(a_turn_that_fails_keeps_the_past),
		WATCH_TEST(a_stopped_turn_gives_up),
		WATCH_TEST(resident_memory_stands_in),
		WATCH_TEST(swapped_memory_counts),
		WATCH_TEST(a_limit_beyond_the_machine_is_none),
		WATCH_TEST(trends_sum_the_instances),
		WATCH_TEST(one_server_watches_at_a_time),
		WATCH_TEST(listeners_hear_of_verdicts_and_alerts),
		WATCH_TEST(silent_hosts_are_left_alone),
		WATCH_TEST(a_turn_survives_the_database),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
