/*
 * What a process counted, made into a census: names only, largest first, bounded.
 */
#include "agent/insides/headcount.h"
#include "tests/unit/cmocka_all.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static struct arena arena;

static bool add(struct headcount *t, const char *text, struct err *e)
{
	json_t *answer = json_loads(text, 0, NULL);
	bool ok = headcount_add(t, answer, &arena, e);
	json_decref(answer);
	return ok;
}

static void kinds_come_together_largest_first(void **state)
{
	(void)state;
	struct headcount *t = arena_alloc(&arena, sizeof *t);
	struct census census;
	struct err e;
	headcount_init(t);
	assert_true(add(t,
		"{\"kind\":\"listeners\",\"items\":[[\"Queue\\nerror\","
		"\"/srv/a.js:7:20\",3000,2999],[\"process\\nexit\",\"/srv/a.js:1:1\",1,"
		"1]],\"us\":1000,\"floor\":5000,\"cut\":false}",
		&e));
	assert_true(add(t,
		"{\"kind\":\"timers\",\"items\":[[\"Timeout\",\"/srv/b.js:1:2\","
		"20000,1],[\"Interval\",\"\",7,1]],\"us\":4000,\"floor\":4000,"
		"\"cut\":true}",
		&e));
	assert_true(add(t,
		"{\"kind\":\"closures\",\"items\":[[\"\",\"/srv/b.js:1:2\",20001,1],"
		"[\"get size\",\"/srv/c.js:1:2\",4,1]],\"us\":2000}",
		&e));
	headcount_close(t, &census);
	assert_int_equal(census.item_count, 6);
	assert_int_equal(census.items[0].kind, CENSUS_CLOSURES);
	assert_string_equal(census.items[0].name, "(anonymous)");
	assert_int_equal(census.items[1].count, 20000);
	assert_string_equal(census.items[2].name, "Queue error");
	assert_string_equal(census.items[2].location, "/srv/a.js:7:20");
	assert_string_equal(census.items[4].name, "size");
	assert_int_equal(census.took_us, 7000);
	assert_int_equal(t->longest_us, 4000);
	assert_int_equal(t->timers, 20007);
	assert_int_equal(t->listeners, 2999);
	assert_int_equal(t->floor_bytes, 4000);
	assert_true(census.is_cut);
}

static void what_people_typed_stays_there(void **state)
{
	(void)state;
	struct headcount *t = arena_alloc(&arena, sizeof *t);
	struct err e;
	headcount_init(t);
	assert_true(add(t,
		"{\"kind\":\"listeners\",\"items\":[[\"Queue\\nalice@example.org\","
		"\"/srv/a.js?token=1:7:20\",3,3],[\"a b\\n<x>\",7,2,2]]}",
		&e));
	assert_true(add(t,
		"{\"kind\":\"closures\",\"items\":[[\"card 4111 1111\",null,3,1]]}",
		&e));
	assert_string_equal(t->items[0].name, "Queue [key]");
	assert_string_equal(t->items[0].location, "");
	assert_string_equal(t->items[1].name, "[key] [key]");
	assert_string_equal(t->items[2].name, "[key]");
}

static void nonsense_is_refused_or_left_out(void **state)
{
	(void)state;
	static const char *const bad[] = {"{}", "[]", "{\"error\":\"kind\"}",
		"{\"kind\":\"listeners\"}", "{\"kind\":\"mice\",\"items\":[]}",
		"{\"kind\":7,\"items\":[]}"};
	struct headcount *t = arena_alloc(&arena, sizeof *t);
	struct err e;
	headcount_init(t);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(add(t, bad[i], &e));
		assert_int_equal(e.kind, ERR_INPUT);
	}
	assert_true(add(t,
		"{\"kind\":\"timers\",\"items\":[7,[],[\"Timeout\",\"\",-1,1],"
		"[\"Timeout\",\"\",1e300,1],[\"Timeout\",\"\",\"9\",1]],\"us\":-1}",
		&e));
	assert_int_equal(t->count, 0);
	assert_int_equal(t->timers, 0);
	assert_false(headcount_add(t, NULL, &arena, &e));
}

static void no_kind_crowds_out_the_others(void **state)
{
	(void)state;
	struct headcount *t = arena_alloc(&arena, sizeof *t);
	struct census census;
	struct err e;
	headcount_init(t);
	for (int kind = 0; kind < HEADCOUNT_KINDS; kind++) {
		json_t *answer = json_object(), *items = json_array();
		for (int i = 0; i < 1000; i++) {
			char name[32];
			snprintf(name, sizeof name, "f%d", i);
			json_array_append_new(
				items, json_pack("[s,s,i,i]", name, "", 2000 - i, 1));
		}
		json_object_set_new(answer, "kind", json_string(headcount_kinds[kind]));
		json_object_set_new(answer, "items", items);
		assert_true(headcount_add(t, answer, &arena, &e));
		json_decref(answer);
	}
	headcount_close(t, &census);
	assert_true(census.item_count <= CENSUS_ITEMS_MAX);
	assert_true(census.is_cut);
	size_t of[4] = {0};
	for (size_t i = 0; i < census.item_count; i++)
		of[census.items[i].kind]++;
	assert_true(of[1] > 50 && of[2] > 50 && of[3] > 50);
}

static void what_was_not_asked_for_is_cut(void **state)
{
	(void)state;
	struct headcount *t = arena_alloc(&arena, sizeof *t);
	struct census census;
	struct err e;
	headcount_init(t);
	t->wanted = HEADCOUNT_LIGHT;
	assert_false(headcount_wants(t, 0));
	assert_true(headcount_wants(t, 1));
	json_t *answer = json_pack("{s:s,s:[[s,s,i,i]],s:i}", "kind", "timers", "items",
		"Interval", "/a/b.js:1:2", 20000, 1, "us", 900);
	assert_true(headcount_add(t, answer, &arena, &e));
	json_decref(answer);
	headcount_close(t, &census);
	assert_true(census.is_cut);
	assert_int_equal(t->walk_us, 0);
	assert_int_equal(t->longest_us, 900);
	assert_int_equal(t->timers, 20000);
	assert_int_equal(t->listeners, -1);
	err_set(&e, ERR_INPUT, "none");
	assert_false(headcount_goes_on(t, 1, &e));
	headcount_init(t);
	assert_false(headcount_goes_on(t, 0, &e));
	assert_true(headcount_goes_on(t, 1, &e));
	assert_false(headcount_wants(t, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_come_together_largest_first),
		cmocka_unit_test(what_people_typed_stays_there),
		cmocka_unit_test(nonsense_is_refused_or_left_out),
		cmocka_unit_test(no_kind_crowds_out_the_others),
		cmocka_unit_test(what_was_not_asked_for_is_cut),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
