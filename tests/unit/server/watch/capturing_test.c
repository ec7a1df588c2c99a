/*
 * A policy takes its snapshots of a real fleet in a real database: a first, a second of
 * the same process, a control; and leaves to people what it may not do.  The agents'
 * answers are written into the database here.
 */
#include "server/watch/capturing.h"
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

/* Version 2 leaks in two seats of host 1, in the second one faster; version 1 is steady
 * in two seats of host 2. */
struct fleet {
	long long slow, fast, steady, other;
};

static void judge(long long generation, const char *verdict, int rate, int value_mib)
{
	town_sql(&town,
		"INSERT INTO slot_verdict (slot_id, generation_id, fingerprint_id, at, "
		"verdict, series, rate_kb_h, rate_low_kb_h, rate_high_kb_h, value_kb, "
		"summary, reasons) SELECT slot_id, id, fingerprint_id, "
		"to_timestamp(%" PRId64
		" / 1000.0), '%s', 'rss_anon', %d, %d, %d, %d, '', "
		"'[]' FROM generation WHERE id = %lld ON CONFLICT (slot_id) DO UPDATE "
		"SET value_kb = EXCLUDED.value_kb, generation_id = "
		"EXCLUDED.generation_id",
		town.now_ms, verdict, rate + 10, rate, rate + 20, value_mib << 10,
		generation);
}

static void live(const struct fleet *f, double minutes)
{
	town_wait(&town, minutes);
	town_read(&town, f->slow, 60, 1);
	town_read(&town, f->fast, 60, 2);
	town_read(&town, f->steady, 60, 0);
	town_read(&town, f->other, 60, 0);
}

static struct fleet begin(void)
{
	town_reset(&town);
	struct fleet f = {town_process(&town, 1, 0, 2), town_process(&town, 1, 1, 2),
		town_process(&town, 2, 0, 1), town_process(&town, 2, 1, 1)};
	live(&f, 30);
	judge(f.slow, "leak", 50000, 90);
	judge(f.fast, "leak", 60000, 120);
	judge(f.steady, "steady", -10, 60);
	judge(f.other, "steady", -10, 60);
	town_sql(&town,
		"INSERT INTO finding (service_id, fingerprint_id, kind, first_at, "
		"last_at, slots, slots_leaking, hosts, hosts_leaking, summary, "
		"reasons) VALUES (1, 2, 'leak', now(), now(), 2, 2, 1, 1, '', '[]')");
	town_sql(&town,
		"INSERT INTO snapshot_policy (service_id, enabled, grown_bytes) "
		"VALUES (1, true, 52428800)");
	return f;
}

static void run(void)
{
	struct err e = {0};
	if (!capturing_run(town.db, town.now_ms, 30 * 60000, &town.arena, &e))
		fail_msg("%s", e.text);
}

/* "cause state generation", newest first. */
static void stands(const char *text)
{
	assert_string_equal(
		town_sql(&town, "SELECT string_agg(cause || ' ' || state || "
				"' ' || generation_id, ', ' ORDER BY id "
				"DESC) FROM capture"),
		text);
}

static void quote(const char *gate)
{
	town_sql(&town,
		"UPDATE capture SET state = 'quoted', deadline_at = "
		"to_timestamp(%" PRId64 " / 1000.0) + interval '10 minutes', card = "
		"'{\"gate\": \"%s\", \"reasons\": [\"the pause is too long\"]}' "
		"WHERE state = 'quoting'",
		town.now_ms, gate);
}

/* The ordered snapshot comes, and the process has so much memory after it. */
static void finish(int low_mib)
{
	town_sql(&town,
		"INSERT INTO snapshot (capture_id, service_id, slot_id, generation_id, "
		"fingerprint_id, host_id, taken_at, kind, route, rules, why_shallow, "
		"runtime, stream_bytes, node_count, edge_count, total_bytes, "
		"class_count, native_bytes, typed_array_bytes, code_bytes, "
		"js_array_bytes, string_bytes, system_bytes, accumulators, fanout) "
		"SELECT id, service_id, slot_id, generation_id, fingerprint_id, "
		"host_id, to_timestamp(%" PRId64
		" / 1000.0), 'v8', '', '', '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "
		"'[]', '[]' FROM capture WHERE state = 'ordered'",
		town.now_ms);
	/* The ten minutes of the capture itself are not looked at. */
	int64_t bin_ms = town.now_ms / 600000 * 600000;
	town_sql(&town,
		"INSERT INTO sample (generation_id, at, rss_kb, rss_anon_kb) SELECT "
		"generation_id, to_timestamp(at), 999999, kb FROM capture, (VALUES "
		"(%" PRId64 " / 1000.0, 0), (%" PRId64
		" / 1000.0, %d << 10)) AS v (at, kb) WHERE state "
		"= 'ordered'",
		town.now_ms, bin_ms + 11 * 60000, low_mib);
	town_sql(&town, "UPDATE capture SET state = 'done' WHERE state = 'ordered'");
}

