/* What people split off or merge goes on being told: over a real database, with reports
 * made by hand in place of the detector; and how a cause is divided, on arrays. */
#include "server/watch/splitting.h"

#include "server/store/cases.h"
#include "tests/unit/server/watch/found.h"

static struct cases_answer split_off(int64_t alert, int64_t slot, struct arena *a)
{
	struct cases_answer answer;
	struct err e;
	const struct cases_step step = {.alert_id = alert,
		.user_id = 1,
		.now_ms = town.now_ms,
		.these = {&slot, 1},
		.note = "the canary"};
	if (!cases_split(town.db, &step, a, &answer, &e))
		fail_msg("%s", e.text);
	return answer;
}

static enum cases_outcome merge(int64_t into, int64_t alert)
{
	struct arena a;
	struct cases_answer answer;
	struct err e;
	arena_init(&a);
	const struct cases_step step = {.alert_id = into,
		.user_id = 1,
		.now_ms = town.now_ms,
		.these = {&alert, 1}};
	if (!cases_merge(town.db, &step, &a, &answer, &e))
		fail_msg("%s", e.text);
	arena_finish(&a);
	return answer.outcome;
}

static void resolve(int64_t alert)
{
	town_sql(&town,
		"UPDATE alert SET state = 'resolved', resolution = 'fixed', "
		"resolved_by = 1, resolved_at = to_timestamp(%" PRId64
		" / 1000.0) WHERE id = %" PRId64,
		town.now_ms, alert);
}

static const char *seats(void)
{
	return town_sql(&town,
		"SELECT string_agg(a.id || ':' || i.slot_id || ' ' || a.state, ', ' "
		"ORDER BY a.id, i.slot_id) FROM alert a JOIN finding_slot i USING "
		"(finding_id)");
}

static const char *states(void)
{
	return town_sql(&town,
		"SELECT string_agg(id || ' ' || state || resolution || "
		"COALESCE(' in ' || merged_into, ''), ', ' ORDER BY id) FROM alert");
}

static void what_was_split_off_has_its_own_life(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	turns(1, 1);
	assert_int_equal(split_off(1, 2, &a).alert_id, 2);
	assert_string_equal(seats(), "1:1 open, 2:2 open");
	rates[1].kb_h = 20480;
	assert_false(turns(3, 1));
	assert_string_equal(seats(), "1:1 open, 2:2 open");
	assert_string_equal(
		town_sql(&town, "SELECT string_agg(slots_leaking || '/' || slots || "
				"' ' || hosts_leaking || ' ' || rate_kb_h, ', ' ORDER "
				"BY id) FROM finding"),
		"1/1 1 102400, 1/1 1 20480");
	assert_string_equal(town_sql(&town, "SELECT summary FROM finding WHERE id = 2"),
		"checkout 1.1.0: 1 instance split off: 20 MiB/h (90 to 110)");
	/* One of them is fixed, the other goes on. */
	resolve(2);
	assert_false(turns(3, 1));
	assert_string_equal(states(), "1 open, 2 resolvedfixed");
	/* And ends: the alert that was split off does not end with it. */
	slots[0] = 2;
	finding.slot_count = 1;
	turns(600, 10);
	assert_string_equal(
		town_sql(&town, "SELECT state || resolution FROM alert WHERE id = 1"),
		"resolvedgone");
	assert_int_equal(town_int(&town, "SELECT count(*) FROM finding"), 2);
	arena_finish(&a);
}

static void a_split_leaves_something(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	turns(1, 1);
	assert_int_equal(split_off(1, 7, &a).outcome, CASES_WRONG);
	assert_int_equal(split_off(7, 1, &a).outcome, CASES_MISSING);
	assert_int_equal(split_off(1, 2, &a).outcome, CASES_DONE);
	assert_int_equal(split_off(1, 1, &a).outcome, CASES_WRONG);
	assert_int_equal(split_off(2, 2, &a).outcome, CASES_WRONG);
	resolve(1);
	assert_int_equal(split_off(1, 1, &a).outcome, CASES_REFUSED);
	assert_int_equal(town_int(&town, "SELECT count(*) FROM alert"), 2);
	arena_finish(&a);
}

/* Growth is alert 1, what waits is alert 2. */
static void two_alerts(void)
{
	turns(1, 1);
	finding.kind = ANALYSE_KIND_BACKLOG;
	turns(1, 1);
}

