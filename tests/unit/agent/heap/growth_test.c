/* What grew and what holds it: the shapes that leaks have. */
#include "agent/heap/growth.h"

#include "agent/heap/verdict.h"
#include "tests/unit/agent/heap/maker.h"
#include "tests/unit/cmocka_all.h"

enum { LATER = 10001 }; /* ids of what came after the first snapshot */

static struct maker m;
static enum likeness_kind kept_by = LIKENESS_ID;
static uint32_t anew; /* what V8 adds to all numbers when it gives them anew */

struct story {
	struct digest *before;
	struct heap *after;
	struct diff *diff;
	struct growth *growth;
	struct snapshot_growth said;
	struct arena arena;
};

static void keep(struct story *s)
{
	*s = (struct story){0};
	struct heap *h = maker_heap(&m);
	s->before = digest_create(h, kept_by, "", 1700000000000);
	heap_destroy(h);
	maker_finish(&m);
}

static void tell(struct story *s, enum diff_process process)
{
	s->after = maker_heap(&m);
	const struct graph *g = heap_graph(s->after);
	const struct classes *c = heap_classes(s->after);
	s->diff = diff_create(s->before, g, c, process);
	s->growth = growth_find(s->diff, s->before, g, c, &s->arena);
	struct describe d = {g, c, NULL, &s->arena};
	s->said = verdict_describe(s->growth, s->diff, s->before, &d, 5);
	maker_finish(&m);
}

static void finish(struct story *s)
{
	diff_destroy(s->diff);
	digest_destroy(s->before);
	heap_destroy(s->after);
	arena_finish(&s->arena);
}

/* `count` listeners on one event of a queue; the first one stands alone, as node's
 * events do it. */
static void make_queue(uint32_t count)
{
	maker_start(&m);
	m.next_id += anew;
	uint32_t queue = maker_node(&m, MAKER_OBJECT, "MonitorQueue", 100);
	uint32_t events = maker_node(&m, MAKER_OBJECT, "Object", 100);
	maker_edge(&m, m.global, MAKER_PROPERTY, "queue", queue);
	maker_edge(&m, queue, MAKER_PROPERTY, "_events", events);
	uint32_t array = 0;
	if (count != 1) {
		m.next_id = LATER + anew;
		array = maker_node(&m, MAKER_OBJECT, "Array", 32);
		maker_edge(&m, events, MAKER_PROPERTY, "error", array);
	}
	for (uint32_t i = 0; i < count; i++) {
		m.next_id = anew + (i ? LATER + 100 * i : 901);
		uint32_t f = maker_function(&m, "onQueueError", "lib/app.js", 11, 42);
		uint32_t context = maker_node(
			&m, MAKER_OBJECT, "system / Context", 2000);
		maker_edge(&m, f, MAKER_INTERNAL, "context", context);
		if (array)
			maker_element(&m, array, i, f);
		else
			maker_edge(&m, events, MAKER_PROPERTY, "error", f);
	}
}

static void listeners_pile_up_in_an_array_that_is_new(void **state)
{
	(void)state;
	struct story s;
	make_queue(1);
	keep(&s);
	make_queue(61);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_ACCUMULATION);
	assert_string_equal(s.said.holder.is.name, "Array");
	assert_string_equal(s.said.holder.path.steps[0].edge, "error");
	assert_string_equal(s.said.holder.path.steps[0].holder.name, "{error}");
	assert_string_equal(s.said.holder.child.name, "onQueueError()");
	assert_int_equal(s.said.holder.child_count, 60);
	assert_int_equal(s.said.holder.child_bytes, 60 * 2064);
	assert_int_equal(s.said.grown_bytes, 32 + 60 * 2064);
	assert_string_equal(s.said.words,
		"100 % of 121 KiB growth is in the Array `error` of {error}, held by "
		"`_events` of MonitorQueue: 60 new Function onQueueError "
		"(lib/app.js:11:42).");
	assert_int_equal(s.said.before_unix_ms, 1700000000000);
	finish(&s);
}

/* The table is another object after it grew; old entries hang from the new one. */
static void make_cache(uint32_t count, uint32_t table_id, uint32_t bytes_of_first)
{
	maker_start(&m);
	m.next_id += anew;
	uint32_t map = maker_node(&m, MAKER_OBJECT, "Map", 32);
	maker_edge(&m, m.global, MAKER_PROPERTY, "cache", map);
	m.next_id = anew + table_id;
	uint32_t table = maker_node(&m, MAKER_ARRAY, "", 16);
	maker_edge(&m, map, MAKER_INTERNAL, "table", table);
	for (uint32_t i = 0; i < count; i++) {
		m.next_id = anew + 501 + 2 * i;
		uint32_t user = maker_node(
			&m, MAKER_OBJECT, "User", i == 0 ? bytes_of_first : 1000);
		maker_put_edge(
			&m, &(struct maker_edge){table, i, user, MAKER_HIDDEN_LINK});
	}
}

