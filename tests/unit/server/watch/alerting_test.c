/* Findings become alerts, and alerts come to an end: over a real database, with reports
 * made by hand in place of the detector. */
#include "server/store/upkeep.h"
#include "tests/unit/server/watch/found.h"

static void say_no_leak(double rate_kb_h)
{
	town_sql(&town,
		"UPDATE alert SET state = 'resolved', resolution = 'not-a-leak', "
		"resolved_at = to_timestamp(%" PRId64 " / 1000.0)",
		town.now_ms);
	town_sql(&town,
		"INSERT INTO feedback (service_id, kind, finding_id, rate_kb_h, "
		"reason, "
		"said_by, said_at) SELECT 1, 'leak', id, %f, 'a cache', 1, "
		"to_timestamp(%" PRId64 " / 1000.0) FROM finding",
		rate_kb_h, town.now_ms);
}

static void a_cause_is_alerted_once(void **state)
{
	(void)state;
	assert_true(turns(1, 1));
	assert_string_equal(
		town_sql(&town,
			"SELECT level || ' ' || kind || ' ' || cause || ' ' || "
			"slots_leaking || ' ' || (reasons->0->>'text') || ' ' || "
			"(exhaust_high_at IS NULL) || ' ' || (onset_low_at < "
			"onset_at) FROM finding"),
		"confirmed leak version 1.1.0 2 It grows true true");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding_slot"), 2);
	assert_false(turns(10, 1));
	/* A second version with the same cause joins, and leads. */
	versions[1] = 1;
	finding.fingerprint_count = 2;
	finding.lead_fingerprint_id = 1;
	assert_false(turns(2, 1));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding"), 1);
	assert_int_equal(town_int(&town, "SELECT fingerprint_id FROM finding"), 1);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding_version"), 2);
	assert_string_equal(story(), "opened");
	/* What waits is another cause than what grows. */
	finding.kind = ANALYSE_KIND_BACKLOG;
	assert_true(turns(1, 1));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding"), 2);
}

static void growth_under_another_name_is_the_same_cause(void **state)
{
	(void)state;
	static const enum analyse_kind kinds[] = {ANALYSE_KIND_NATIVE,
		ANALYSE_KIND_VERSION, ANALYSE_KIND_LEAK, ANALYSE_KIND_VERSION};
	turns(1, 1);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		finding.kind = kinds[i];
		assert_false(turns(30, 10));
		assert_string_equal(town_sql(&town, "SELECT kind FROM finding"),
			analyse_kind_name(kinds[i]));
	}
	assert_string_equal(story(), "opened");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding"), 1);
	say_no_leak(102400); /* of a "leak" */
	versions[0] = finding.lead_fingerprint_id = 1;
	assert_false(turns(10, 5));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 1);
}

/* Two versions leak one after the other, then both for the same reason. */
static void two_alerts_of_one_cause_become_one(void **state)
{
	(void)state;
	turns(1, 1);
	versions[0] = finding.lead_fingerprint_id = 1;
	assert_true(turns(1, 1));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 2);
	versions[1] = 2;
	finding.fingerprint_count = 2;
	assert_true(turns(1, 1));
	assert_string_equal(
		town_sql(&town, "SELECT string_agg(state || resolution, ' ' ORDER BY "
				"id) FROM alert"),
		"resolvedgone open");
	assert_string_equal(
		town_sql(&town, "SELECT text FROM alert_event ORDER BY id DESC"),
		"One cause with another alert: Version 1.1.0 leaks");
	assert_false(turns(60, 10));
	finding.fingerprint_count = 1;
	versions[0] = finding.lead_fingerprint_id = 2;
	assert_false(turns(60, 10));
}

static void what_is_only_watched_raises_no_alert(void **state)
{
	(void)state;
	finding.level = ANALYSE_EARLY;
	assert_false(turns(5, 1));
	assert_string_equal(
		town_sql(&town,
			"SELECT level || ' ' || active || ' ' || (confirmed_at IS "
			"NULL) FROM finding"),
		"watch true true");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 0);
	finding.level = ANALYSE_CONFIRMED;
	assert_true(turns(1, 1));
	assert_string_equal(story(), "opened");
}

