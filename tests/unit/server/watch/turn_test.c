/* Turns of the watch over a real database: what is read and written. */
#include "tests/unit/server/watch/pair.h"

static void nothing_to_judge_is_fine(void **state)
{
	(void)state;
	struct turn_report report = town_turn(&town);
	assert_true(report.claimed);
	assert_int_equal(report.slots, 0);
	assert_false(report.alerts_changed || report.behind);
}

static void what_came_is_fed_once(void **state)
{
	(void)state;
	struct pair p = begin(0);
	live(&p, 5);
	struct turn_report report = town_turn(&town);
	assert_int_equal(report.slots, 4);
	assert_int_equal(report.readings, 4 * 30);
	assert_false(report.behind);
	assert_int_equal(town_turn(&town).readings, 0);
	live(&p, 1);
	assert_int_equal(town_turn(&town).readings, 4 * 6);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM slot_verdict"), 4);
}

/* A verdict is written when it changed, not at every turn. */
static void only_what_changed_is_written(void **state)
{
	(void)state;
	struct pair p = begin(0);
	live_with_turns(&p, 60, 5);
	size_t written = 0;
	for (int i = 0; i < 20; i++) {
		live(&p, 1);
		written += town_turn(&town).written;
	}
	assert_in_range(written, 0, 20 * (4 + 2) / 2);
}

static void a_leak_is_found(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	live_with_turns(&p, 6 * 60, 10);
	assert_string_equal(level_of(p.leaky[0]), "confirmed");
	assert_string_equal(level_of(p.leaky[1]), "confirmed");
	assert_string_equal(level_of(p.clean[0]), "");
	double mib_min = atof(town_sql(&town,
		"SELECT rate_kb_h / 1024 / 60 FROM slot_verdict WHERE generation_id = "
		"%lld",
		p.leaky[0]));
	assert_float_equal(mib_min, 0.5, 0.03);
	assert_int_equal(
		town_int(&town, "SELECT max(limit_kb) FROM slot_verdict"), 8388608);
}

/* An agent was cut off for hours: what it kept is judged when it comes. */
static void late_readings_are_judged(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	live_with_turns(&p, 30, 5);
	for (int at = 0; at < 8 * 60; at += 10) {
		town_wait(&town, 10);
		town_read(&town, p.clean[0], 60, 0);
		town_read(&town, p.leaky[0], 60, 0.5);
		town_sql(&town,
			"UPDATE agent SET last_seen_at = to_timestamp(%" PRId64
			" / 1000.0) - interval '8 hours', last_sample_at = (SELECT "
			"max(last_sample_at) FROM generation g WHERE g.host_id = 2) "
			"WHERE host_id = 2",
			town.now_ms);
		town_turn(&town);
	}
	assert_string_equal(level_of(p.leaky[0]), "confirmed");
	assert_string_equal(level_of(p.leaky[1]), "");
	assert_string_equal(
		town_sql(&town, "SELECT silent FROM slot_verdict WHERE slot_id = 4"),
		"t");
	live(&p, 1);
	struct turn_report report = town_turn(&town);
	assert_true(report.readings > 2 * 6 * 60);
	assert_string_equal(level_of(p.leaky[1]), "confirmed");
	town_wait(&town, 1);
	live(&p, 1);
	town_turn(&town);
	assert_string_equal(
		town_sql(&town, "SELECT bool_or(silent) FROM slot_verdict"), "f");
}

/* Its clock is three hours behind: its own time counts. */
static void a_wrong_clock_does_no_harm(void **state)
{
	(void)state;
	struct pair p = begin(0);
	int64_t fed = 0;
	for (int i = 0; i < 10; i++) {
		live(&p, 1);
		town_sql(&town,
			"UPDATE sample SET at = at - interval '3 hours' WHERE "
			"generation_id IN (SELECT id FROM generation WHERE "
			"host_id = 2) AND at > to_timestamp(0) + interval '1 ms' "
			"* %" PRId64,
			town.now_ms - 61000);
		town_sql(&town,
			"UPDATE generation SET started_at = started_at - interval '3 "
			"hours' WHERE host_id = 2 AND %d = 0",
			i);
		town_sql(&town,
			"UPDATE generation SET last_sample_at = to_timestamp(%" PRId64
			" / 1000.0) - interval '3 hours' WHERE host_id = 2",
			town.now_ms);
		town_sql(&town,
			"UPDATE agent SET last_sample_at = to_timestamp(%" PRId64
			" / 1000.0) - interval '3 hours', clock_skew_ms = -10800000 "
			"WHERE "
			"host_id = 2",
			town.now_ms);
		fed += (int64_t)town_turn(&town).readings;
		/* So that the next minute is written behind this one. */
		town_sql(&town,
			"UPDATE generation SET last_sample_at = to_timestamp(%" PRId64
			" / 1000.0) WHERE host_id = 2",
			town.now_ms);
	}
	assert_in_range(fed, 10 * 6 * 4 - 8, 10 * 6 * 4);
}

