/*
 * DevTools' rules, each on the smallest heap that shows it.
 */
#include "tests/unit/agent/heap/maker.h"
#include "tests/unit/cmocka_all.h"

static struct maker *start(void)
{
	struct maker *m = malloc(sizeof *m);
	assert_non_null(m);
	maker_start(m);
	return m;
}

static struct heap *made(struct maker *m)
{
	struct heap *h = maker_heap(m);
	maker_finish(m);
	free(m);
	return h;
}

static const struct classes_row *row(const struct heap *h, const char *key)
{
	const struct classes *c = heap_classes(h);
	for (uint32_t i = 0; i < classes_count(c); i++) {
		if (strcmp(classes_row(c, i)->key, key) == 0)
			return classes_row(c, i);
	}
	return NULL;
}

/* Who holds B through two holders of it: nobody below the root. */
static void test_what_two_hold_hangs_on_who_holds_both(void **state)
{
	(void)state;
	struct maker *m = start();
	uint32_t one = maker_node(m, MAKER_OBJECT, "One", 10);
	uint32_t two = maker_node(m, MAKER_OBJECT, "Two", 10);
	uint32_t both = maker_node(m, MAKER_OBJECT, "Both", 100);
	uint32_t below = maker_node(m, MAKER_OBJECT, "Below", 1000);
	maker_edge(m, m->global, MAKER_PROPERTY, "one", one);
	maker_edge(m, m->global, MAKER_PROPERTY, "two", two);
	maker_edge(m, one, MAKER_PROPERTY, "x", both);
	maker_edge(m, two, MAKER_PROPERTY, "x", both);
	maker_edge(m, both, MAKER_PROPERTY, "y", below);
	uint32_t global = m->global;
	struct heap *h = made(m);
	const struct graph *g = heap_graph(h);
	assert_int_equal(graph_node_dominator(g, both), global);
	assert_int_equal(graph_node_dominator(g, below), both);
	assert_int_equal(graph_node_retained_bytes(g, both), 1100);
	assert_int_equal(graph_node_retained_bytes(g, one), 10);
	assert_int_equal(graph_node_retained_bytes(g, 0), 1220);
	assert_int_equal(heap_head(h)->total_bytes, 1220);
	assert_int_equal(graph_node_distance(g, below), 4);
	heap_destroy(h);
}

static void test_weak_references_hold_nothing(void **state)
{
	(void)state;
	struct maker *m = start();
	uint32_t holder = maker_node(m, MAKER_OBJECT, "Holder", 10);
	uint32_t held = maker_node(m, MAKER_OBJECT, "Held", 100);
	maker_edge(m, m->global, MAKER_PROPERTY, "holder", holder);
	maker_edge(m, holder, MAKER_WEAK, "held", held);
	struct heap *h = made(m);
	const struct graph *g = heap_graph(h);
	assert_int_equal(graph_node_dominator(g, held), 0);
	assert_int_equal(graph_node_distance(g, held), GRAPH_DISTANCE_NONE);
	assert_int_equal(graph_node_retained_bytes(g, holder), 10);
	heap_destroy(h);
}

/* Who is held by himself alone is as good as a root for what he holds. */
static void test_own_references_hold_nothing(void **state)
{
	(void)state;
	struct maker *m = start();
	uint32_t alone = maker_node(m, MAKER_OBJECT, "Alone", 10);
	uint32_t held = maker_node(m, MAKER_OBJECT, "Held", 100);
	maker_edge(m, alone, MAKER_PROPERTY, "self", alone);
	maker_edge(m, alone, MAKER_PROPERTY, "held", held);
	struct heap *h = made(m);
	const struct graph *g = heap_graph(h);
	assert_int_equal(graph_node_dominator(g, alone), 0);
	assert_int_equal(graph_node_dominator(g, held), alone);
	assert_int_equal(graph_node_retained_bytes(g, alone), 110);
	heap_destroy(h);
}

/* Two ways into the middle of a chain: its end is held by neither of them. */
static void test_a_way_into_the_middle_frees_the_end(void **state)
{
	(void)state;
	struct maker *m = start();
	uint32_t a = maker_node(m, MAKER_OBJECT, "A", 1);
	uint32_t b = maker_node(m, MAKER_OBJECT, "B", 1);
	uint32_t c = maker_node(m, MAKER_OBJECT, "C", 1);
	uint32_t d = maker_node(m, MAKER_OBJECT, "D", 1);
	uint32_t global = m->global;
	maker_edge(m, global, MAKER_PROPERTY, "a", a);
	maker_edge(m, a, MAKER_PROPERTY, "b", b);
	maker_edge(m, b, MAKER_PROPERTY, "c", c);
	maker_edge(m, c, MAKER_PROPERTY, "d", d);
	maker_edge(m, a, MAKER_PROPERTY, "d", d);
	maker_edge(m, global, MAKER_PROPERTY, "c", c);
	struct heap *h = made(m);
	const struct graph *g = heap_graph(h);
	assert_int_equal(graph_node_dominator(g, b), a);
	assert_int_equal(graph_node_dominator(g, c), global);
	assert_int_equal(graph_node_dominator(g, d), global);
	assert_int_equal(graph_node_retained_bytes(g, a), 2);
	heap_destroy(h);
}