static void one_that_toggles_makes_no_noise(void **state)
{
	(void)state;
	for (int i = 0; i < 120; i++) {
		finding.level = i % 2 ? ANALYSE_EARLY : ANALYSE_CONFIRMED;
		turns(1, 1);
	}
	for (int i = 0; i < 120; i++) {
		finding.level = i % 2 ? ANALYSE_QUIET : ANALYSE_CONFIRMED;
		turns(1, 1);
	}
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 1);
	assert_string_equal(story(), "opened");
	assert_string_equal(town_sql(&town, "SELECT quiet_at FROM alert"), "");
}

static void rest_makes_it_quiet_and_then_gone(void **state)
{
	(void)state;
	turns(1, 1);
	finding.level = ANALYSE_QUIET;
	assert_false(turns(14, 1));
	assert_true(turns(2, 1));
	assert_string_equal(story(), "opened quiet");
	assert_string_equal(town_sql(&town, "SELECT active FROM finding"), "f");
	/* It took two hours to find, so six of rest are enough. */
	assert_false(turns(5 * 60 + 50, 10));
	assert_string_equal(state_of(), "open ");
	assert_true(turns(20, 10));
	assert_string_equal(state_of(), "resolved gone");
	assert_string_equal(story(), "opened quiet resolved");
	assert_string_equal(
		town_sql(&town, "SELECT text FROM alert_event ORDER BY id DESC"),
		"Nothing has grown for 6 h");
	assert_false(turns(60, 10));
}

static void what_took_long_to_find_rests_longer(void **state)
{
	(void)state;
	finding.onset.at_ms = TOWN_START_MS - 10 * 3600000;
	turns(1, 1);
	finding.level = ANALYSE_EARLY;
	assert_false(turns(110, 10)); /* it still grows, though not surely */
	turns(19 * 60, 10);
	assert_string_equal(state_of(), "open ");
	assert_string_equal(story(), "opened quiet");
	turns(150, 10);
	assert_string_equal(state_of(), "resolved gone");
}

static void one_that_grows_again_is_not_quiet(void **state)
{
	(void)state;
	turns(1, 1);
	finding.level = ANALYSE_QUIET;
	turns(60, 5);
	finding.level = ANALYSE_CONFIRMED;
	assert_true(turns(1, 1));
	assert_string_equal(story(), "opened quiet growing");
	assert_string_equal(town_sql(&town, "SELECT quiet_at FROM alert"), "");
	assert_string_equal(town_sql(&town, "SELECT active FROM finding"), "t");
}

/* The version is replaced; what was said of its processes stands, but they have ended.
 */
static void a_version_that_nobody_runs_is_gone(void **state)
{
	(void)state;
	finding.onset.at_ms = TOWN_START_MS - 30 * 3600000;
	turns(1, 1);
	for (int i = 0; i < 20; i++) {
		town_wait(&town, 1);
		town_sql(&town,
			"UPDATE agent SET last_seen_at = to_timestamp(%" PRId64
			" / 1000.0), last_sample_at = to_timestamp(%" PRId64
			" / 1000.0)",
			town.now_ms, town.now_ms);
		turn();
	}
	assert_string_equal(story(), "opened quiet");
	assert_string_equal(
		town_sql(&town, "SELECT text FROM alert_event ORDER BY id DESC"),
		"No process of its versions runs any more");
	town_wait(&town, 6 * 60);
	town_sql(&town,
		"UPDATE agent SET last_seen_at = to_timestamp(%" PRId64
		" / 1000.0), last_sample_at = to_timestamp(%" PRId64 " / 1000.0)",
		town.now_ms, town.now_ms);
	assert_true(turn());
	assert_string_equal(state_of(), "resolved gone");
	assert_string_equal(
		town_sql(&town, "SELECT text FROM alert_event ORDER BY id DESC"),
		"No process of its versions has run for 6 h");
}

