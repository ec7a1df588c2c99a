/* The comparison: ids make objects the same, the newer snapshot names the classes. */
#include "agent/heap/diff.h"

#include "tests/unit/agent/heap/maker.h"
#include "tests/unit/cmocka_all.h"

static struct maker m;

/* What is compared; the graph of the earlier one is gone by then. */
struct pair {
	struct digest *before;
	struct heap *after;
	struct diff *diff;
};

static struct digest *keep(void)
{
	struct heap *h = maker_heap(&m);
	struct digest *d = digest_create(h, LIKENESS_ID, "", 0);
	heap_destroy(h);
	maker_finish(&m);
	return d;
}

static void compare(struct pair *p, enum diff_process process)
{
	p->after = maker_heap(&m);
	p->diff = diff_create(
		p->before, heap_graph(p->after), heap_classes(p->after), process);
	maker_finish(&m);
}

static void finish(struct pair *p)
{
	diff_destroy(p->diff);
	digest_destroy(p->before);
	heap_destroy(p->after);
}

static const struct diff_row *row_of(const struct pair *p, const char *name)
{
	for (size_t i = 0; i < p->diff->row_count; i++)
		if (strcmp(p->diff->rows[i].name, name) == 0)
			return &p->diff->rows[i];
	return NULL;
}

static uint32_t add(uint32_t id, const char *name, uint32_t bytes)
{
	m.next_id = id;
	uint32_t node = maker_node(&m, MAKER_OBJECT, name, bytes);
	char edge[16];
	snprintf(edge, sizeof edge, "e%u", (unsigned)id);
	maker_edge(&m, m.global, MAKER_PROPERTY, edge, node);
	return node;
}

static void what_came_and_went_is_counted_by_class(void **state)
{
	(void)state;
	struct pair p;
	maker_start(&m);
	add(101, "Job", 50);
	add(103, "Job", 60);
	add(105, "Cache", 10);
	p.before = keep();
	maker_start(&m);
	add(103, "Job", 999); /* the same one; that it grew counts for nothing */
	add(201, "Job", 70);
	add(203, "Job", 80);
	add(105, "Cache", 10);
	compare(&p, DIFF_SAME);
	assert_true(p.diff->is_same_process);
	const struct diff_row *job = row_of(&p, "Job");
	assert_int_equal(p.diff->row_count, 1);
	assert_string_equal(job->key, ",Job");
	assert_int_equal(job->added, 2);
	assert_int_equal(job->added_bytes, 150);
	assert_int_equal(job->removed, 1);
	assert_int_equal(job->removed_bytes, 50);
	finish(&p);
}

static void before_is_known_of_what_stayed(void **state)
{
	(void)state;
	struct pair p;
	maker_start(&m);
	add(101, "Job", 50);
	p.before = keep();
	maker_start(&m);
	uint32_t old = add(101, "Job", 70), fresh = add(301, "Job", 5);
	compare(&p, DIFF_SAME);
	assert_int_equal(p.diff->before_bytes[old], 50);
	assert_int_equal(p.diff->before_bytes[m.global], 150);
	assert_true(p.diff->before_bytes[fresh] == DIFF_NEW);
	finish(&p);
}

static void add_point(uint32_t id, const char *const *properties)
{
	uint32_t node = add(id, "Object", 24);
	for (; *properties; properties++)
		maker_edge(&m, node, MAKER_PROPERTY, *properties, m.global);
}

/* {x} is an interface only in the newer one; there {x, y} wins where both fit. */
static void the_newer_one_says_what_an_interface_is(void **state)
{
	(void)state;
	static const char *const x[] = {"x", NULL}, *const xy[] = {"x", "y", NULL};
	static const char *const xyz[] = {"z", "y", "x", NULL}, *const w[] = {
									"w", NULL};
	struct pair p;
	maker_start(&m);
	add_point(101, x);
	add_point(103, xyz);
	add_point(105, w);
	p.before = keep();
	maker_start(&m);
	add_point(201, x);
	add_point(203, x);
	add_point(205, xy);
	add_point(207, xy);
	compare(&p, DIFF_SAME);
	assert_int_equal(row_of(&p, "{x}")->removed, 1);
	assert_int_equal(row_of(&p, "{x}")->added, 2);
	assert_int_equal(row_of(&p, "{x, y}")->removed, 1);
	assert_int_equal(row_of(&p, "{x, y}")->added, 2);
	assert_int_equal(row_of(&p, "Object")->removed, 1);
	assert_int_equal(p.diff->row_count, 3);
	finish(&p);
}

