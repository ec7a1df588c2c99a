/*
 * From what a runtime says to metrics: what is unknown is absent, limits are the real
 * ones, and a floor is only said when a full collection was seen.
 */
#include "agent/insides/values.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static bool has(const struct wire_values *v, int metric)
{
	return v->present & UINT64_C(1) << metric;
}

static struct hsperf jvm(int64_t young_max, int64_t old_max, int64_t old_used, int full)
{
	struct hsperf h;
	memset(&h, 0xff, sizeof h); /* -1 everywhere */
	h.generation[0].maximum = young_max;
	h.generation[0].capacity = 10 << 20;
	h.generation[0].used[0] = 4 << 20;
	h.generation[0].used[1] = 1 << 20;
	h.generation[1].maximum = old_max;
	h.generation[1].capacity = 30 << 20;
	h.generation[1].used[0] = old_used;
	h.collector[0].count = 9;
	h.collector[0].ticks = 500;
	h.collector[1].count = full;
	h.collector[1].ticks = 250;
	h.ticks_per_s = 1000;
	h.version[0] = '\0';
	return h;
}

static void a_node_says_what_it_knows(void **state)
{
	(void)state;
	struct door_statistics s;
	struct wire_values v = {0};
	memset(&s, 0xff, sizeof s);
	s.heap_used_bytes = 50 << 20;
	s.heap_limit_bytes = INT64_C(4) << 30;
	s.loop_delay_p99_ms = 1.5;
	s.loop_utilization_ratio = 0.25;
	s.loop_delay_max_ms = -1;
	s.gc_ms = -1;
	s.contexts = INT64_C(1) << 40; /* more than the column holds */
	values_node(&s, &v);
	assert_int_equal(v.value[PROCESS_heap_used_kb], 50 << 10);
	assert_int_equal(v.value[PROCESS_heap_limit_kb], 4 << 20);
	assert_int_equal(v.value[PROCESS_loop_delay_p99_us], 1500);
	assert_int_equal(v.value[PROCESS_loop_busy_permille], 250);
	assert_false(has(&v, PROCESS_heap_floor_kb));
	assert_false(has(&v, PROCESS_gc_ms));
	assert_false(has(&v, PROCESS_native_contexts));
	assert_false(has(&v, PROCESS_requests));
}

static void generations_that_share_a_heap_have_one_limit(void **state)
{
	(void)state;
	struct values_floor floor = {0};
	struct hsperf g1 = jvm((128 << 20) + 24, (128 << 20) + 8, 25 << 20, 0);
	struct hsperf serial = jvm(42 << 20, 85 << 20, 25 << 20, 0);
	struct wire_values v = {0}, w = {0};
	values_java(&g1, &floor, &v);
	values_java(&serial, &floor, &w);
	assert_int_equal(v.value[PROCESS_heap_limit_kb], 128 << 10);
	assert_int_equal(w.value[PROCESS_heap_limit_kb], 127 << 10);
	assert_int_equal(v.value[PROCESS_heap_used_kb], 30 << 10);
	assert_int_equal(v.value[PROCESS_heap_new_kb], 5 << 10);
	assert_int_equal(v.value[PROCESS_heap_total_kb], 40 << 10);
	assert_int_equal(v.value[PROCESS_gc_count], 9);
	assert_int_equal(v.value[PROCESS_gc_ms], 750);
	assert_false(has(&v, PROCESS_heap_code_kb));
}

static void a_floor_is_said_once_a_full_collection_was_seen(void **state)
{
	(void)state;
	struct values_floor floor = {0};
	struct hsperf before = jvm(42 << 20, 85 << 20, 60 << 20, 3);
	struct hsperf after = jvm(42 << 20, 85 << 20, 20 << 20, 4);
	struct hsperf later = jvm(42 << 20, 85 << 20, 50 << 20, 4);
	struct wire_values v[3] = {0};
	values_java(&before, &floor, &v[0]);
	values_java(&after, &floor, &v[1]);
	values_java(&later, &floor, &v[2]);
	assert_false(has(&v[0], PROCESS_heap_floor_kb));
	assert_int_equal(v[1].value[PROCESS_heap_floor_kb], 20 << 10);
	assert_int_equal(v[2].value[PROCESS_heap_floor_kb], 20 << 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_says_what_it_knows),
		cmocka_unit_test(generations_that_share_a_heap_have_one_limit),
		cmocka_unit_test(a_floor_is_said_once_a_full_collection_was_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
