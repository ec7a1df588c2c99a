/* The life of an alert with people: what rests comes back in time or when it gets
 * worse, and what was resolved in a version is verified or regresses.  Over a real
 * database. */
#include "server/store/alert_steps.h"
#include "server/watch/releases.h"
#include "tests/unit/server/watch/found.h"

#include <math.h>

/* A step of ada's; it must be allowed. */
static void take(struct alert_steps_order order)
{
	struct err e;
	struct arena a;
	struct alert_steps_result result;
	arena_init(&a);
	order.alert_id = 1;
	order.actor = (struct audit_actor){1, "ada"};
	order.now_ms = town.now_ms;
	if (order.action != ALERT_STEPS_ARCHIVE)
		order.above_kb_h = (double)NAN;
	if (!alert_steps_take(town.db, &order, &a, &result, &e))
		fail_msg("%s", e.text);
	if (result.outcome != ALERT_STEPS_DONE)
		fail_msg("%s", result.why);
	arena_finish(&a);
}

static void acknowledge(double hours)
{
	take((struct alert_steps_order){.action = ALERT_STEPS_ACKNOWLEDGE,
		.until_ms = hours > 0 ? town.now_ms + (int64_t)(hours * 3600000) : 0});
}

static void archive(double hours, double above_kb_h, int64_t above_hosts)
{
	take((struct alert_steps_order){.action = ALERT_STEPS_ARCHIVE,
		.until_ms = hours > 0 ? town.now_ms + (int64_t)(hours * 3600000) : 0,
		.above_kb_h = above_kb_h,
		.above_hosts = above_hosts});
}

static void resolve_in(const char *version, int64_t hours)
{
	take((struct alert_steps_order){.action = ALERT_STEPS_RESOLVE,
		.version = version,
		.verify_hours = hours});
}

static const char *inbox(void)
{
	return town_sql(&town, "SELECT alert_inbox(state, escalated_at, regressed_at) "
			       "FROM alert WHERE id = 1");
}

static const char *last_words(void)
{
	return town_sql(&town, "SELECT kind || ': ' || text FROM alert_event WHERE "
			       "alert_id = 1 ORDER BY id DESC LIMIT 1");
}

/* "waiting 0 0": state, whole hours, hosts. */
static const char *verification(void)
{
	return town_sql(&town,
		"SELECT concat_ws(' ', verify_state, verify_ms / 3600000, "
		"verify_hosts) FROM alert WHERE id = 1");
}

/* All agents and all newest processes are heard, turn by turn. */
static void live(double minutes, double every)
{
	for (double at = 0; at < minutes; at += every) {
		town_wait(&town, every);
		town_sql(&town,
			"UPDATE agent SET last_seen_at = to_timestamp(%" PRId64
			" / 1000.0), last_sample_at = to_timestamp(%" PRId64
			" / 1000.0)",
			town.now_ms, town.now_ms);
		town_sql(&town,
			"UPDATE generation SET last_sample_at = to_timestamp(%" PRId64
			" / 1000.0) WHERE id IN (SELECT life_id FROM slot)",
			town.now_ms);
		turn();
	}
}

/* A version that nobody ran before; its id. */
static int64_t release(const char *version, const char *runtime)
{
	return atoll(town_sql(&town,
		"INSERT INTO fingerprint (service_id, version, runtime, first_seen_at) "
		"VALUES (1, '%s', '%s', to_timestamp(%" PRId64
		" / 1000.0)) RETURNING id",
		version, runtime, town.now_ms));
}

/* Both hosts run it from now on. */
static void deploy(int64_t version)
{
	for (int host = 1; host <= 2; host++)
		town_process(&town, host, 0, (int)version);
}

static void lead(int64_t version)
{
	versions[0] = finding.lead_fingerprint_id = version;
}

static void an_acknowledgement_runs_out(void **state)
{
	(void)state;
	turns(1, 1);
	acknowledge(2);
	assert_string_equal(inbox(), "acknowledged");
	assert_string_equal(town_sql(&town, "SELECT owner_id FROM alert"), "1");
	assert_false(turns(110, 10));
	assert_string_equal(inbox(), "acknowledged");
	assert_true(turns(10, 10));
	assert_string_equal(inbox(), "new");
	assert_string_equal(
		last_words(), "expired: The acknowledgement of ada has run out");
	assert_string_equal(town_sql(&town, "SELECT owner_id FROM alert"), "1");
	assert_false(turns(60, 10));
}

