/* What grew between two summaries, by paths and names. */
#include "agent/capture/regrowth.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

#define MIB (UINT64_C(1) << 20)

struct world {
	struct snapshot before, after;
	struct snapshot_class old_rows[3], new_rows[3];
	struct snapshot_holder old_holders[3], new_holders[3];
	struct snapshot_step step;
	struct arena arena;
};

static struct snapshot_holder holder(struct world *w, const char *name,
	const char *child, uint64_t count, uint64_t bytes)
{
	return (struct snapshot_holder){
		.is = {name, ""},
		.path = {&w->step, 1, false},
		.child = {child, ""},
		.child_count = count,
		.child_bytes = bytes,
		.retained_bytes = bytes + 1000,
	};
}

static void setup(struct world *w)
{
	*w = (struct world){.step = {"cache", {"global", ""}}};
	w->old_rows[0] = (struct snapshot_class){
		{"Account", "a.js:1:1"}, 1000, MIB, MIB, 3};
	w->new_rows[0] = (struct snapshot_class){
		{"Account", "a.js:1:1"}, 3000, 3 * MIB, 3 * MIB, 3};
	w->old_rows[1] = (struct snapshot_class){{"(string)", ""}, 500, MIB, MIB, 3};
	w->new_rows[1] = (struct snapshot_class){
		{"(string)", ""}, 400, MIB / 2, MIB, 3};
	w->old_holders[0] = holder(w, "Map", "Array", 1000, MIB);
	w->new_holders[0] = holder(w, "Map", "Array", 3000, 3 * MIB);
	w->before = (struct snapshot){.kind = SNAPSHOT_V8,
		.taken_unix_ms = 77,
		.total_bytes = 10 * MIB,
		.class_count = 2,
		.classes = w->old_rows,
		.classes_length = 2,
		.accumulators = w->old_holders,
		.accumulator_count = 1};
	w->after = w->before;
	w->after.total_bytes = 12 * MIB;
	w->after.classes = w->new_rows;
	w->after.accumulators = w->new_holders;
}

static void the_same_holder_is_found_by_its_path(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	regrowth_find(&w.before, &w.after, &w.arena);
	const struct snapshot_growth *g = &w.after.growth;
	assert_int_equal(g->verdict, SNAPSHOT_ACCUMULATION);
	assert_int_equal(g->before_unix_ms, 77);
	assert_int_equal(g->grown_bytes, 2 * MIB);
	assert_int_equal(g->explained_bytes, 2 * MIB);
	assert_int_equal(g->holder.child_count, 2000);
	assert_int_equal(g->holder.child_bytes, 2 * MIB);
	assert_non_null(
		strstr(g->words, "in the Map `cache` of global: 2,000 new Array"));
	assert_int_equal(g->change_count, 2);
	assert_string_equal(g->changes[0].is.name, "Account");
	assert_int_equal(g->changes[0].added, 2000);
	assert_int_equal(g->changes[1].removed, 100);
	assert_int_equal(g->changes[1].removed_bytes, MIB / 2);
	arena_finish(&w.arena);
}

/* Two that are called alike are told apart by their order. */
static void namesakes_are_matched_by_rank(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	w.old_holders[1] = holder(&w, "Map", "Array", 500, MIB / 2);
	w.new_holders[1] = holder(&w, "Map", "Array", 500, MIB / 2);
	w.before.accumulator_count = w.after.accumulator_count = 2;
	regrowth_find(&w.before, &w.after, &w.arena);
	assert_int_equal(w.after.growth.explained_bytes, 2 * MIB);
	assert_int_equal(w.after.growth.holder.child_count, 2000);
	arena_finish(&w.arena);
}

static void growth_without_a_holder_is_that_of_classes(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	w.before.accumulator_count = w.after.accumulator_count = 0;
	regrowth_find(&w.before, &w.after, &w.arena);
	assert_int_equal(w.after.growth.verdict, SNAPSHOT_CLASS_GROWTH);
	assert_int_equal(w.after.growth.explained_bytes, 2 * MIB);
	assert_non_null(strstr(w.after.growth.words, "+2,000 Account (a.js:1:1)"));
	arena_finish(&w.arena);
}

static void a_heap_that_does_not_grow_has_no_leak(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	w.after = w.before;
	regrowth_find(&w.before, &w.after, &w.arena);
	assert_int_equal(w.after.growth.verdict, SNAPSHOT_NO_LEAK);
	assert_int_equal(w.after.growth.change_count, 0);
	w.after.total_bytes = MIB;
	regrowth_find(&w.before, &w.after, &w.arena);
	assert_int_equal(w.after.growth.verdict, SNAPSHOT_NO_LEAK);
	assert_true(w.after.growth.grown_bytes < 0);
	arena_finish(&w.arena);
}

/* A class that may have been there, but did not fit into the earlier summary. */
static void what_was_cut_is_not_called_new(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	w.before.classes_length = 1;
	w.new_rows[1].count = 9000;
	w.new_rows[1].shallow_bytes = 9 * MIB;
	regrowth_find(&w.before, &w.after, &w.arena);
	assert_int_equal(w.after.growth.change_count, 1);
	w.before.class_count = 1;
	regrowth_find(&w.before, &w.after, &w.arena);
	assert_int_equal(w.after.growth.change_count, 2);
	arena_finish(&w.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_holder_is_found_by_its_path),
		cmocka_unit_test(namesakes_are_matched_by_rank),
		cmocka_unit_test(growth_without_a_holder_is_that_of_classes),
		cmocka_unit_test(a_heap_that_does_not_grow_has_no_leak),
		cmocka_unit_test(what_was_cut_is_not_called_new),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