/* No process says it alone: the version does. */
static void a_version_as_a_whole_rests_and_ends_too(void **state)
{
	(void)state;
	finding.kind = ANALYSE_KIND_VERSION;
	finding.slot_count = 0;
	turns(60, 10);
	assert_string_equal(story(), "opened");
	town_wait(&town, 60);
	turn();
	assert_string_equal(
		town_sql(&town, "SELECT silent_at IS NOT NULL FROM alert"), "t");
	finding.level = ANALYSE_QUIET;
	turns(40, 10);
	assert_string_equal(
		town_sql(&town, "SELECT text FROM alert_event ORDER BY id DESC"),
		"Its processes no longer grow");
	finding.level = ANALYSE_CONFIRMED;
	turns(10, 10);
	assert_string_equal(story(), "opened quiet growing");
	for (int i = 0; i < 2; i++) {
		town_wait(&town, 6 * 60);
		town_sql(&town,
			"UPDATE agent SET last_seen_at = to_timestamp(%" PRId64
			" / 1000.0), last_sample_at = to_timestamp(%" PRId64
			" / 1000.0)",
			town.now_ms, town.now_ms);
		turn();
	}
	assert_string_equal(story(), "opened quiet growing quiet resolved");
}

/* The one that says it alone has ended, the others go on. */
static void a_version_goes_on_without_one_of_its_seats(void **state)
{
	(void)state;
	finding.slot_count = 1;
	for (int joint = 1; joint >= 0; joint--) {
		finding.is_joint = joint;
		turns(1, 1);
		for (int i = 0; i < 30; i++) {
			town_wait(&town, 1);
			hear();
			town_sql(&town,
				"UPDATE generation SET last_sample_at = "
				"to_timestamp(%" PRId64 " / 1000.0) WHERE slot_id = 1",
				TOWN_START_MS);
			turn();
		}
		assert_string_equal(story(), joint ? "opened" : "opened quiet");
	}
}

static void a_silent_agent_resolves_nothing(void **state)
{
	(void)state;
	turns(1, 1);
	finding.level = ANALYSE_QUIET;
	for (int hour = 0; hour < 72; hour++) {
		town_wait(&town, 60);
		assert_false(turn());
	}
	assert_string_equal(state_of(), "open ");
	assert_string_equal(story(), "opened");
	assert_string_equal(
		town_sql(&town, "SELECT silent_at IS NOT NULL FROM alert"), "t");
	/* It is back, and so is the growth. */
	finding.level = ANALYSE_CONFIRMED;
	assert_false(turns(1, 1));
	assert_string_equal(
		town_sql(&town, "SELECT silent_at IS NULL FROM alert"), "t");
}

static void what_people_called_no_leak_stays_so(void **state)
{
	(void)state;
	turns(1, 1);
	say_no_leak(102400);
	assert_false(turns(24 * 60, 30));
	assert_string_equal(state_of(), "resolved not-a-leak");
	assert_string_equal(town_sql(&town, "SELECT reasons->1->>'text' FROM finding"),
		"ada said on 2026-11-22 that this is not a leak: a cache");
	assert_string_equal(
		town_sql(&town, "SELECT reasons->1->>'for' FROM finding"), "false");
	/* Another version of the service, at the same pace, is quiet too. */
	versions[0] = finding.lead_fingerprint_id = 1;
	assert_false(turns(10, 5));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding"), 2);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 1);
	/* Taken back. */
	town_sql(&town, "UPDATE feedback SET withdrawn_at = now()");
	assert_true(turns(1, 1));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 2);
}

