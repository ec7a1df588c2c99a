/* Retaining paths: the shortest, never over weak edges, named where names exist. */
#include "agent/heap/paths.h"

#include "agent/heap/describe.h"
#include "tests/unit/agent/heap/maker.h"
#include "tests/unit/cmocka_all.h"

static struct maker m;

static const char *chain(const struct heap *h, uint32_t node, struct arena *a)
{
	struct describe d = {heap_graph(h), heap_classes(h), NULL, a};
	struct paths_path path;
	paths_find(d.graph, node, &path);
	struct snapshot_path described = describe_path(&d, &path);
	return describe_chain(&described, SNAPSHOT_STEPS_MAX, a);
}

static void the_nearest_holder_is_taken(void **state)
{
	(void)state;
	maker_start(&m);
	uint32_t far = maker_node(&m, MAKER_OBJECT, "Far", 10);
	uint32_t farther = maker_node(&m, MAKER_OBJECT, "Farther", 10);
	uint32_t queue = maker_node(&m, MAKER_OBJECT, "Queue", 10);
	uint32_t item = maker_node(&m, MAKER_OBJECT, "Item", 10);
	maker_edge(&m, m.global, MAKER_PROPERTY, "far", far);
	maker_edge(&m, far, MAKER_PROPERTY, "farther", farther);
	maker_edge(&m, farther, MAKER_PROPERTY, "item", item);
	maker_edge(&m, m.global, MAKER_PROPERTY, "queue", queue);
	maker_element(&m, queue, 3, item);
	uint32_t last = maker_node(&m, MAKER_OBJECT, "Last", 10);
	maker_edge(&m, queue, MAKER_PROPERTY, "last", last);
	maker_edge(&m, last, MAKER_PROPERTY, "item", item);
	struct heap *h = maker_heap(&m);
	struct arena a = {0};
	assert_string_equal(chain(h, item, &a), "[3] in Queue ← queue in global");
	assert_string_equal(chain(h, m.global, &a), "");
	arena_finish(&a);
	heap_destroy(h);
	maker_finish(&m);
}

static void weak_edges_hold_nothing(void **state)
{
	(void)state;
	maker_start(&m);
	uint32_t weak = maker_node(&m, MAKER_OBJECT, "Weak", 10);
	uint32_t strong = maker_node(&m, MAKER_OBJECT, "Strong", 10);
	uint32_t deeper = maker_node(&m, MAKER_OBJECT, "Deeper", 10);
	uint32_t item = maker_node(&m, MAKER_OBJECT, "Item", 10);
	maker_edge(&m, m.global, MAKER_PROPERTY, "weak", weak);
	for (uint32_t i = 0; i < 50; i++)
		maker_edge(&m, weak, MAKER_WEAK, "item", item);
	maker_edge(&m, m.global, MAKER_PROPERTY, "strong", strong);
	maker_edge(&m, strong, MAKER_CONTEXT, "deeper", deeper);
	maker_edge(&m, deeper, MAKER_INTERNAL, "slot", item);
	struct heap *h = maker_heap(&m);
	struct arena a = {0};
	assert_string_equal(chain(h, item, &a),
		"[[slot]] in Deeper ← deeper in Strong ← strong in global");
	arena_finish(&a);
	heap_destroy(h);
	maker_finish(&m);
}

static void a_name_says_more_than_a_slot(void **state)
{
	(void)state;
	maker_start(&m);
	uint32_t list = maker_node(&m, MAKER_OBJECT, "Array", 10);
	uint32_t item = maker_node(&m, MAKER_OBJECT, "Object", 10);
	uint32_t owner = maker_node(&m, MAKER_OBJECT, "Owner", 10);
	maker_edge(&m, m.global, MAKER_PROPERTY, "list", list);
	maker_edge(&m, m.global, MAKER_PROPERTY, "owner", owner);
	maker_element(&m, list, 0, item);
	maker_edge(&m, owner, MAKER_INTERNAL, "9", item);
	maker_edge(&m, owner, MAKER_PROPERTY, "current", item);
	maker_edge(&m, item, MAKER_PROPERTY, "self", item);
	struct heap *h = maker_heap(&m);
	struct arena a = {0};
	assert_string_equal(chain(h, item, &a), "current in Owner ← owner in global");
	struct describe d = {heap_graph(h), heap_classes(h), NULL, &a};
	assert_string_equal(describe_node(&d, item).name, "{self}");
	arena_finish(&a);
	heap_destroy(h);
	maker_finish(&m);
}

static void a_long_path_is_cut(void **state)
{
	(void)state;
	maker_start(&m);
	uint32_t at = m.global;
	for (int i = 0; i < SNAPSHOT_STEPS_MAX + 5; i++) {
		uint32_t next = maker_node(&m, MAKER_OBJECT, "Link", 10);
		maker_edge(&m, at, MAKER_PROPERTY, "next", next);
		maker_edge(&m, next, MAKER_PROPERTY, "previous", at);
		at = next;
	}
	struct heap *h = maker_heap(&m);
	struct paths_path path;
	paths_find(heap_graph(h), at, &path);
	assert_true(path.is_cut);
	assert_int_equal(path.count, SNAPSHOT_STEPS_MAX);
	heap_destroy(h);
	maker_finish(&m);
}

static void what_nobody_holds_has_no_path(void **state)
{
	(void)state;
	maker_start(&m);
	uint32_t a = maker_node(&m, MAKER_OBJECT, "A", 10);
	uint32_t b = maker_node(&m, MAKER_OBJECT, "B", 10);
	maker_edge(&m, a, MAKER_PROPERTY, "b", b);
	maker_edge(&m, b, MAKER_PROPERTY, "a", a);
	struct heap *h = maker_heap(&m);
	struct paths_path path;
	paths_find(heap_graph(h), a, &path);
	assert_int_equal(path.count, 0);
	assert_false(path.is_cut);
	heap_destroy(h);
	maker_finish(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_holder_is_taken),
		cmocka_unit_test(weak_edges_hold_nothing),
		cmocka_unit_test(a_name_says_more_than_a_slot),
		cmocka_unit_test(a_long_path_is_cut),
		cmocka_unit_test(what_nobody_holds_has_no_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