static void a_map_grows_though_its_table_is_another(void **state)
{
	(void)state;
	struct story s;
	make_cache(20, 301, 1000);
	keep(&s);
	make_cache(120, LATER, 1000);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_ACCUMULATION);
	assert_string_equal(s.said.holder.is.name, "Map");
	assert_string_equal(s.said.holder.child.name, "User");
	assert_int_equal(s.said.holder.child_count, 100);
	assert_int_equal(s.said.explained_bytes, 100000);
	finish(&s);
}

static void one_old_entry_grows_behind_a_new_table(void **state)
{
	(void)state;
	struct story s;
	make_cache(20, 301, 1000);
	keep(&s);
	make_cache(20, LATER, 90000);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_ACCUMULATION);
	assert_string_equal(s.said.holder.is.name, "User");
	assert_int_equal(s.said.holder.child_count, 0);
	assert_int_equal(s.said.explained_bytes, 89000);
	finish(&s);
}

static void make_chain(uint32_t count)
{
	maker_start(&m);
	uint32_t holder = maker_node(&m, MAKER_OBJECT, "Holder", 100);
	maker_edge(&m, m.global, MAKER_PROPERTY, "holder", holder);
	for (uint32_t i = 0, at = holder; i < count; i++) {
		m.next_id = LATER - 100 * i; /* the newest comes first */
		uint32_t thing = maker_node(&m, MAKER_OBJECT, "Thing", 1000);
		uint32_t text = maker_node(&m, MAKER_STRING, "", 20);
		maker_edge(&m, at, MAKER_PROPERTY, "original", thing);
		maker_edge(&m, thing, MAKER_PROPERTY, "text", text);
		at = thing;
	}
}

static void in_a_chain_all_new_links_count(void **state)
{
	(void)state;
	struct story s;
	make_chain(0);
	keep(&s);
	make_chain(50);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_ACCUMULATION);
	assert_string_equal(s.said.holder.is.name, "Holder");
	assert_string_equal(s.said.holder.child.name, "Thing");
	assert_int_equal(s.said.holder.child_count, 50);
	assert_int_equal(s.said.holder.child_bytes, 50 * 1020);
	finish(&s);
}

/* A timer is in a list and in a table: no single object holds it. */
static void make_timers(uint32_t count, uint32_t code_bytes)
{
	maker_start(&m);
	uint32_t list = maker_node(&m, MAKER_OBJECT, "TimersList", 50);
	uint32_t table = maker_node(&m, MAKER_OBJECT, "PriorityQueue", 50);
	m.next_id = code_bytes > 1000 ? LATER : 401;
	uint32_t code = maker_node(&m, MAKER_CODE, "", code_bytes);
	maker_edge(&m, 0, MAKER_SHORTCUT, "list", list);
	maker_edge(&m, 0, MAKER_SHORTCUT, "table", table);
	maker_edge(&m, m.global, MAKER_INTERNAL, "code", code);
	for (uint32_t i = 0; i < count; i++) {
		m.next_id = anew + 501 + 2 * i;
		uint32_t timer = maker_node(&m, MAKER_OBJECT, "Timeout", 1000);
		uint32_t date = maker_node(&m, MAKER_OBJECT, "Date", 2000);
		maker_element(&m, list, i, timer);
		maker_element(&m, table, i, timer);
		maker_element(&m, list, i, date);
		maker_element(&m, table, i, date);
		m.nodes[date].id = 5001 + 2 * i;
	}
}

static void with_two_owners_the_classes_are_named(void **state)
{
	(void)state;
	struct story s;
	make_timers(5, 100);
	keep(&s);
	make_timers(65, 100);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_CLASS_GROWTH);
	/* Dates took more, but say less. */
	assert_string_equal(s.said.changes[0].is.name, "Timeout");
	assert_int_equal(s.said.changes[0].added, 60);
	assert_string_equal(s.said.changes[1].is.name, "Date");
	assert_int_equal(s.said.explained_bytes, 60 * 3000);
	assert_string_equal(s.said.words,
		"No single object holds the growth of 176 KiB; these classes grow: +60 "
		"Timeout of 58.6 KiB, +60 Date of 117 KiB.");
	finish(&s);
}

static void compiled_code_is_no_leak(void **state)
{
	(void)state;
	struct story s;
	make_timers(5, 100);
	keep(&s);
	make_timers(20, 900000);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_NO_LEAK);
	assert_string_equal(s.said.words,
		"No leak visible: the heap grew by 923 KiB, and nothing accumulates.");
	finish(&s);
}

static void what_shrinks_does_not_leak(void **state)
{
	(void)state;
	struct story s;
	make_queue(61);
	keep(&s);
	make_queue(41);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_NO_LEAK);
	assert_string_equal(
		s.said.words, "No leak visible: the heap shrank by 40.3 KiB.");
	finish(&s);
}

