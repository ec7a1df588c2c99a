/* What is derived from what a queue says: totals, what is overdue, shares. */
#include "agent/queue/figures.h"
#include "agent/queue/ledger.h"
#include "agent/queue/overdue.h"
#include "agent/queue/shares.h"
#include "agent/queue/standing.h"

#include "tests/unit/cmocka_all.h"

#include <math.h>

static void ledger_counts_what_left(void **state)
{
	(void)state;
	struct ledger l = {0};
	ledger_look(&l, 100, 40, 10); /* at the first look: all that ever left */
	assert_int_equal(l.completed, 50);
	assert_int_equal(l.failures, 10);
	ledger_look(&l, 160, 40, 10); /* sixty came, sixty left, none is kept */
	assert_int_equal(l.completed, 110);
	ledger_look(&l, 160, 30, 15); /* ten left, five of them failed */
	assert_int_equal(l.completed, 115);
	assert_int_equal(l.failures, 15);
	ledger_look(&l, 160, 35, 10); /* the five are tried again */
	assert_int_equal(l.completed, 115);
	assert_int_equal(l.failures, 15);
}

static void ledger_never_goes_down_but_with_the_server(void **state)
{
	(void)state;
	struct ledger l = {0};
	ledger_look(&l, 100, 20, 0);
	ledger_look(&l, 100, 23, 0); /* read while it worked */
	assert_int_equal(l.completed, 80);
	ledger_look(&l, 104, 23, 0);
	assert_int_equal(l.completed, 81);
	ledger_look(&l, 3, 1, 0); /* emptied */
	assert_int_equal(l.completed, 2);
	assert_int_equal(l.failures, 0);
}

static void overdue_needs_to_know_how_long_it_takes(void **state)
{
	(void)state;
	struct overdue o = {0};
	const struct overdue_item one = {1, 1000};
	overdue_look(&o, &one, 1, 900000, true);
	assert_int_equal(overdue_count(&o, 900000), -1);
	int64_t durations[OVERDUE_LEAST];
	for (int i = 0; i < OVERDUE_LEAST; i++)
		durations[i] = 2000;
	overdue_learn(&o, durations, OVERDUE_LEAST - 1);
	assert_int_equal(overdue_count(&o, 900000), -1);
	overdue_learn(&o, durations, OVERDUE_LEAST);
	assert_int_equal(overdue_count(&o, 900000), 1);
	assert_int_equal(
		overdue_count(&o, 1000 + 6000), 0); /* three times is not over */
	assert_int_equal(overdue_count(&o, 1000 + 6001), 1);
}

static void overdue_takes_the_99th_percentile_and_a_second_at_least(void **state)
{
	(void)state;
	struct overdue o = {0};
	int64_t durations[OVERDUE_DURATIONS];
	for (int i = 0; i < OVERDUE_DURATIONS; i++)
		durations[i] = i < 2 ? 60000 : 10; /* one in a hundred is long */
	overdue_learn(&o, durations, OVERDUE_DURATIONS);
	const struct overdue_item items[] = {{1, 0}, {2, 5000}};
	overdue_look(&o, items, 2, 5500, false);
	assert_int_equal(overdue_count(&o, 5500), 1);
	for (int i = 0; i < 4; i++)
		durations[i] = 60000;
	overdue_learn(&o, durations, OVERDUE_DURATIONS);
	assert_int_equal(overdue_count(&o, 5500), 0);
}

static void overdue_learns_from_those_that_are_gone(void **state)
{
	(void)state;
	struct overdue o = {0};
	struct overdue_item items[OVERDUE_LEAST + 1];
	for (int i = 0; i <= OVERDUE_LEAST; i++)
		items[i] = (struct overdue_item){(uint64_t)i, 0};
	overdue_look(&o, items, OVERDUE_LEAST + 1, 1000, true);
	overdue_look(&o, items, 1, 2000, true); /* all but the first ended */
	assert_int_equal(o.count, OVERDUE_LEAST);
	assert_int_equal(overdue_count(&o, 6000), 0);
	assert_int_equal(overdue_count(&o, 6001), 1);
}