/* Two that hold one another, and nothing else them. */
static void test_a_circle_without_a_way_in_hangs_on_the_root(void **state)
{
	(void)state;
	struct maker *m = start();
	uint32_t one = maker_node(m, MAKER_OBJECT, "One", 10);
	uint32_t two = maker_node(m, MAKER_OBJECT, "Two", 20);
	maker_edge(m, one, MAKER_PROPERTY, "other", two);
	maker_edge(m, two, MAKER_PROPERTY, "other", one);
	struct heap *h = made(m);
	const struct graph *g = heap_graph(h);
	assert_int_equal(graph_node_dominator(g, one), 0);
	assert_int_equal(graph_node_dominator(g, two), 0);
	assert_int_equal(graph_node_retained_bytes(g, 0), 130);
	heap_destroy(h);
}

static void test_a_key_and_not_the_table_holds_a_value(void **state)
{
	(void)state;
	struct maker *m = start();
	uint32_t table = maker_node(m, MAKER_ARRAY, "", 10);
	uint32_t key = maker_node(m, MAKER_OBJECT, "Key", 10);
	uint32_t value = maker_node(m, MAKER_OBJECT, "Value", 100);
	char name[128];
	maker_edge(m, m->global, MAKER_PROPERTY, "table", table);
	maker_edge(m, m->global, MAKER_PROPERTY, "key", key);
	for (int i = 1; i <= 2; i++) {
		snprintf(name, sizeof name,
			"%d / part of key (Key @%u) -> value (Value @%u) pair in "
			"WeakMap "
			"(table @%u)",
			i, m->nodes[key].id, m->nodes[value].id, m->nodes[table].id);
		maker_edge(m, i == 1 ? table : key, MAKER_INTERNAL, name, value);
	}
	struct heap *h = made(m);
	const struct graph *g = heap_graph(h);
	assert_int_equal(graph_node_dominator(g, value), key);
	assert_int_equal(graph_node_distance(g, value), 3);
	heap_destroy(h);
}

/* An array's store counts as the array's; one that two share is nobody's. */
static void test_a_store_belongs_to_its_one_owner(void **state)
{
	(void)state;
	struct maker *m = start();
	uint32_t list = maker_node(m, MAKER_OBJECT, "Array", 16);
	uint32_t store = maker_node(m, MAKER_ARRAY, "(object elements)", 800);
	uint32_t other = maker_node(m, MAKER_OBJECT, "Array", 16);
	uint32_t shared = maker_node(m, MAKER_HIDDEN, "system / X", 50);
	maker_edge(m, m->global, MAKER_PROPERTY, "list", list);
	maker_edge(m, m->global, MAKER_PROPERTY, "other", other);
	maker_edge(m, list, MAKER_INTERNAL, "elements", store);
	maker_edge(m, list, MAKER_INTERNAL, "map", shared);
	maker_edge(m, other, MAKER_INTERNAL, "map", shared);
	struct heap *h = made(m);
	const struct graph *g = heap_graph(h);
	assert_int_equal(graph_node_self_bytes(g, list), 816);
	assert_int_equal(graph_node_self_bytes(g, store), 0);
	assert_int_equal(graph_node_raw_bytes(g, store), 800);
	assert_int_equal(graph_node_self_bytes(g, shared), 50);
	assert_int_equal(graph_node_class(g, store), CLASSES_NONE);
	assert_int_equal(row(h, ",Array")->count, 2);
	assert_int_equal(row(h, ",Array")->shallow_bytes, 832);
	assert_null(row(h, ",(array)"));
	assert_int_equal(heap_head(h)->statistics.js_array_bytes, 832);
	assert_int_equal(heap_head(h)->statistics.system_bytes, 50);
	heap_destroy(h);
}

