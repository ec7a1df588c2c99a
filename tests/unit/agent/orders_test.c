/* Which captures are known: repeats, restarts, and no more than a bounded number. */
#include "agent/orders.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

#define NOW INT64_C(1795305600000) /* 2026-11-22 00:00:00 */

static struct orders *orders;

static int set_up(void **state)
{
	(void)state;
	orders = orders_create();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	orders_destroy(orders);
	return 0;
}

static struct snapshot_order take(uint64_t capture)
{
	return (struct snapshot_order){.capture = capture,
		.kind = SNAPSHOT_ORDER_TAKE,
		.pid = 4711,
		.start_ticks = 99,
		.deadline_unix_ms = NOW,
		.service = "checkout",
		.route = ""};
}

static void report(const struct snapshot_order *order, enum snapshot_state state)
{
	const struct snapshot_event event = {.capture = order->capture,
		.at_unix_ms = NOW,
		.state = state,
		.text = "two\nlines\tand a tab",
		.actor = ""};
	struct orders_entry *entry = orders_find(orders, order);
	assert_non_null(entry);
	orders_report(entry, &event);
}

static void a_repeat_is_known_and_another_is_not(void **state)
{
	(void)state;
	struct snapshot_order order = take(7);
	assert_null(orders_find(orders, &order));
	orders_add(orders, &order, NOW);
	assert_non_null(orders_find(orders, &order));
	struct snapshot_order other = order;
	other.kind = SNAPSHOT_ORDER_QUOTE; /* card and snapshot are two orders */
	assert_null(orders_find(orders, &other));
	other = order;
	other.start_ticks++; /* of a server that counts anew */
	assert_null(orders_find(orders, &other));
	other = order;
	other.deadline_unix_ms += 60000; /* the same order, said differently */
	assert_non_null(orders_find(orders, &other));
	/* Another server, which has counted to the same number for the same process. */
	report(&order, SNAPSHOT_DONE);
	other.deadline_unix_ms += ORDERS_ANOTHER_MS;
	assert_null(orders_find(orders, &other));
	orders_add(orders, &other, NOW);
	assert_int_equal(orders_find(orders, &other)->stage, ORDERS_WAITS);
}

static void an_end_is_an_end(void **state)
{
	(void)state;
	struct snapshot_order order = take(1), quote = take(1);
	quote.kind = SNAPSHOT_ORDER_QUOTE;
	orders_add(orders, &order, NOW);
	orders_add(orders, &quote, NOW);
	report(&order, SNAPSHOT_QUOTED);
	assert_int_equal(orders_find(orders, &order)->stage, ORDERS_WAITS);
	report(&order, SNAPSHOT_RUNNING);
	assert_int_equal(orders_find(orders, &order)->stage, ORDERS_WAITS);
	report(&order, SNAPSHOT_DONE);
	assert_int_equal(orders_find(orders, &order)->stage, ORDERS_ENDED);
	report(&quote, SNAPSHOT_QUOTED);
	assert_int_equal(orders_find(orders, &quote)->stage, ORDERS_ENDED);
}

static void a_card_says_why(void **state)
{
	(void)state;
	struct snapshot_order order = take(1);
	const struct snapshot_event event = {.capture = 1,
		.at_unix_ms = NOW,
		.state = SNAPSHOT_DENIED,
		.text = "",
		.actor = "",
		.has_card = true,
		.card.reasons = "too little memory\ntoo soon"};
	orders_report(orders_add(orders, &order, NOW), &event);
	assert_string_equal(
		orders_find(orders, &order)->text, "too little memory too soon");
}

static void is_remembered_over_a_restart(void **state)
{
	(void)state;
	struct snapshot_order done = take(1), begun = take(2), waits = take(3);
	orders_add(orders, &done, NOW);
	report(&done, SNAPSHOT_DONE);
	orders_add(orders, &begun, NOW)->stage = ORDERS_BEGUN;
	orders_add(orders, &waits, NOW);
	struct buf text = {0};
	struct err e;
	orders_format(orders, &text);
	orders_destroy(orders);
	orders = orders_create();
	assert_true(orders_parse(orders, text.data, &e));
	struct orders_entry *entry = orders_find(orders, &done);
	assert_non_null(entry);
	assert_int_equal(entry->stage, ORDERS_ENDED);
	assert_int_equal(entry->state, SNAPSHOT_DONE);
	assert_int_equal(entry->changed_unix_ms, NOW);
	assert_string_equal(entry->service, "checkout");
	assert_string_equal(entry->text, "two lines and a tab");
	entry = orders_find(orders, &begun);
	assert_non_null(entry);
	assert_int_equal(entry->stage, ORDERS_BEGUN);
	assert_null(orders_find(orders, &waits)); /* is begun when it is repeated */
	buf_finish(&text);
}

static void a_damaged_line_costs_only_what_is_behind(void **state)
{
	(void)state;
	static const char *const wrong[] = {"x\n", "2 2 1 1 9 2 4 5\n",
		"2 9 1 1 9 2 4 5\ta\tb\n", "2 2 1 1 9 0 4 5\ta\tb\n",
		"2 2 1 1 9 2 9 5\ta\tb\n", "2 2 1 1 9 2 4 5\ta\n",
		"2 2 1 1 9 2 4\ta\tb\n"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct buf text = {0};
		struct err e;
		size_t count;
		buf_printf(&text, "1 2 4711 99 9 2 4 5\tcheckout\t\n%s", wrong[i]);
		assert_false(orders_parse(orders, text.data, &e));
		assert_non_null(strstr(e.text, "line 2"));
		orders_all(orders, &count);
		assert_int_equal(count, 1);
		orders_destroy(orders);
		orders = orders_create();
		buf_finish(&text);
	}
}

static void the_oldest_that_ended_makes_room(void **state)
{
	(void)state;
	size_t count;
	for (uint64_t n = 1; n <= ORDERS_KNOWN_MAX; n++) {
		struct snapshot_order order = take(n);
		orders_add(orders, &order, NOW);
		if (n > 2)
			report(&order, SNAPSHOT_DONE);
	}
	struct snapshot_order one = take(1), three = take(3), more = take(9999);
	orders_add(orders, &more, NOW);
	orders_all(orders, &count);
	assert_int_equal(count, ORDERS_KNOWN_MAX);
	assert_non_null(orders_find(orders, &one)); /* still under way */
	assert_null(orders_find(orders, &three));
	assert_non_null(orders_find(orders, &more));
}

static void is_shown_to_people(void **state)
{
	(void)state;
	struct snapshot_order order = take(17);
	struct buf text = {0};
	orders_add(orders, &order, NOW);
	report(&order, SNAPSHOT_DENIED);
	orders_show(orders, &text);
	assert_string_equal(text.data,
		"snapshot    2026-11-22 00:00:00 UTC  checkout process 4711, capture "
		"17: refused: two lines and a tab\n");
	buf_finish(&text);
}

#define WITH_ORDERS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ORDERS(a_repeat_is_known_and_another_is_not),
		WITH_ORDERS(an_end_is_an_end),
		WITH_ORDERS(a_card_says_why),
		WITH_ORDERS(is_remembered_over_a_restart),
		WITH_ORDERS(a_damaged_line_costs_only_what_is_behind),
		WITH_ORDERS(the_oldest_that_ended_makes_room),
		WITH_ORDERS(is_shown_to_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
