/* When five minutes are closed: by what agents have delivered, and how long they wait.
 */
#include "server/compact/close.h"
#include "server/history/segment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* 2026-11-22 09:00 UTC. */
#define T0 INT64_C(1795338000000)
#define M  INT64_C(60000)
#define S  INT64_C(1000)

/* Long after its start, at 0 of what tests count. */
#define CALM                                                                           \
	{                                                                              \
		.started_mono_ms = -10 * M                                             \
	}

static int64_t bound(struct close *c, int64_t closed_ms, struct storage_agents agents,
	int64_t now_ms, int64_t mono_ms)
{
	return close_bound(c, closed_ms, &agents, now_ms, mono_ms);
}

/* Ten that report, delivered to `tenth_ms`. */
static struct storage_agents reporting(int64_t tenth_ms)
{
	return (struct storage_agents){.known = 10,
		.reporting = 10,
		.newest_ms = tenth_ms,
		.tenth_ms = tenth_ms};
}

static void five_minutes_close_when_nearly_all_are_past_them(void **state)
{
	(void)state;
	struct close c = CALM;
	int64_t end = T0 + 5 * M;
	assert_int_equal(bound(&c, T0, reporting(end + 40 * S), end + 20 * S, 1), 0);
	assert_int_equal(bound(&c, T0, reporting(end + 20 * S), end + 40 * S, 2), 0);
	assert_int_equal(bound(&c, T0, reporting(end + 30 * S), end + 40 * S, 3), end);
	assert_int_equal(bound(&c, end, reporting(end + 40 * S), end + 50 * S, 4), 0);
}

static void an_outage_is_waited_for(void **state)
{
	(void)state;
	struct close c = CALM;
	int64_t now = T0 + 120 * M, mono = 10;
	/* They deliver what they kept, oldest first: five minutes every few seconds. */
	int64_t closed = T0;
	for (int64_t at = T0; at < now; at += 2 * M, mono += 7 * S) {
		int64_t to = bound(&c, closed, reporting(at), now, mono);
		assert_true(to <= at - CLOSE_GRACE_MS);
		if (to)
			closed = to;
	}
	assert_true(closed > now - 10 * M);
}

static void a_past_that_is_simulated_closes_in_its_own_time(void **state)
{
	(void)state;
	struct close c = CALM;
	assert_int_equal(
		bound(&c, 0, reporting(T0 + 61 * M), T0 + 9999 * M, 5), T0 + 60 * M);
}

static void those_who_never_get_further_are_not_waited_for_longer(void **state)
{
	(void)state;
	struct close c = CALM;
	int64_t now = T0 + 60 * M, mono = 1000;
	struct storage_agents stuck = reporting(T0 - 60 * M);
	stuck.newest_ms = now + 30 * M; /* but for one */
	assert_int_equal(bound(&c, T0, stuck, now, mono), 0);
	assert_int_equal(bound(&c, T0, stuck, now + 9 * M, mono + 9 * M), 0);
	int64_t to = bound(&c, T0, stuck, now + 10 * M, mono + 10 * M);
	assert_int_equal(to, now);
	/* And again: the next five minutes have to wait, too. */
	assert_int_equal(bound(&c, to, stuck, now + 11 * M, mono + 11 * M), 0);
	assert_true(bound(&c, to, stuck, now + 22 * M, mono + 22 * M) > to);
}

static void while_nobody_reports_little_closes(void **state)
{
	(void)state;
	struct close c = {.started_mono_ms = 1000};
	struct storage_agents away = {.known = 3, .newest_ms = T0 + 13 * M};
	assert_int_equal(bound(&c, T0, away, T0 + 60 * M, 1000 + 59 * S), 0);
	assert_int_equal(bound(&c, T0, away, T0 + 60 * M, 1000 + 60 * S), T0 + 10 * M);
	/* The night goes by, and what they bring in the morning is not late. */
	assert_int_equal(bound(&c, T0 + 10 * M, away, T0 + 600 * M, 600 * M), 0);
}

/* After two hours without a server the first agent has a reading of now at once, and
 * the others have two hours that must not be late. */
static void who_comes_back_first_closes_nothing(void **state)
{
	(void)state;
	int64_t now = T0 + 120 * M;
	struct close fresh = {.started_mono_ms = 1000, .asked_mono_ms = 1000};
	assert_int_equal(bound(&fresh, T0, reporting(now), now, 1000 + 2 * S), 0);
	assert_int_equal(bound(&fresh, T0, reporting(now), now, 1000 + 59 * S), 0);
	assert_int_equal(
		bound(&fresh, T0, reporting(now), now, 1000 + 60 * S), now - 5 * M);

	/* Only the collectors were away. */
	struct close stayed = CALM;
	struct storage_agents away = {.known = 10, .newest_ms = T0};
	assert_int_equal(bound(&stayed, T0, away, now, 10 * S), 0);
	assert_int_equal(bound(&stayed, T0, reporting(now), now, 12 * S), 0);
	assert_int_equal(bound(&stayed, T0, reporting(now), now, 69 * S), 0);
	assert_int_equal(bound(&stayed, T0, reporting(now), now, 70 * S), now - 5 * M);

	/* The database was. */
	struct close lost = CALM;
	assert_int_equal(bound(&lost, T0, reporting(T0), T0 + 2 * M, 10 * S), 0);
	int64_t back = 10 * S + 120 * M;
	assert_int_equal(bound(&lost, T0, reporting(now), now, back), 0);
	assert_int_equal(
		bound(&lost, T0, reporting(now), now, back + 60 * S), now - 5 * M);
}

static void a_clock_that_was_ahead_makes_nothing_late(void **state)
{
	(void)state;
	struct close c = CALM;
	int64_t ahead = T0 + 40 * 24 * 60 * M;
	for (int64_t mono = 0; mono < 60 * M; mono += M)
		assert_int_equal(
			bound(&c, T0, reporting(T0 + 20 * S), ahead + mono, mono + 1),
			0);
}

static void without_agents_time_itself_closes(void **state)
{
	(void)state;
	struct close c = {.started_mono_ms = 1000};
	struct storage_agents none = {0};
	assert_int_equal(bound(&c, 0, none, T0 + 60 * M + 30 * S, 1001), T0 + 60 * M);
}

static void a_clock_that_is_ahead_closes_nothing_of_the_future(void **state)
{
	(void)state;
	struct close c = CALM;
	assert_int_equal(
		bound(&c, T0, reporting(T0 + 900 * M), T0 + 7 * M, 5), T0 + 5 * M);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_minutes_close_when_nearly_all_are_past_them),
		cmocka_unit_test(an_outage_is_waited_for),
		cmocka_unit_test(a_past_that_is_simulated_closes_in_its_own_time),
		cmocka_unit_test(those_who_never_get_further_are_not_waited_for_longer),
		cmocka_unit_test(while_nobody_reports_little_closes),
		cmocka_unit_test(who_comes_back_first_closes_nothing),
		cmocka_unit_test(a_clock_that_was_ahead_makes_nothing_late),
		cmocka_unit_test(without_agents_time_itself_closes),
		cmocka_unit_test(a_clock_that_is_ahead_closes_nothing_of_the_future),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
