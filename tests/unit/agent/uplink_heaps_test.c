/* What the uplink carries for heap snapshots: orders in, raw parts out. */
#include "tests/unit/agent/uplink_world.h"

static struct snapshot_order an_order(enum snapshot_order_kind kind)
{
	return (struct snapshot_order){.capture = 5,
		.kind = kind,
		.pid = 4711,
		.start_ticks = 99,
		.service = "checkout",
		.route = "",
		.part_to = kind == SNAPSHOT_ORDER_RAW ? 4 : 0};
}

static void orders_ride_on_receipts(void **state)
{
	struct world *w = *state;
	struct snapshot_order two[] = {
		an_order(SNAPSHOT_ORDER_QUOTE), an_order(SNAPSHOT_ORDER_TAKE)};
	w->orders_out = two;
	w->orders_out_count = 2;
	append(w, 1, 1, 100);
	start(w);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	assert_int_equal(w->orders, 2);
	assert_int_equal(w->heard[0].kind, SNAPSHOT_ORDER_QUOTE);
	assert_int_equal(w->heard[1].kind, SNAPSHOT_ORDER_TAKE);
	assert_int_equal(w->heard[1].pid, 4711);
	assert_int_equal(w->heard[1].start_ticks, 99);
	/* Who keeps a copy hears of the receipt while the spool still has the batch. */
	assert_int_equal(w->settled, 1);
	assert_true(w->settled_in_spool);
	/* A receipt that is not for this spool carries no orders. */
	struct wire_receipt strange = {
		fixture_stats(w->spool).epoch + 1, 1, WIRE_STORED, "", two, 2};
	collector_receipt(&w->collector, &strange);
	GO_UNTIL(w, stats(w).strange == 1);
	assert_int_equal(w->orders, 2);
}

static void an_order_ends_the_wait(void **state)
{
	struct world *w = *state;
	struct snapshot_order order = an_order(SNAPSHOT_ORDER_TAKE);
	append(w, 1, 1, 100);
	start(w);
	GO_UNTIL(w, fixture_stats(w->spool).batches == 0);
	struct wire_receipt pushed = {0, 0, WIRE_STORED, "", &order, 1};
	collector_receipt(&w->collector, &pushed);
	int64_t before_ms = clock_mono_ms();
	assert_false(uplink_run(w->uplink, before_ms + 60000, -1));
	assert_true(clock_mono_ms() - before_ms < 5000);
	assert_int_equal(w->orders, 1);
}

static void raw_parts_are_sent_as_ordered(void **state)
{
	struct world *w = *state;
	struct snapshot_order order = an_order(SNAPSHOT_ORDER_RAW);
	w->orders_out = &order;
	w->orders_out_count = 1;
	w->answer_raw = true;
	append(w, 1, 1, 100);
	start(w);
	int64_t before_ms = clock_mono_ms();
	/* The order is repeated with each receipt; while parts are under way it does
	 * not count, and the receipt of the last part orders all of them anew. */
	GO_UNTIL(w, w->raw_seen == 4);
	assert_true(clock_mono_ms() - before_ms >= 3 * UPLINK_RAW_GAP_MS - 50);
	GO_UNTIL(w, w->raw_seen == 8);
	w->orders_out_count = 0;
	GO_UNTIL(w, w->raw_seen == 12); /* the eighth receipt still had it */
	go(w, 300);
	assert_int_equal(w->raw_seen, 12);
	assert_int_equal(stats(w).raw_sent, 12);
	assert_int_equal(stats(w).strange, 0);
}

static void raw_parts_wait_for_receipts_and_batches(void **state)
{
	struct world *w = *state;
	w->raw_to = 4;
	start(w);
	GO_UNTIL(w, w->raw_seen == UPLINK_RAW_WINDOW);
	go(w, 250);
	assert_int_equal(w->raw_seen, UPLINK_RAW_WINDOW); /* nobody has answered */
	append(w, 1, 1, 100);
	GO_UNTIL(w, w->seen[1] == 1); /* a batch goes all the same */
	/* Parts without a receipt are given up, and the next ones go. */
	GO_UNTIL(w, w->raw_seen == 4);
	/* While the server takes no batches, none but batches are sent. */
	w->raw_next = 0;
	w->answer = false;
	append(w, 2, 1 + UPLINK_WINDOW_BATCHES + 5, 100);
	GO_UNTIL(w, stats(w).in_flight == UPLINK_WINDOW_BATCHES);
	int before = w->raw_seen;
	go(w, 250);
	assert_int_equal(w->raw_seen, before);
	w->answer = w->answer_raw = true;
	GO_UNTIL(w, w->raw_seen == 8);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(orders_ride_on_receipts),
		IN_WORLD(an_order_ends_the_wait),
		IN_WORLD(raw_parts_are_sent_as_ordered),
		IN_WORLD(raw_parts_wait_for_receipts_and_batches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