static void a_stopped_turn_gives_up(void **state)
{
	(void)state;
	struct pair p = begin(0);
	live(&p, 6);
	turn_stop(town.turn);
	struct turn_report report;
	struct err e = {0};
	assert_false(turn_run(town.turn, town.db, town.now_ms, &report, &e));
	assert_int_equal(e.kind, ERR_BUSY);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM slot_verdict"), 0);
}

/* From the readings to the alert. */
static void one_alert_for_the_version_that_leaks(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	int alerts = 0;
	for (int at = 0; at < 12 * 60; at += 10) {
		live(&p, 10);
		alerts += town_turn(&town).alerts_changed;
	}
	assert_int_equal(alerts, 1);
	assert_string_equal(
		town_sql(&town,
			"SELECT f.version || ' ' || level || ' ' || kind || ' ' || "
			"slots_leaking || ' of ' || slots || ' on ' || hosts_leaking "
			"FROM finding JOIN fingerprint f ON f.id = fingerprint_id "
			"WHERE "
			"active"),
		"1.1.0 confirmed leak 2 of 2 on 2");
	assert_string_equal(
		town_sql(&town,
			"SELECT string_agg(f.version, ' ') FROM finding_version JOIN "
			"fingerprint f ON f.id = fingerprint_id"),
		"1.1.0");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding_slot"), 2);
	assert_string_equal(
		town_sql(&town, "SELECT a.state || ' ' || e.kind FROM alert a JOIN "
				"alert_event e ON e.alert_id = a.id"),
		"open opened");
	assert_string_equal(
		town_sql(&town,
			"SELECT string_agg(f.version || ' ' || v.verdict, ', ' "
			"ORDER BY f.id) FROM version_verdict v JOIN fingerprint f "
			"ON f.id = v.fingerprint_id"),
		"1.0.0 steady, 1.1.0 leak");
	double mib_h = atof(town_sql(&town, "SELECT rate_kb_h / 1024 FROM finding"));
	assert_float_equal(mib_h, 30, 2);
}

/* A process manager restarts it at a limit, again and again. */
static void restarts_of_processes_change_nothing(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	live_with_turns(&p, 8 * 60, 10);
	for (int life = 0; life < 3; life++) {
		for (int i = 0; i < 2; i++)
			p.leaky[i] = town_process(&town, 1 + i, 1, 2);
		live_with_turns(&p, 4 * 60, 10);
	}
	assert_string_equal(
		town_sql(&town, "SELECT string_agg(kind, ' ') FROM alert_event"),
		"opened");
	assert_string_equal(level_of(p.leaky[0]), "confirmed");
	assert_true(town_int(&town, "SELECT max(restarts) FROM slot_verdict") >= 1);
}

/* The fixed version takes over. */
static void a_version_that_is_replaced_ends_its_alert(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	live_with_turns(&p, 8 * 60, 10);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 1);
	for (int i = 0; i < 2; i++)
		p.leaky[i] = town_process(&town, 1 + i, 1, 1);
	p.mib_min = 0;
	live_with_turns(&p, 60, 5);
	assert_string_equal(
		town_sql(&town, "SELECT state || ' ' || (quiet_at IS NOT NULL) FROM "
				"alert"),
		"open true");
	live_with_turns(&p, 6 * 60, 10);
	assert_string_equal(
		town_sql(&town, "SELECT state || ' ' || resolution FROM alert"),
		"resolved gone");
	assert_string_equal(
		town_sql(&town,
			"SELECT string_agg(kind, ' ' ORDER BY id) FROM alert_event"),
		"opened quiet resolved");
}

static long long value_of(long long generation)
{
	return atoll(town_sql(&town,
		"SELECT value_kb FROM slot_verdict WHERE generation_id = %lld",
		generation));
}

static void resident_memory_stands_in(void **state)
{
	(void)state;
	struct pair p = begin(0);
	live(&p, 10);
	town_sql(&town, "UPDATE sample SET rss_anon_kb = NULL, swap_kb = NULL, "
			"cgroup_limit_kb = 524288");
	town_turn(&town);
	assert_int_equal(
		town_int(&town, "SELECT max(limit_kb) FROM slot_verdict"), 524288);
	assert_in_range(value_of(p.clean[0]), 100 * 1024, 101 * 1024);
}