/* Nobody hears anything of its processes: it is still over. */
static void an_archive_ends_by_the_clock(void **state)
{
	(void)state;
	turns(1, 1);
	archive(1, (double)NAN, -1);
	assert_string_equal(inbox(), "archived");
	finding.level = ANALYSE_QUIET;
	town_wait(&town, 50);
	turn();
	assert_string_equal(inbox(), "archived");
	town_wait(&town, 10);
	assert_true(turn());
	assert_string_equal(inbox(), "escalating");
	assert_string_equal(last_words(),
		"unarchived: The time until which ada archived it is over");
}

static void an_archive_ends_when_it_grows_faster(void **state)
{
	(void)state;
	turns(1, 1);
	archive(0, 204800, -1);
	finding.rate = (struct analyse_rate){true, 204800, 190000, 220000};
	assert_false(turns(30, 10));
	finding.rate.kb_h = 209920;
	assert_true(turns(10, 10));
	assert_string_equal(inbox(), "escalating");
	assert_string_equal(last_words(), "escalated: It grows by 205 MiB per hour: "
					  "more than the 200 MiB per hour "
					  "up to which it was archived");
	assert_string_equal(
		town_sql(&town, "SELECT archived_at IS NULL FROM alert"), "t");
}

static void an_archive_ends_when_more_hosts_leak(void **state)
{
	(void)state;
	turns(1, 1);
	archive(48, (double)NAN, 2);
	assert_false(turns(30, 10));
	finding.hosts_leaking = 3;
	assert_true(turns(10, 10));
	assert_string_equal(inbox(), "escalating");
	assert_string_equal(last_words(),
		"escalated: It leaks on 3 hosts: more than the "
		"2 up to which it was archived");
	assert_string_equal(
		town_sql(&town, "SELECT archive_until IS NULL FROM alert"), "t");
}

static void what_is_acknowledged_escalates(void **state)
{
	(void)state;
	turns(1, 1);
	acknowledge(0);
	finding.rate = (struct analyse_rate){true, 250000, 204799, 300000};
	finding.hosts_leaking = 3;
	assert_false(turns(30, 10));
	finding.rate.low_kb_h = 204800;
	assert_true(turns(10, 10));
	assert_string_equal(inbox(), "escalating");
	assert_string_equal(last_words(), "escalated: It grows by at least 200 MiB per "
					  "hour: twice the 100 MiB per "
					  "hour of when somebody last worked on it");
	/* Somebody has seen that. */
	acknowledge(0);
	assert_string_equal(inbox(), "acknowledged");
	assert_false(turns(30, 10));
	finding.hosts_leaking = 6;
	assert_true(turns(10, 10));
	assert_string_equal(last_words(),
		"escalated: It leaks on 6 hosts: twice the 3 of "
		"when somebody last worked on it");
	/* What is not sure does not escalate. */
	acknowledge(0);
	finding.level = ANALYSE_EARLY;
	finding.hosts_leaking = 60;
	assert_false(turns(30, 10));
	assert_string_equal(inbox(), "acknowledged");
}

/* From first sight to a verified fix. */
static void an_alert_is_worked_off(void **state)
{
	(void)state;
	turns(1, 1);
	assert_string_equal(inbox(), "new");
	acknowledge(24);
	turns(60, 10);
	resolve_in("2.0.1", 6);
	assert_string_equal(inbox(), "resolved");
	/* The old version grows on, and nobody runs the new one. */
	turns(60, 10);
	assert_string_equal(verification(), "waiting 0 0");
	/* One host first, where the old one is replaced. */
	finding.level = ANALYSE_QUIET;
	int64_t fixed = release("2.0.1", "node");
	town_process(&town, 1, 0, (int)fixed);
	live(60, 10);
	assert_string_equal(verification(), "running 1 1");
	/* Then both: two hours of hosts each hour. */
	town_process(&town, 2, 0, (int)fixed);
	live(60, 10);
	assert_string_equal(verification(), "running 3 2");
	live(80, 10);
	assert_string_equal(verification(), "running 5 2");
	live(20, 10);
	assert_string_equal(verification(), "verified 6 2");
	assert_string_equal(inbox(), "resolved");
	assert_string_equal(last_words(),
		"verified: 2 hosts ran 2.0.1 or later for 6 h in "
		"sum without the growth");
	live(60, 10);
	assert_string_equal(story(), "opened acknowledged resolved verified");
	assert_string_equal(verification(), "verified 6 2");
}

/* A later version counts as well, and processes that take turns on a host count once.
 */
static void hours_of_hosts_are_counted_once(void **state)
{
	(void)state;
	turns(1, 1);
	resolve_in("2.0.1", 100);
	finding.level = ANALYSE_QUIET;
	int64_t fixed = release("2.0.1", "node"), later = release("2.1.0", "node");
	deploy(fixed);
	town_process(&town, 1, 1, (int)later);
	live(60, 10);
	assert_string_equal(verification(), "running 2 2");
	deploy(later);
	live(60, 10);
	assert_string_equal(verification(), "running 4 2");
	/* A host that nobody hears of adds nothing. */
	town_wait(&town, 600);
	turn();
	assert_string_equal(verification(), "running 4 2");
}