static void clearly_faster_growth_alerts_all_the_same(void **state)
{
	(void)state;
	turns(1, 1);
	say_no_leak(102400);
	finding.rate = (struct analyse_rate){true, 170000, 153000, 190000};
	assert_false(turns(30, 10));
	finding.rate = (struct analyse_rate){true, 170000, 154000, 190000};
	assert_true(turns(10, 10));
	assert_string_equal(state_of(), "open ");
	assert_string_equal(story(), "opened reopened");
	assert_string_equal(town_sql(&town, "SELECT reasons->1->>'text' FROM finding"),
		"ada said on 2026-11-22 that this is not a leak, but it grows clearly "
		"faster than then: a cache");
}

static void fix(void)
{
	turns(1, 1);
	town_sql(&town,
		"UPDATE alert SET state = 'resolved', resolution = 'fixed', "
		"resolved_at = "
		"to_timestamp(%" PRId64 " / 1000.0)",
		town.now_ms);
}

static void fixed_opens_again_for_new_evidence_only(void **state)
{
	(void)state;
	fix();
	read_on(180, 20); /* the verdict stands a while, the memory hardly moves */
	assert_string_equal(state_of(), "resolved fixed");
	town_sql(&town, "TRUNCATE sample");
	town_sql(&town,
		"UPDATE alert SET resolved_at = to_timestamp(%" PRId64 " / 1000.0)",
		town.now_ms);
	read_on(20, 100);
	assert_string_equal(state_of(), "resolved fixed");
	read_on(30, 100);
	assert_string_equal(state_of(), "open ");
	assert_string_equal(story(), "opened reopened");
	assert_int_equal(town_int(&town, "SELECT reopened FROM alert"), 1);
}

static void a_process_that_began_since_speaks_for_itself(void **state)
{
	(void)state;
	fix();
	town_wait(&town, 10);
	for (int host = 1; host <= 2; host++)
		town_process(&town, host, 0, 2);
	for (int at = 0; at < 60; at += 10) {
		town_wait(&town, 10);
		for (int i = 3; i <= 4; i++)
			town_read(&town, i, 50, 100.0 / 60);
		turn();
		if (at < 20)
			assert_string_equal(state_of(), "resolved fixed");
	}
	assert_string_equal(state_of(), "open ");
}

static void what_never_alerted_is_forgotten(void **state)
{
	(void)state;
	struct err e;
	finding.level = ANALYSE_EARLY;
	turns(1, 1);
	finding.level = ANALYSE_CONFIRMED;
	finding.kind = ANALYSE_KIND_BACKLOG;
	turns(1, 1);
	finding.level = ANALYSE_QUIET;
	turns(30, 10);
	assert_true(upkeep_run(town.db, town.now_ms + UPKEEP_FINDING_MS - 3600000, &e));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding"), 2);
	assert_true(upkeep_run(town.db, town.now_ms + UPKEEP_FINDING_MS, &e));
	assert_string_equal(town_sql(&town, "SELECT kind FROM finding"), "backlog");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding_slot"), 2);
}

#define ALERT_TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALERT_TEST(a_cause_is_alerted_once),
		ALERT_TEST(growth_under_another_name_is_the_same_cause),
		ALERT_TEST(two_alerts_of_one_cause_become_one),
		ALERT_TEST(what_is_only_watched_raises_no_alert),
		ALERT_TEST(one_that_toggles_makes_no_noise),
		ALERT_TEST(rest_makes_it_quiet_and_then_gone),
		ALERT_TEST(what_took_long_to_find_rests_longer),
		ALERT_TEST(one_that_grows_again_is_not_quiet),
		ALERT_TEST(a_version_that_nobody_runs_is_gone),
		ALERT_TEST(a_version_as_a_whole_rests_and_ends_too),
		ALERT_TEST(a_version_goes_on_without_one_of_its_seats),
		ALERT_TEST(a_silent_agent_resolves_nothing),
		ALERT_TEST(what_people_called_no_leak_stays_so),
		ALERT_TEST(clearly_faster_growth_alerts_all_the_same),
		ALERT_TEST(fixed_opens_again_for_new_evidence_only),
		ALERT_TEST(a_process_that_began_since_speaks_for_itself),
		ALERT_TEST(what_never_alerted_is_forgotten),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