/* Whatever order the hashes of properties are in: an interface needs all of its own,
 * and the one with more wins. */
static void the_interface_with_most_properties_wins(void **state)
{
	(void)state;
	static const char *const names[][2] = {{"a", "b"}, {"c", "d"}, {"e", "f"},
		{"g", "h"}, {"i", "j"}, {"k", "l"}, {"m", "n"}, {"o", "p"}};
	enum { NAMES = sizeof names / sizeof names[0] };
	struct pair p;
	maker_start(&m);
	for (uint32_t i = 0; i < NAMES; i++) {
		const char *const first[] = {names[i][0], NULL};
		const char *const second[] = {names[i][1], NULL};
		const char *const more[] = {"z", names[i][1], names[i][0], NULL};
		add_point(101 + 10 * i, first);
		add_point(103 + 10 * i, second);
		add_point(105 + 10 * i, more);
	}
	p.before = keep();
	maker_start(&m);
	for (uint32_t i = 0; i < NAMES; i++) {
		const char *const first[] = {names[i][0], NULL};
		const char *const both[] = {names[i][0], names[i][1], NULL};
		for (uint32_t k = 0; k < 3; k++)
			add_point(1001 + 20 * i + 2 * k, k < 2 ? first : both);
		add_point(1001 + 20 * i + 6, both);
	}
	compare(&p, DIFF_SAME);
	for (uint32_t i = 0; i < NAMES; i++) {
		char name[16];
		snprintf(name, sizeof name, "{%s}", names[i][0]);
		assert_int_equal(row_of(&p, name)->removed, 1);
		snprintf(name, sizeof name, "{%s, %s}", names[i][0], names[i][1]);
		assert_int_equal(row_of(&p, name)->removed, 1);
	}
	assert_int_equal(row_of(&p, "Object")->removed, NAMES);
	finish(&p);
}

static void make_server(uint32_t first_id, uint32_t script, bool is_padded)
{
	maker_start(&m);
	m.next_id = first_id;
	if (is_padded)
		for (int i = 0; i < 40; i++)
			add(first_id + 2 * (uint32_t)i, "Padding", 10);
	for (int i = 0; i < 30; i++) {
		uint32_t server = add(
			m.next_id, i % 2 ? "Server" : "Client", 300 + is_padded);
		maker_locate(&m, server, script, i % 2 ? 522 : 7, 16);
	}
	/* A function of the same script says its path. */
	uint32_t f = maker_function(&m, "main", "lib/server.js", 1, 1);
	m.locations[m.location_count - 1][1] = script;
	maker_edge(&m, m.global, MAKER_PROPERTY, "main", f);
}

static void two_processes_are_found_out_and_matched_by_place(void **state)
{
	(void)state;
	struct pair p;
	make_server(101, 14, false);
	p.before = keep();
	make_server(101, 99, true);
	compare(&p, DIFF_FIND_OUT);
	assert_false(p.diff->is_same_process);
	const struct diff_row *server = row_of(&p, "Server");
	assert_string_equal(server->location, "lib/server.js:522:16");
	assert_string_equal(server->key, "lib/server.js:522:16,Server");
	assert_int_equal(server->added, 15);
	assert_int_equal(server->removed, 15);
	assert_int_equal(server->added_bytes - server->removed_bytes, 15);
	assert_int_equal(row_of(&p, "Padding")->added, 40);
	finish(&p);
}

static void one_process_is_recognised(void **state)
{
	(void)state;
	struct pair p;
	make_server(101, 14, false);
	p.before = keep();
	make_server(101, 14, false);
	compare(&p, DIFF_FIND_OUT);
	assert_true(p.diff->is_same_process);
	assert_int_equal(p.diff->row_count, 0);
	finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_and_went_is_counted_by_class),
		cmocka_unit_test(before_is_known_of_what_stayed),
		cmocka_unit_test(the_newer_one_says_what_an_interface_is),
		cmocka_unit_test(the_interface_with_most_properties_wins),
		cmocka_unit_test(two_processes_are_found_out_and_matched_by_place),
		cmocka_unit_test(one_process_is_recognised),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