/* What is swapped out was not given back. */
static void swapped_memory_counts(void **state)
{
	(void)state;
	struct pair p = begin(0);
	live(&p, 10);
	town_sql(&town,
		"UPDATE sample SET swap_kb = rss_anon_kb - 40000, rss_anon_kb = 40000");
	town_turn(&town);
	assert_in_range(value_of(p.clean[0]), 60 * 1024, 61 * 1024);
}

static void a_limit_beyond_the_machine_is_none(void **state)
{
	(void)state;
	struct pair p = begin(0);
	live(&p, 5);
	town_sql(&town, "UPDATE sample SET cgroup_limit_kb = 9007199254740991");
	town_turn(&town);
	assert_int_equal(
		town_int(&town, "SELECT max(limit_kb) FROM slot_verdict"), 8388608);
}

static void trends_sum_the_instances(void **state)
{
	(void)state;
	struct pair p = begin(25);
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
	/* Later turns add to it: it is as if it were computed as a whole. */
	for (int i = 0; i < 25; i++) {
		live(&p, 1);
		town_turn(&town);
	}
	char *added = arena_printf(&town.arena, "%s",
		town_sql(&town, "SELECT from_at || ' ' || rss_kb::text FROM "
				"service_trend"));
	restart();
	town_turn(&town);
	assert_string_equal(
		added, town_sql(&town, "SELECT from_at || ' ' || rss_kb::text FROM "
				       "service_trend"));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM service_trend, "
					 "unnest(rss_kb) AS v WHERE v IS NOT NULL"),
		28);
}

static void listeners_hear_of_verdicts(void **state)
{
	(void)state;
	struct err e;
	struct arena a;
	arena_init(&a);
	struct db *ear = db_create(&(struct db_options){
		.uri = town.pg.uri, .application_name = "tidemark ear"});
	assert_true(db_listen(ear, "tidemark", &e));
	struct pair p = begin(0);
	live(&p, 6);
	town_turn(&town);
	char *payload;
	assert_true(db_wait(ear, 1000, &a, &payload, &e));
	assert_string_equal(payload, "verdicts");
	db_destroy(ear);
	arena_finish(&a);
}

/* A process that ended is judged no more; its last words stay. */
static void what_is_silent_says_so(void **state)
{
	(void)state;
	struct pair p = begin(0);
	live_with_turns(&p, 30, 5);
	town_wait(&town, 20);
	town_turn(&town);
	assert_int_equal(
		town_int(&town, "SELECT count(*) FROM slot_verdict WHERE silent"), 4);
}

static void an_eager_service_is_confirmed_earlier(void **state)
{
	(void)state;
	struct pair p = begin(0.5);
	long long hours[2];
	for (int round = 0; round < 2; round++) {
		if (round) {
			town_reset(&town);
			p = begin(0.5);
			town_sql(&town,
				"INSERT INTO service_setting VALUES (1, 'eager')");
		}
		for (hours[round] = 0; hours[round] < 48; hours[round]++) {
			live_with_turns(&p, 15, 5);
			if (strcmp(level_of(p.leaky[0]), "confirmed") == 0)
				break;
		}
	}
	assert_true(hours[1] < hours[0]);
}

#define WATCH_TEST(name) cmocka_unit_test_setup(name, pair_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(nothing_to_judge_is_fine),
		WATCH_TEST(what_came_is_fed_once),
		WATCH_TEST(only_what_changed_is_written),
		WATCH_TEST(a_leak_is_found),
		WATCH_TEST(late_readings_are_judged),
		WATCH_TEST(a_wrong_clock_does_no_harm),
		WATCH_TEST(one_alert_for_the_version_that_leaks),
		WATCH_TEST(restarts_of_processes_change_nothing),
		WATCH_TEST(a_version_that_is_replaced_ends_its_alert),
		WATCH_TEST(a_stopped_turn_gives_up),
		WATCH_TEST(resident_memory_stands_in),
		WATCH_TEST(swapped_memory_counts),
		WATCH_TEST(a_limit_beyond_the_machine_is_none),
		WATCH_TEST(trends_sum_the_instances),
		WATCH_TEST(listeners_hear_of_verdicts),
		WATCH_TEST(what_is_silent_says_so),
		WATCH_TEST(an_eager_service_is_confirmed_earlier),
	};
	return cmocka_run_group_tests(tests, pair_start, pair_stop);
}