static void hosts_that_grow_do_not_count(void **state)
{
	(void)state;
	turns(1, 1);
	resolve_in("2.0.1", 3);
	finding.level = ANALYSE_QUIET;
	int64_t fixed = release("2.0.1", "node");
	deploy(fixed);
	town_sql(&town,
		"INSERT INTO slot_verdict (slot_id, generation_id, fingerprint_id, at, "
		"verdict, series, level, kind, summary, reasons) SELECT 2, life_id, "
		"%" PRId64 ", now(), 'watch', 'rss_anon', 'watch', 'leak', '', '[]' "
		"FROM slot WHERE id "
		"= 2",
		fixed);
	live(60, 10);
	assert_string_equal(verification(), "running 1 2");
	/* Enough, but something is found of it. */
	lead(fixed);
	finding.level = ANALYSE_EARLY;
	live(180, 10);
	assert_string_equal(verification(), "running 4 2");
	finding.level = ANALYSE_QUIET;
	live(10, 10);
	assert_string_equal(verification(), "verified 4 2");
}

/* Memory of the processes grows by `mib_h`; turn by turn. */
static void grow(
	const long long *generations, size_t count, double minutes, double mib_h)
{
	for (double at = 0; at < minutes; at += 10) {
		town_wait(&town, 10);
		for (size_t i = 0; i < count; i++)
			town_read(&town, generations[i], 100, mib_h / 60);
		turn();
	}
}

static void only_the_fixed_version_regresses(void **state)
{
	(void)state;
	static const long long old[] = {1, 2};
	town_sql(&town, "UPDATE fingerprint SET version = '2.0.0' WHERE id = 2");
	turns(1, 1);
	resolve_in("2.0.1", 72);
	/* 2.0.0 leaks as before, and more. */
	grow(old, 2, 240, 100);
	assert_string_equal(inbox(), "resolved");
	assert_string_equal(story(), "opened resolved");
	/* So does another build of it, which is no other alert. */
	lead(release("2.0.0", "deno"));
	grow(old, 2, 60, 100);
	assert_string_equal(story(), "opened resolved");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 1);
	/* 2.0.1 leaks. */
	int64_t fixed = release("2.0.1", "node");
	const long long now[] = {town_process(&town, 1, 0, (int)fixed),
		town_process(&town, 2, 0, (int)fixed)};
	lead(fixed);
	grow(now, 2, 20, 100);
	assert_string_equal(inbox(), "resolved");
	grow(now, 2, 40, 100);
	assert_string_equal(inbox(), "regressed");
	assert_string_equal(last_words(), "regressed: 2.0.1 leaks, and was resolved in "
					  "2.0.1: Version 1.1.0 leaks");
	assert_string_equal(
		town_sql(&town,
			"SELECT concat_ws(' ', reopened, resolved_in, verify_state "
			"IS NULL) FROM alert"),
		"1 2.0.1 t");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 1);
}

/* What lives inside another alert is not seen: the other one says so. */
static void one_regresses_with_what_is_inside(void **state)
{
	(void)state;
	turns(1, 1);
	town_sql(&town,
		"INSERT INTO finding (service_id, fingerprint_id, kind, active, "
		"first_at, "
		"last_at, slots, slots_leaking, hosts, hosts_leaking, summary, "
		"reasons) "
		"SELECT 1, 1, 'leak', false, first_at, first_at, 1, 1, 1, 1, '', '[]' "
		"FROM finding");
	town_sql(&town,
		"INSERT INTO alert (finding_id, opened_at, merged_into) SELECT 2, "
		"opened_at, 1 FROM alert");
	resolve_in("2.0.1", 72);
	int64_t fixed = release("2.0.1", "node");
	const long long now[] = {town_process(&town, 1, 0, (int)fixed),
		town_process(&town, 2, 0, (int)fixed)};
	lead(fixed);
	grow(now, 2, 60, 100);
	assert_string_equal(
		town_sql(&town, "SELECT state FROM alert WHERE id = 2"), "open");
	assert_int_equal(
		town_int(&town, "SELECT count(*) FROM alert_event WHERE alert_id = "
				"2 AND kind = 'regressed'"),
		1);
	assert_string_equal(inbox(), "regressed");
}