/* The second of each three entries of a descriptor table leads nowhere, after two. */
static void test_distances_pass_over_misleading_edges(void **state)
{
	(void)state;
	struct maker *m = start();
	uint32_t context = maker_node(m, MAKER_HIDDEN, "system / NativeContext", 10);
	uint32_t table = maker_node(m, MAKER_ARRAY, "(map descriptors)", 10);
	uint32_t map = maker_node(m, MAKER_OBJECT, "Map", 10);
	uint32_t third = maker_node(m, MAKER_OBJECT, "Third", 10);
	uint32_t fourth = maker_node(m, MAKER_OBJECT, "Fourth", 10);
	maker_edge(m, m->global, MAKER_INTERNAL, "context", context);
	maker_edge(m, m->global, MAKER_INTERNAL, "table", table);
	maker_edge(m, context, MAKER_INTERNAL, "sloppy_function_map", map);
	maker_edge(m, table, MAKER_INTERNAL, "3", third);
	maker_edge(m, table, MAKER_INTERNAL, "4", fourth);
	struct heap *h = made(m);
	const struct graph *g = heap_graph(h);
	assert_int_equal(graph_node_distance(g, map), GRAPH_DISTANCE_NONE);
	assert_int_equal(graph_node_distance(g, third), 3);
	assert_int_equal(graph_node_distance(g, fourth), GRAPH_DISTANCE_NONE);
	heap_destroy(h);
}

static void test_what_only_the_system_holds_is_far_away(void **state)
{
	(void)state;
	struct maker *m = start();
	uint32_t roots = maker_node(m, MAKER_SYNTHETIC, "(GC roots)", 0);
	uint32_t code = maker_node(m, MAKER_CODE, "f", 8);
	maker_element(m, 0, 1, roots);
	maker_element(m, roots, 0, code);
	struct heap *h = made(m);
	const struct graph *g = heap_graph(h);
	assert_int_equal(graph_node_distance(g, 0), GRAPH_DISTANCE_SYSTEM);
	assert_int_equal(graph_node_distance(g, code), GRAPH_DISTANCE_SYSTEM + 2);
	heap_destroy(h);
}