static void a_policy_goes_its_way(void **state)
{
	(void)state;
	struct fleet f = begin();
	run();
	stands(arena_printf(&town.arena, "policy: first quoting %lld", f.fast));
	run(); /* nothing to do while the agent makes its card */
	quote("allowed");
	run();
	stands(arena_printf(&town.arena, "policy: first ordered %lld", f.fast));
	finish(130);
	live(&f, 29);
	judge(f.fast, "leak", 60000, 200);
	run(); /* it has grown, but not cooled down */
	stands(arena_printf(&town.arena, "policy: first done %lld", f.fast));
	live(&f, 2);
	run();
	stands(arena_printf(&town.arena,
		"policy: after growth quoting %lld, policy: first done %lld", f.fast,
		f.fast));
	quote("allowed");
	run();
	finish(210);
	live(&f, 31);
	run();
	stands(arena_printf(&town.arena,
		"policy: control quoting %lld, policy: after growth done %lld, policy: "
		"first done %lld",
		f.steady, f.fast, f.fast));
	quote("allowed");
	run();
	finish(60);
	live(&f, 31);
	run();
	assert_int_equal(town_int(&town, "SELECT count(*) FROM capture"), 3);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM capture WHERE state = "
					 "'done' AND finding_id = 1 AND asked_by IS "
					 "NULL AND confirmed_by IS NULL AND NOT "
					 "overrules AND NOT keep_raw"),
		3);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM audit WHERE actor = "
					 "'policy' AND action IN ('snapshot.ask', "
					 "'snapshot.confirm')"),
		6);
}

/* A fleet of which all the others leak has one that must not be stopped. */
static void the_last_healthy_one_is_no_control(void **state)
{
	(void)state;
	struct fleet f = begin();
	town_sql(&town,
		"UPDATE slot_verdict SET verdict = 'leak', rate_low_kb_h = 1 WHERE "
		"generation_id = %lld",
		f.other);
	run();
	quote("allowed");
	run();
	finish(130);
	live(&f, 31);
	run();
	run();
	stands(arena_printf(&town.arena, "policy: first done %lld", f.fast));
	assert_string_equal(
		town_sql(&town, "SELECT string_agg(detail, ', ') FROM audit "
				"WHERE action = 'policy.skipped'"),
		"finding 1: no other healthy instance of the service runs");
}

/* A capture itself leaves the process larger, which is no growth. */
static void growth_counts_from_after_the_capture(void **state)
{
	(void)state;
	struct fleet f = begin();
	town_sql(&town, "UPDATE snapshot_policy SET with_control = false");
	run();
	quote("allowed");
	run();
	finish(130);
	live(&f, 31);
	judge(f.fast, "leak", 60000, 179);
	run();
	stands(arena_printf(&town.arena, "policy: first done %lld", f.fast));
	judge(f.fast, "leak", 60000, 180);
	run();
	stands(arena_printf(&town.arena,
		"policy: after growth quoting %lld, policy: first done %lld", f.fast,
		f.fast));
}

static void two_findings_of_a_service_take_turns(void **state)
{
	(void)state;
	struct fleet f = begin();
	judge(f.steady, "leak", 40000, 70);
	town_sql(&town, "UPDATE slot_verdict SET verdict = 'leak'");
	town_sql(&town,
		"INSERT INTO finding (service_id, fingerprint_id, kind, first_at, "
		"last_at, slots, slots_leaking, hosts, hosts_leaking, summary, "
		"reasons) VALUES (1, 1, 'leak', now(), now(), 1, 1, 1, 1, '', '[]')");
	run();
	stands(arena_printf(&town.arena, "policy: first quoting %lld", f.fast));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM audit"), 1);
}

