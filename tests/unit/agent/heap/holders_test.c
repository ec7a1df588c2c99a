/* Accumulators and fan-out on heaps whose answer is known. */
#include "agent/heap/holders.h"

#include "tests/unit/agent/heap/maker.h"
#include "tests/unit/cmocka_all.h"

static struct maker m;

/* An array as V8 keeps one: the object, its elements, and edges from both. */
static uint32_t make_array(struct maker *maker, uint32_t holder, const char *name)
{
	uint32_t array = maker_node(maker, MAKER_OBJECT, "Array", 16);
	uint32_t store = maker_node(maker, MAKER_ARRAY, "", 800);
	maker_edge(maker, holder, MAKER_PROPERTY, name, array);
	maker_edge(maker, array, MAKER_INTERNAL, "elements", store);
	return array;
}

static void add_to_array(
	struct maker *maker, uint32_t array, uint32_t at, uint32_t node)
{
	maker_element(maker, array, at, node);
	maker_put_edge(
		maker, &(struct maker_edge){array + 1, at, node, MAKER_HIDDEN_LINK});
}

/* A map: everything is behind the table alone. */
static uint32_t make_map(struct maker *maker, uint32_t holder, const char *name)
{
	uint32_t map = maker_node(maker, MAKER_OBJECT, "Map", 32);
	uint32_t table = maker_node(maker, MAKER_ARRAY, "", 640);
	maker_edge(maker, holder, MAKER_PROPERTY, name, map);
	maker_edge(maker, map, MAKER_INTERNAL, "table", table);
	return map;
}

static struct holders_list find(const struct heap *h, struct arena *a, bool is_fanout)
{
	struct groups *groups = groups_create(heap_graph(h), heap_classes(h));
	struct holders_list list = is_fanout ? holders_fanout(heap_graph(h), groups, a)
					     : holders_accumulators(
						       heap_graph(h), groups, a);
	groups_destroy(groups);
	return list;
}

static void listeners_of_one_place_are_one_group(void **state)
{
	(void)state;
	maker_start(&m);
	uint32_t array = make_array(&m, m.global, "listeners");
	for (uint32_t i = 0; i < 30; i++) {
		bool ours = i < 20;
		uint32_t f = maker_function(&m, ours ? "onError" : "onClose",
			"lib/app.js", ours ? 11 : 20, 42);
		add_to_array(&m, array, i, f);
	}
	struct heap *h = maker_heap(&m);
	struct arena a = {0};
	struct describe d = {heap_graph(h), heap_classes(h), NULL, &a};
	struct holders_list list = find(h, &a, false);
	assert_int_equal(list.count, 1);
	struct snapshot_holder s = holders_describe(&d, &list.holders[0]);
	assert_string_equal(s.is.name, "Array");
	assert_string_equal(s.child.name, "onError()");
	assert_string_equal(s.child.location, "lib/app.js:11:42");
	assert_int_equal(s.child_count, 20);
	assert_int_equal(s.child_bytes, 20 * 64);
	assert_int_equal(s.path.count, 1);
	assert_string_equal(s.path.steps[0].edge, "listeners");
	arena_finish(&a);
	heap_destroy(h);
	maker_finish(&m);
}

static void what_a_map_holds_behind_its_table_is_the_maps(void **state)
{
	(void)state;
	maker_start(&m);
	uint32_t map = make_map(&m, m.global, "cache");
	for (uint32_t i = 0; i < 15; i++) {
		uint32_t user = maker_node(&m, MAKER_OBJECT, "User", 100);
		maker_put_edge(
			&m, &(struct maker_edge){map + 1, i, user, MAKER_HIDDEN_LINK});
	}
	struct heap *h = maker_heap(&m);
	struct arena a = {0};
	struct describe d = {heap_graph(h), heap_classes(h), NULL, &a};
	struct holders_list list = find(h, &a, false);
	assert_int_equal(list.count, 1);
	struct snapshot_holder s = holders_describe(&d, &list.holders[0]);
	assert_string_equal(s.is.name, "Map");
	assert_string_equal(s.child.name, "User");
	assert_int_equal(s.child_count, 15);
	assert_int_equal(s.child_bytes, 1500);
	assert_int_equal(s.retained_bytes, 1500 + 32 + 640);

	list = find(h, &a, true);
	assert_int_equal(list.count, 1);
	s = holders_describe(&d, &list.holders[0]);
	assert_string_equal(s.is.name, "Map");
	assert_int_equal(list.holders[0].references, 15);
	assert_int_equal(s.child_count, 15);
	arena_finish(&a);
	heap_destroy(h);
	maker_finish(&m);
}