static void test_classes_are_called_as_in_devtools(void **state)
{
	static const struct {
		enum maker_type type;
		const char *name, *key;
	} cases[] = {
		{MAKER_HIDDEN, "system / Map", ",(system)"},
		{MAKER_CODE, "f", ",(compiled code)"},
		{MAKER_CLOSURE, "f", ",Function"},
		{MAKER_REGEXP, "a+", ",RegExp"},
		{MAKER_STRING, "secret", ",(string)"},
		{MAKER_NATIVE, "<div id=\"a\" class=x>", ",<div>"},
		{MAKER_NATIVE, "Detached <p x>", ",Detached <p>"},
		{MAKER_NATIVE, "Node / TimerWrap", ",Node / TimerWrap"},
		{MAKER_OBJECT, "Timeout", ",Timeout"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct maker *m = start();
		uint32_t node = maker_node(m, cases[i].type, cases[i].name, 10);
		maker_element(m, 0, 1, node);
		struct heap *h = made(m);
		const struct classes *c = heap_classes(h);
		uint32_t class = graph_node_class(heap_graph(h), node);
		assert_string_equal(classes_row(c, class)->key, cases[i].key);
		heap_destroy(h);
	}
}

/* Classes of one name in two places are two; the place is told by its path. */
static void test_located_objects_are_classes_of_their_place(void **state)
{
	(void)state;
	struct maker *m = start();
	uint32_t f = maker_function(m, "Server", "/app/server.js", 522, 16);
	uint32_t one = maker_node(m, MAKER_OBJECT, "Server", 10);
	uint32_t two = maker_node(m, MAKER_OBJECT, "Server", 20);
	uint32_t plain = maker_node(m, MAKER_OBJECT, "Server", 40);
	maker_edge(m, m->global, MAKER_PROPERTY, "f", f);
	maker_edge(m, m->global, MAKER_PROPERTY, "one", one);
	maker_edge(m, m->global, MAKER_PROPERTY, "two", two);
	maker_edge(m, m->global, MAKER_PROPERTY, "plain", plain);
	maker_locate(m, one, (uint32_t)strlen("/app/server.js"), 522, 16);
	maker_locate(m, two, 99, 1, 1);
	struct heap *h = made(m);
	const struct classes_row *here = row(h, "14,521,15,Server");
	assert_non_null(here);
	assert_string_equal(here->name, "Server");
	assert_string_equal(here->location, "/app/server.js:522:16");
	assert_string_equal(row(h, "99,0,0,Server")->location, "");
	assert_string_equal(row(h, ",Server")->location, "");
	assert_int_equal(row(h, ",Server")->shallow_bytes, 40);
	struct graph_location location;
	assert_true(graph_node_location(heap_graph(h), f, &location));
	assert_string_equal(location.script, "/app/server.js");
	assert_int_equal(location.line, 522);
	assert_false(graph_node_location(heap_graph(h), plain, &location));
	heap_destroy(h);
}

/* Retained bytes of a class count a node of it below another only once. */
static void test_a_class_does_not_retain_twice(void **state)
{
	(void)state;
	struct maker *m = start();
	uint32_t above = maker_node(m, MAKER_OBJECT, "Node", 10);
	uint32_t between = maker_node(m, MAKER_OBJECT, "Link", 1);
	uint32_t below = maker_node(m, MAKER_OBJECT, "Node", 100);
	maker_edge(m, m->global, MAKER_PROPERTY, "above", above);
	maker_edge(m, above, MAKER_PROPERTY, "link", between);
	maker_edge(m, between, MAKER_PROPERTY, "below", below);
	struct heap *h = made(m);
	assert_int_equal(row(h, ",Node")->retained_bytes, 111);
	assert_int_equal(row(h, ",Node")->count, 2);
	assert_int_equal(row(h, ",Node")->distance, 2);
	assert_int_equal(row(h, ",Link")->retained_bytes, 101);
	heap_destroy(h);
}

static uint32_t plain_object(struct maker *m, const char *const *properties)
{
	uint32_t node = maker_node(m, MAKER_OBJECT, "Object", 10);
	uint32_t value = maker_node(m, MAKER_NUMBER, "", 0);
	maker_element(m, 0, m->node_count, node);
	for (; *properties; properties++)
		maker_edge(m, node, MAKER_PROPERTY, *properties, value);
	return node;
}

/* Two propose an interface; who has more properties still has it; one alone has none.
 */
static void test_plain_objects_are_called_by_what_they_share(void **state)
{
	static const char *const host[] = {"__proto__", "host", "port", NULL};
	static const char *const more[] = {"port", "extra", "host", NULL};
	static const char *const alone[] = {"alone", NULL};
	static const char *const odd[] = {"a,b", "it's", "plain", NULL};
	(void)state;
	struct maker *m = start();
	plain_object(m, host);
	plain_object(m, host);
	plain_object(m, more);
	plain_object(m, alone);
	plain_object(m, odd);
	plain_object(m, odd);
	struct heap *h = made(m);
	const struct classes *c = heap_classes(h);
	assert_int_equal(classes_interface_count(c), 2);
	assert_string_equal(classes_interface(c, 0)->name, "{host, port}");
	assert_int_equal(classes_interface(c, 0)->candidates, 2);
	assert_int_equal(classes_interface(c, 0)->property_count, 2);
	assert_string_equal(
		classes_interface(c, 1)->name, "{\"a,b\", \"it's\", plain}");
	assert_int_equal(row(h, ",{host, port}")->count, 3);
	assert_int_equal(row(h, ",Object")->count, 1);
	heap_destroy(h);
}

/* How many of four properties of `length` letters make it into a name. */
static uint32_t properties_named(int length)
{
	char names[4][64];
	const char *properties[5] = {names[0], names[1], names[2], names[3], NULL};
	for (int i = 0; i < 4; i++)
		snprintf(names[i], sizeof names[i], "%d%*s", i, length - 1, "x");
	struct maker *m = start();
	plain_object(m, properties);
	plain_object(m, properties);
	struct heap *h = made(m);
	uint32_t count = classes_interface(heap_classes(h), 0)->property_count;
	heap_destroy(h);
	return count;
}

/* "{" and 39, then ", " and 39: the third ends at 120, were it not for its comma, which
 * DevTools does not count. */
static void test_an_interface_name_ends_before_it_is_too_long(void **state)
{
	(void)state;
	assert_int_equal(properties_named(39), 3);
	assert_int_equal(properties_named(40), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_two_hold_hangs_on_who_holds_both),
		cmocka_unit_test(test_weak_references_hold_nothing),
		cmocka_unit_test(test_own_references_hold_nothing),
		cmocka_unit_test(test_a_way_into_the_middle_frees_the_end),
		cmocka_unit_test(test_a_circle_without_a_way_in_hangs_on_the_root),
		cmocka_unit_test(test_a_key_and_not_the_table_holds_a_value),
		cmocka_unit_test(test_a_store_belongs_to_its_one_owner),
		cmocka_unit_test(test_distances_pass_over_misleading_edges),
		cmocka_unit_test(test_what_only_the_system_holds_is_far_away),
		cmocka_unit_test(test_classes_are_called_as_in_devtools),
		cmocka_unit_test(test_located_objects_are_classes_of_their_place),
		cmocka_unit_test(test_a_class_does_not_retain_twice),
		cmocka_unit_test(test_plain_objects_are_called_by_what_they_share),
		cmocka_unit_test(test_an_interface_name_ends_before_it_is_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