static void a_policy_that_is_off_does_nothing(void **state)
{
	(void)state;
	begin();
	town_sql(&town, "UPDATE snapshot_policy SET enabled = false");
	run();
	town_sql(&town, "DELETE FROM snapshot_policy");
	run();
	town_sql(&town, "INSERT INTO snapshot_policy (service_id) VALUES (1)");
	run();
	assert_int_equal(town_int(&town, "SELECT count(*) FROM capture"), 0);
}

static void what_the_gate_does_not_allow_is_left(void **state)
{
	(void)state;
	struct fleet f = begin();
	run();
	quote("asks");
	run();
	run();
	stands(arena_printf(&town.arena, "policy: first quoted %lld", f.fast));
	assert_int_equal(town_int(&town, "SELECT count(*) FROM audit WHERE action = "
					 "'policy.left' AND host_id = 1"),
		1);
	assert_string_equal(town_sql(&town, "SELECT detail FROM audit WHERE action = "
					    "'policy.left'"),
		"capture 1: the gate says \"asks\", which a policy does not overrule");
}

static void what_cannot_be_ordered_is_left(void **state)
{
	(void)state;
	begin();
	run();
	quote("allowed");
	town_wait(&town, 5); /* the agent falls silent */
	run();
	run();
	assert_int_equal(town_int(&town, "SELECT count(*) FROM audit WHERE action = "
					 "'policy.left'"),
		1);
	assert_string_equal(town_sql(&town, "SELECT detail FROM audit WHERE action = "
					    "'policy.left'"),
		"capture 1: the agent of alpha does not report");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM audit WHERE action = "
					 "'snapshot.refused'"),
		1);
}

static void the_last_one_is_left_alone(void **state)
{
	(void)state;
	struct fleet f = begin();
	town_wait(&town, 10);
	town_read(&town, f.fast, 60, 2);
	run();
	run();
	assert_int_equal(town_int(&town, "SELECT count(*) FROM capture"), 0);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM audit"), 1);
	assert_string_equal(town_sql(&town, "SELECT action || ' ' || subject || ' ' || "
					    "detail FROM audit"),
		"policy.skipped checkout 1.1.0 finding 1: no other healthy instance of "
		"the service runs");
}

static void findings_that_are_over_take_nothing(void **state)
{
	(void)state;
	begin();
	town_sql(&town, "UPDATE finding SET active = false");
	run();
	town_sql(&town, "UPDATE finding SET active = true; INSERT INTO alert "
			"(finding_id, state, opened_at) VALUES (1, 'resolved', now())");
	run();
	assert_int_equal(town_int(&town, "SELECT count(*) FROM capture"), 0);
	town_sql(&town, "UPDATE alert SET state = 'acknowledged'");
	run();
	assert_int_equal(town_int(&town, "SELECT count(*) FROM capture"), 1);
}

/* While people look at a card, the policy waits; what was refused is not asked again at
 * once. */
static void people_come_first(void **state)
{
	(void)state;
	struct fleet f = begin();
	town_sql(&town,
		"INSERT INTO capture (service_id, slot_id, generation_id, "
		"fingerprint_id, host_id, cause, asked_at, state, deadline_at) SELECT "
		"1, slot_id, id, fingerprint_id, host_id, 'console', "
		"to_timestamp(%" PRId64
		" / 1000.0), 'quoted', now() + interval '1 year' FROM generation WHERE "
		"id = %lld",
		town.now_ms, f.slow);
	run();
	assert_int_equal(town_int(&town, "SELECT count(*) FROM capture"), 1);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM audit"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_goes_its_way),
		cmocka_unit_test(the_last_healthy_one_is_no_control),
		cmocka_unit_test(growth_counts_from_after_the_capture),
		cmocka_unit_test(two_findings_of_a_service_take_turns),
		cmocka_unit_test(a_policy_that_is_off_does_nothing),
		cmocka_unit_test(what_the_gate_does_not_allow_is_left),
		cmocka_unit_test(what_cannot_be_ordered_is_left),
		cmocka_unit_test(the_last_one_is_left_alone),
		cmocka_unit_test(findings_that_are_over_take_nothing),
		cmocka_unit_test(people_come_first),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