static void what_others_hold_too_is_fanout_only(void **state)
{
	(void)state;
	maker_start(&m);
	uint32_t one = make_array(&m, m.global, "one");
	uint32_t two = make_array(&m, m.global, "two");
	for (uint32_t i = 0; i < 12; i++) {
		uint32_t job = maker_node(&m, MAKER_OBJECT, "Job", 100);
		add_to_array(&m, one, i, job);
		add_to_array(&m, two, i, job);
		add_to_array(&m, two, i + 12, job);
	}
	struct heap *h = maker_heap(&m);
	struct arena a = {0};
	struct describe d = {heap_graph(h), heap_classes(h), NULL, &a};
	/* All of them hang from what holds both arrays. */
	struct holders_list list = find(h, &a, false);
	assert_int_equal(list.count, 1);
	assert_string_equal(holders_describe(&d, &list.holders[0]).is.name, "global");

	list = find(h, &a, true);
	assert_int_equal(list.count, 2);
	struct snapshot_holder s = holders_describe(&d, &list.holders[0]);
	assert_string_equal(s.path.steps[0].edge, "two");
	assert_int_equal(s.child_count, 24);
	assert_int_equal(s.child_bytes, 1200); /* each job once */
	s = holders_describe(&d, &list.holders[1]);
	assert_string_equal(s.path.steps[0].edge, "one");
	assert_int_equal(s.child_count, 12);
	arena_finish(&a);
	heap_destroy(h);
	maker_finish(&m);
}

static void weak_references_are_no_fanout(void **state)
{
	(void)state;
	maker_start(&m);
	uint32_t owner = maker_node(&m, MAKER_OBJECT, "Owner", 10);
	maker_edge(&m, m.global, MAKER_PROPERTY, "owner", owner);
	for (uint32_t i = 0; i < 40; i++) {
		uint32_t item = maker_node(&m, MAKER_OBJECT, "Item", 10);
		maker_edge(&m, owner, MAKER_WEAK, "w", item);
	}
	struct heap *h = maker_heap(&m);
	struct arena a = {0};
	assert_int_equal(find(h, &a, true).count, 0);
	arena_finish(&a);
	heap_destroy(h);
	maker_finish(&m);
}

/* Many holders: those with the most bytes and those with the most children stay. */
static void the_top_by_bytes_and_by_count_stay(void **state)
{
	(void)state;
	maker_start(&m);
	for (uint32_t i = 0; i < 120; i++) {
		char name[16];
		snprintf(name, sizeof name, "list%u", (unsigned)i);
		uint32_t owner = maker_node(&m, MAKER_OBJECT, "Owner", 10);
		maker_edge(&m, m.global, MAKER_PROPERTY, name, owner);
		/* Few large ones, or more of small ones. */
		uint32_t children = i == 0 ? 30 : 10;
		for (uint32_t k = 0; k < children; k++) {
			uint32_t item = maker_node(
				&m, MAKER_OBJECT, "Item", i == 0 ? 1 : 100 + i);
			maker_element(&m, owner, k, item);
		}
	}
	struct heap *h = maker_heap(&m);
	struct arena a = {0};
	struct describe d = {heap_graph(h), heap_classes(h), NULL, &a};
	struct holders_list list = find(h, &a, false);
	assert_true(list.count > HOLDERS_TOP);
	assert_true(list.count <= 2 * HOLDERS_TOP);
	bool has_many = false;
	for (size_t i = 0; i < list.count; i++) {
		struct snapshot_holder s = holders_describe(&d, &list.holders[i]);
		has_many |= s.child_count == 30;
		if (i > 0)
			assert_true(list.holders[i].bytes <= list.holders[i - 1].bytes);
	}
	assert_true(has_many);
	/* The global object holds all 120 owners, and most. */
	assert_string_equal(holders_describe(&d, &list.holders[0]).is.name, "global");
	assert_int_equal(list.holders[0].count, 120);
	assert_int_equal(list.holders[1].bytes, 2190);
	arena_finish(&a);
	heap_destroy(h);
	maker_finish(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listeners_of_one_place_are_one_group),
		cmocka_unit_test(what_a_map_holds_behind_its_table_is_the_maps),
		cmocka_unit_test(what_others_hold_too_is_fanout_only),
		cmocka_unit_test(weak_references_are_no_fanout),
		cmocka_unit_test(the_top_by_bytes_and_by_count_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