static void shares_lose_nothing(void **state)
{
	(void)state;
	const int64_t weights[] = {1, 5, 0, 3};
	int64_t out[4] = {0};
	shares_divide(100, weights, 4, out);
	assert_int_equal(out[0] + out[1] + out[2] + out[3], 100);
	assert_int_equal(out[0], 11);
	assert_int_equal(out[1], 56);
	assert_int_equal(out[2], 0);
	const int64_t none[] = {0, 0, 0};
	int64_t even[3] = {0};
	shares_divide(10, none, 3, even);
	assert_int_equal(even[0] + even[1] + even[2], 10);
	assert_int_equal(even[1], 3);
}

static int64_t value(const struct wire_values *v, enum metric_queue metric)
{
	return v->present >> metric & 1 ? v->value[metric] : -1;
}

/* What an application may answer when it means harm, or has a bug. */
static void poisoned_figures_are_not_known(void **state)
{
	(void)state;
	static const double poison[] = {NAN, INFINITY, -INFINITY, -1, -0.6, -1e308,
		9.3e15, 9223372036854775807.0, 18446744073709551616.0, 1e308};
	for (int figure = 0; figure < QUEUE_SPEC_FIGURES; figure++) {
		for (size_t i = 0; i < sizeof poison / sizeof *poison; i++) {
			struct wire_values v = {0};
			struct known_queue known = {0};
			/* For an age a time to come is the present. */
			bool is_time = figure == QUEUE_FIGURE_OLDEST &&
				       isfinite(poison[i]) && poison[i] > 1e9;
			figures_set(&v, figure, poison[i], 1700000000000);
			figures_derive(&v, &known);
			assert_int_equal(v.present != 0, is_time);
			if (is_time)
				assert_int_equal(v.value[QUEUE_oldest_ms], 0);
		}
	}
}

static void figures_are_whole_and_derived(void **state)
{
	(void)state;
	struct wire_values v = {0};
	struct known_queue known = {0};
	figures_set(&v, QUEUE_FIGURE_WAITING, 7, 0);
	figures_set(&v, QUEUE_FIGURE_ACTIVE, 2, 0);
	figures_set(&v, QUEUE_FIGURE_ENTERED, 1e3, 0);
	figures_set(&v, QUEUE_FIGURE_DELAYED, NAN, 0);
	figures_set(&v, QUEUE_FIGURE_FAILURES, -1, 0);
	figures_set(&v, QUEUE_FIGURE_OLDEST, 1.5, 0);
	figures_derive(&v, &known);
	assert_int_equal(value(&v, QUEUE_depth), 9);
	assert_int_equal(value(&v, QUEUE_completed), 991);
	assert_int_equal(value(&v, QUEUE_oldest_ms), 1500);
	assert_int_equal(value(&v, QUEUE_delayed), -1);
	assert_int_equal(value(&v, QUEUE_failures), -1);
	v = (struct wire_values){0};
	known = (struct known_queue){0};
	figures_set(&v, QUEUE_FIGURE_OLDEST, 1700000000, INT64_C(1700000060000));
	figures_set(&v, QUEUE_FIGURE_COMPLETED, 50, 0);
	figures_set(&v, QUEUE_FIGURE_DEPTH, 5, 0);
	figures_derive(&v, &known);
	assert_int_equal(value(&v, QUEUE_oldest_ms), 60000);
	assert_int_equal(value(&v, QUEUE_entered), 55);
}

static void failures_are_left_alone_for_longer(void **state)
{
	(void)state;
	struct standing s = {0};
	assert_int_equal(standing_wait_ms(&s, 10000), 10000);
	s.failures = 1;
	assert_int_equal(standing_wait_ms(&s, 10000), 20000);
	s.failures = 3;
	assert_int_equal(standing_wait_ms(&s, 10000), 80000);
	s.failures = 1000000;
	assert_int_equal(standing_wait_ms(&s, 10000), STANDING_MOST_MS);
	assert_int_equal(standing_wait_ms(&s, 3600000), 3600000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ledger_counts_what_left),
		cmocka_unit_test(ledger_never_goes_down_but_with_the_server),
		cmocka_unit_test(overdue_needs_to_know_how_long_it_takes),
		cmocka_unit_test(
			overdue_takes_the_99th_percentile_and_a_second_at_least),
		cmocka_unit_test(overdue_learns_from_those_that_are_gone),
		cmocka_unit_test(shares_lose_nothing),
		cmocka_unit_test(poisoned_figures_are_not_known),
		cmocka_unit_test(figures_are_whole_and_derived),
		cmocka_unit_test(failures_are_left_alone_for_longer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