static void people_resolve_what_is_inside_with_it(void **state)
{
	(void)state;
	two_alerts();
	assert_int_equal(merge(1, 2), CASES_DONE);
	resolve(1);
	assert_string_equal(states(), "1 resolvedfixed, 2 resolvedfixed in 1");
	assert_int_equal(merge(2, 1), CASES_REFUSED);
	town_sql(&town, "UPDATE alert SET state = 'open', resolution = '', "
			"resolved_by = NULL, resolved_at = NULL WHERE id = 1");
	assert_string_equal(states(), "1 open, 2 open in 1");
}

/* Or nobody would see it. */
static void one_that_is_not_over_leaves_one_that_is_gone(void **state)
{
	(void)state;
	two_alerts();
	assert_int_equal(merge(1, 2), CASES_DONE);
	turns(600, 10);
	assert_string_equal(states(), "1 resolvedgone, 2 open");
	assert_string_equal(town_sql(&town, "SELECT text FROM alert_event WHERE "
					    "alert_id = 2 ORDER BY id DESC LIMIT 1"),
		"Alert 1 is over, and this one is not");
	assert_int_equal(merge(1, 2), CASES_REFUSED);
}

/* What is inside and comes back brings back what it is in. */
static void one_that_opens_by_itself_opens_what_it_is_in(void **state)
{
	(void)state;
	two_alerts();
	assert_int_equal(merge(1, 2), CASES_DONE);
	resolve(1);
	town_sql(&town,
		"UPDATE alert SET state = 'open', resolution = '', reopened = 1, "
		"resolved_by = NULL, resolved_at = NULL WHERE id = 2");
	assert_string_equal(states(), "1 open, 2 open in 1");
	assert_int_equal(town_int(&town, "SELECT reopened FROM alert WHERE id = 1"), 1);
}

static void a_cause_is_divided_by_its_seats(void **state)
{
	(void)state;
	static const int64_t mine[] = {3, 4}, found[] = {1, 2, 3};
	static const struct analyse_rate each[] = {
		{true, 10, 8, 12}, {true, 30, 28, 32}, {true, 5, 4, 6}};
	static const struct splitting_seat on[] = {{1, 1}, {2, 1}, {3, 2}, {4, 3}};
	const struct fleet_finding f = {.service_id = 1,
		.kind = ANALYSE_KIND_LEAK,
		.slot_ids = found,
		.slot_rates = each,
		.slot_count = 3,
		.slots = 6,
		.hosts = 4};
	struct splitting_part part = {.finding_id = 9,
		.service_id = 1,
		.name = "checkout 1.1.0",
		.slots = mine,
		.slot_count = 2};
	struct splitting_input in = {&f, 1, &part, 1, on, 4};
	struct splitting out;
	struct arena a;
	arena_init(&a);
	splitting_divide(&in, &a, &out);
	assert_int_equal(out.count, 2);
	assert_int_equal(out.parts[0], 9);
	assert_int_equal(out.findings[0].slot_count, 1);
	assert_int_equal(out.findings[0].slots, 2);
	assert_int_equal(out.findings[0].hosts, 2);
	assert_int_equal(out.findings[0].hosts_leaking, 1);
	assert_float_equal(out.findings[0].rate.kb_h, 5, 1e-9);
	assert_int_equal(out.parts[1], 0);
	assert_int_equal(out.findings[1].slots, 4);
	assert_int_equal(out.findings[1].hosts_leaking, 1);
	assert_float_equal(out.findings[1].rate.kb_h, 20, 1e-9);
	assert_float_equal(out.findings[1].rate.low_kb_h, 18, 1e-9);
	/* What waits is another cause than what grows; and so is another service. */
	part.is_backlog = true;
	splitting_divide(&in, &a, &out);
	assert_int_equal(out.count, 1);
	assert_int_equal(out.parts[0], 0);
	assert_int_equal(out.findings[0].slot_count, 3);
	arena_finish(&a);
}

#define CASE_TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE_TEST(what_was_split_off_has_its_own_life),
		CASE_TEST(a_split_leaves_something),
		CASE_TEST(people_resolve_what_is_inside_with_it),
		CASE_TEST(one_that_is_not_over_leaves_one_that_is_gone),
		CASE_TEST(one_that_opens_by_itself_opens_what_it_is_in),
		cmocka_unit_test(a_cause_is_divided_by_its_seats),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