/* Both leak for one reason, but only the old one has grown since. */
static void of_a_common_cause_the_fixed_version_must_grow(void **state)
{
	(void)state;
	turns(1, 1);
	resolve_in("2.0.1", 72);
	int64_t fixed = release("2.0.1", "node");
	const long long now[] = {1, town_process(&town, 2, 0, (int)fixed)};
	versions[1] = fixed;
	finding.fingerprint_count = 2;
	for (int at = 0; at < 120; at += 10) {
		town_wait(&town, 10);
		town_read(&town, now[0], 100, 100.0 / 60);
		town_read(&town, now[1], 100, 0);
		turn();
	}
	assert_string_equal(inbox(), "resolved");
	grow(&now[1], 1, 90, 400);
	assert_string_equal(inbox(), "regressed");
}

/* What leaks before all that leaked is another story. */
static void an_older_leak_is_another_alert(void **state)
{
	(void)state;
	turns(1, 1);
	resolve_in("2.0.1", 72);
	lead(1);
	assert_true(turns(1, 1));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 2);
	assert_string_equal(inbox(), "resolved");
}

static void versions_without_numbers_follow_by_time(void **state)
{
	(void)state;
	town_sql(&town, "UPDATE fingerprint SET version = 'blue', first_seen_at = "
			"'2026-11-20 00:00+00' WHERE id = 2");
	town_sql(&town, "UPDATE fingerprint SET version = 'azure', first_seen_at = "
			"'2026-11-10 00:00+00' WHERE id = 1");
	turns(1, 1);
	resolve_in("green", 2);
	live(30, 10);
	assert_string_equal(verification(), "waiting 0 0");
	/* One that is neither, while nobody runs the fixed one. */
	finding.level = ANALYSE_QUIET;
	deploy(release("cyan", "node"));
	live(30, 10);
	assert_string_equal(verification(), "waiting 0 0");
	deploy(release("green", "node"));
	live(30, 10);
	assert_string_equal(verification(), "running 1 2");
	deploy(release("red", "node"));
	live(30, 10);
	assert_string_equal(verification(), "verified 2 2");
}

static void releases_have_an_order(void **state)
{
	(void)state;
	static const struct verifications_release rows[] = {
		{1, 1, "1.0.0", "1.0.0", 10}, {2, 1, "2.0.0", "2.0.0 · node 20", 20},
		{3, 1, "2.0.0", "2.0.0 · node 22", 30}, {4, 1, "1.9.9", "1.9.9", 40},
		{5, 1, "", "deps 3f2a11", 50}, {6, 2, "2.0.0", "2.0.0", 5}};
	struct releases r = {rows, 6};
	assert_true(releases_reaches(&r, 2, "2.0.0"));
	assert_true(releases_reaches(&r, 3, "2.0.0"));
	assert_true(releases_reaches(&r, 3, "v2.0.0-rc.1"));
	assert_false(releases_reaches(&r, 4, "2.0.0")); /* though it was seen later */
	assert_false(releases_reaches(&r, 3, "2.0.1"));
	/* One of two builds is told from the other by when it came. */
	assert_false(releases_reaches(&r, 2, "2.0.0 · node 22"));
	assert_true(releases_reaches(&r, 3, "2.0.0 · node 22"));
	assert_true(releases_reaches(&r, 5, "2.0.0"));
	assert_false(releases_reaches(&r, 5, "3.0.0"));
	assert_false(releases_reaches(&r, 77, "1.0.0"));
	assert_true(releases_before(&r, 1, 4));
	assert_false(releases_before(&r, 4, 1));
	assert_false(releases_before(&r, 2, 3));
	assert_string_equal(releases_label(&r, 2), "2.0.0 · node 20");
	struct arena a;
	arena_init(&a);
	assert_int_equal(releases_from(&r, 1, "2.0.0", &a).count, 3);
	arena_finish(&a);
}

#define LIFE_TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE_TEST(an_acknowledgement_runs_out),
		LIFE_TEST(an_archive_ends_by_the_clock),
		LIFE_TEST(an_archive_ends_when_it_grows_faster),
		LIFE_TEST(an_archive_ends_when_more_hosts_leak),
		LIFE_TEST(what_is_acknowledged_escalates),
		LIFE_TEST(an_alert_is_worked_off),
		LIFE_TEST(hours_of_hosts_are_counted_once),
		LIFE_TEST(hosts_that_grow_do_not_count),
		LIFE_TEST(only_the_fixed_version_regresses),
		LIFE_TEST(one_regresses_with_what_is_inside),
		LIFE_TEST(of_a_common_cause_the_fixed_version_must_grow),
		LIFE_TEST(an_older_leak_is_another_alert),
		LIFE_TEST(versions_without_numbers_follow_by_time),
		cmocka_unit_test(releases_have_an_order),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
