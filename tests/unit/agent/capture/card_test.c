/* What a capture is said to cost. */
#include "agent/capture/card.h"

#include "tests/unit/cmocka_all.h"

#define MIB (UINT64_C(1) << 20)

static void figures_follow_the_measurements(void **state)
{
	struct card c;
	(void)state;
	card_estimate(&c, 50 * 1000 * 1000, true);
	assert_true(c.heap_is_measured);
	assert_int_equal(c.pause_ms, 5000);
	assert_int_equal(c.need_bytes, 600 * 1000 * 1000 + 64 * MIB);
	assert_int_equal(c.file_bytes, 95 * 1000 * 1000);
	assert_int_equal(c.helper_bytes, 142500 * 1000);
	card_estimate(&c, 0, false);
	assert_int_equal(c.need_bytes, 64 * MIB);
	assert_int_equal(c.pause_ms, 0);
}

static void an_absurd_heap_does_not_overflow(void **state)
{
	struct card c, same;
	(void)state;
	card_estimate(&c, UINT64_MAX, false);
	card_estimate(&same, UINT64_C(1) << 48, false);
	assert_memory_equal(&c, &same, sizeof c);
	assert_true(c.need_bytes > c.heap_bytes);
	assert_true(c.pause_ms > 0);
}

/* The analysis and the target share the machine; the limit binds too. */
static void the_mode_follows_the_room(void **state)
{
	struct card c;
	(void)state;
	struct room room = {.free_bytes = 1000 * MIB, .available_bytes = 10000 * MIB};
	card_estimate(&c, 100 * MIB, true); /* needs 1264 MiB, 285 to analyse */
	card_fit(&c, &room, 0);
	assert_true(c.will_be_exact);
	assert_int_equal(c.helper_max_bytes / MIB, 700);

	card_fit(&c, &room, 200 * MIB);
	assert_false(c.will_be_exact);
	assert_int_equal(c.helper_max_bytes, 200 * MIB);

	room.available_bytes = 2000 * MIB; /* 1400 of it, 1264 are the target's */
	card_fit(&c, &room, 0);
	assert_false(c.will_be_exact);
	assert_int_equal(c.helper_max_bytes / MIB, 136);

	room.available_bytes = 1000 * MIB;
	card_fit(&c, &room, 0);
	assert_false(c.will_be_exact);
	assert_int_equal(c.helper_max_bytes, 0);
}

static void a_java_machine_costs_a_collection(void **state)
{
	struct card c;
	(void)state;
	card_estimate_jvm(&c, UINT64_C(1000) * 1000 * 1000);
	assert_int_equal(c.pause_ms, 1100);
	assert_int_equal(c.need_bytes, 16 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_follow_the_measurements),
		cmocka_unit_test(an_absurd_heap_does_not_overflow),
		cmocka_unit_test(the_mode_follows_the_room),
		cmocka_unit_test(a_java_machine_costs_a_collection),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