static void make_three_caches(uint32_t count)
{
	static const char *const names[] = {"users", "orders", "carts"};
	static const char *const classes[] = {"User", "Order", "Cart"};
	maker_start(&m);
	for (uint32_t k = 0; k < 3; k++) {
		m.next_id = 101 + 100 * k;
		uint32_t list = maker_node(&m, MAKER_OBJECT, "List", 32);
		maker_edge(&m, m.global, MAKER_PROPERTY, names[k], list);
		for (uint32_t i = 0; i < count; i++) {
			m.next_id = 1001 + 1000 * k + 2 * i;
			maker_element(&m, list, i,
				maker_node(&m, MAKER_OBJECT, classes[k], 1000));
		}
	}
}

/* "In global" would be true, and help nobody. */
static void growth_in_many_places_is_said_by_class(void **state)
{
	(void)state;
	struct story s;
	make_three_caches(5);
	keep(&s);
	make_three_caches(65);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_CLASS_GROWTH);
	assert_int_equal(s.said.explained_bytes, 180000);
	assert_int_equal(s.said.changes[0].added, 60);
	finish(&s);
}

static void two_processes_are_not_compared(void **state)
{
	(void)state;
	struct story s;
	make_queue(1);
	keep(&s);
	make_queue(61);
	tell(&s, DIFF_OTHER);
	assert_int_equal(s.said.verdict, SNAPSHOT_NOT_COMPARED);
	finish(&s);
}

/* An inspector session ended between the two: every object has another number. */
static void paths_tell_when_all_numbers_are_given_anew(void **state)
{
	(void)state;
	struct story s;
	kept_by = LIKENESS_PATH;
	make_queue(40);
	keep(&s);
	anew = 1000000;
	make_queue(100);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_ACCUMULATION);
	assert_string_equal(s.said.holder.path.steps[0].edge, "error");
	assert_string_equal(s.said.holder.child.name, "onQueueError()");
	assert_int_equal(s.said.holder.child_count, 60);
	finish(&s);

	anew = 0;
	make_cache(20, 301, 1000);
	keep(&s);
	anew = 1000000;
	make_cache(120, LATER, 1000);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_ACCUMULATION);
	assert_string_equal(s.said.holder.is.name, "Map");
	assert_int_equal(s.said.holder.child_count, 100);
	finish(&s);
	kept_by = LIKENESS_ID;
	anew = 0;
}

/* `count` items in the store of a service, which may get a second name nearer to a
 * root, and a page that is loaded once. */
static void make_store(uint32_t count, bool has_alias)
{
	maker_start(&m);
	m.next_id += anew;
	uint32_t service = maker_node(&m, MAKER_OBJECT, "Service", 50);
	uint32_t inner = maker_node(&m, MAKER_OBJECT, "Inner", 50);
	uint32_t items = maker_node(&m, MAKER_OBJECT, "Array", 50);
	maker_edge(&m, m.global, MAKER_PROPERTY, "service", service);
	maker_edge(&m, service, MAKER_PROPERTY, "inner", inner);
	maker_edge(&m, inner, MAKER_PROPERTY, "items", items);
	for (uint32_t i = 0; i < count; i++)
		maker_element(&m, items, i, maker_node(&m, MAKER_OBJECT, "Item", 500));
	if (!has_alias)
		return;
	maker_edge(&m, m.global, MAKER_PROPERTY, "alias", items);
	uint32_t page = maker_node(&m, MAKER_OBJECT, "Page", 90000);
	maker_edge(&m, m.global, MAKER_PROPERTY, "page", page);
}

static void a_second_name_makes_nothing_new(void **state)
{
	(void)state;
	struct story s;
	kept_by = LIKENESS_PATH;
	make_store(300, false);
	keep(&s);
	anew = 1000000;
	make_store(300, true);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_NO_LEAK);
	finish(&s);

	anew = 0;
	make_store(300, false);
	keep(&s);
	anew = 1000000;
	make_store(700, true);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_ACCUMULATION);
	assert_string_equal(s.said.holder.child.name, "Item");
	assert_int_equal(s.said.holder.child_count, 400);
	finish(&s);
	kept_by = LIKENESS_ID;
	anew = 0;
}

static void numbers_given_anew_are_not_taken_for_the_old_ones(void **state)
{
	(void)state;
	struct story s;
	make_queue(40);
	keep(&s);
	anew = 1000000;
	make_queue(100);
	tell(&s, DIFF_SAME);
	assert_int_equal(s.said.verdict, SNAPSHOT_NOT_COMPARED);
	finish(&s);
	anew = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listeners_pile_up_in_an_array_that_is_new),
		cmocka_unit_test(a_map_grows_though_its_table_is_another),
		cmocka_unit_test(one_old_entry_grows_behind_a_new_table),
		cmocka_unit_test(in_a_chain_all_new_links_count),
		cmocka_unit_test(with_two_owners_the_classes_are_named),
		cmocka_unit_test(compiled_code_is_no_leak),
		cmocka_unit_test(what_shrinks_does_not_leak),
		cmocka_unit_test(growth_in_many_places_is_said_by_class),
		cmocka_unit_test(two_processes_are_not_compared),
		cmocka_unit_test(paths_tell_when_all_numbers_are_given_anew),
		cmocka_unit_test(a_second_name_makes_nothing_new),
		cmocka_unit_test(numbers_given_anew_are_not_taken_for_the_old_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
