#include "tests/unit/cmocka_all.h"

#include "agent/capture/histogram.h"

#include <string.h>

static const char histogram_text[] =
	" num     #instances         #bytes  class name (module)\n"
	"-------------------------------------------------------\n"
	"   1:         60013       13443048  [B (java.base@17.0.15)\n"
	"   2:         50000        1200000  Carts$Cart\n"
	"   3:            10            400  [[Lshop.Cart;\n"
	"   4:             2             48  Carts$$Lambda$14/0x00000008010035f0\n"
	"   5:             1             24  Carts$$Lambda$14/0x0000000801009a18\n"
	"   6:             1             16  sk live\x01 \n"
	"Total        110027       14643536\n";

static bool parse(const char *text, struct arena *a, struct snapshot *s, struct err *e)
{
	*s = (struct snapshot){0};
	return histogram_parse(text, strlen(text), a, s, e);
}

static const struct snapshot_class *find(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->classes_length; i++) {
		if (strcmp(s->classes[i].is.name, name) == 0)
			return &s->classes[i];
	}
	return NULL;
}

static void says_what_the_machine_printed(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct snapshot s;
	struct err e;
	assert_true(parse(histogram_text, &a, &s, &e));
	assert_int_equal(s.kind, SNAPSHOT_JVM);
	assert_string_equal(s.process.runtime, "java 17.0.15");
	assert_int_equal(s.node_count, 110027);
	assert_int_equal(s.total_bytes, 14643536);
	assert_string_equal(s.classes[0].is.name, "byte[]");
	assert_int_equal(s.classes[0].count, 60013);
	assert_int_equal(s.classes[0].shallow_bytes, 13443048);
	assert_int_equal(find(&s, "Carts$Cart")->count, 50000);
	assert_non_null(find(&s, "shop.Cart[][]"));
	arena_finish(&a);
}

static void adds_up_what_differs_by_address_only(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct snapshot s;
	struct err e;
	assert_true(parse(histogram_text, &a, &s, &e));
	const struct snapshot_class *lambda = find(&s, "Carts$$Lambda$14");
	assert_non_null(lambda);
	assert_int_equal(lambda->count, 3);
	assert_int_equal(lambda->shallow_bytes, 72);
	assert_int_equal(s.class_count, 5);
	arena_finish(&a);
}

static void passes_on_nothing_that_is_no_name(void **state)
{
	(void)state;
	static const char text[] = "   1:  5  100  card=4111-1111\n   2:  1  50  "
				   "caf\xc3\xa9\nTotal 6 150\n";
	struct arena a;
	arena_init(&a);
	struct snapshot s;
	struct err e;
	assert_true(parse(text, &a, &s, &e));
	assert_int_equal(s.classes_length, 1);
	assert_string_equal(s.classes[0].is.name, "(other)");
	assert_int_equal(s.classes[0].count, 6);
	arena_finish(&a);
}

static void refuses_a_cut_answer_at_any_byte(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	size_t whole = strlen(histogram_text);
	size_t total = (size_t)(strstr(histogram_text, "Total") - histogram_text);
	for (size_t length = 0; length < whole - 20; length++) {
		struct snapshot s = {0};
		struct err e = {0};
		bool ok = histogram_parse(histogram_text, length, &a, &s, &e);
		assert_false(ok && length <= total);
		assert_true(ok || e.kind == ERR_INPUT);
	}
	arena_finish(&a);
}

static void names_the_line_that_is_none(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a);
	struct snapshot s;
	struct err e;
	assert_false(parse("   1: 5 100 A\nFull thread dump\n", &a, &s, &e));
	assert_non_null(strstr(e.text, "line 2"));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_the_machine_printed),
		cmocka_unit_test(adds_up_what_differs_by_address_only),
		cmocka_unit_test(passes_on_nothing_that_is_no_name),
		cmocka_unit_test(refuses_a_cut_answer_at_any_byte),
		cmocka_unit_test(names_the_line_that_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
