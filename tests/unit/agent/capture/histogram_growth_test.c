/* What is said of two class histograms of one process. */
#include "agent/capture/histogram_growth.h"

#include "agent/capture/histogram.h"
#include "schema/wire.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

struct pair {
	struct arena arena;
	struct snapshot before, now;
};

static void parse(struct arena *a, const char *text, struct snapshot *out)
{
	struct err e;
	*out = (struct snapshot){.route = "jvm"};
	if (!histogram_parse(text, strlen(text), a, out, &e))
		fail_msg("%s", e.text);
}

static const struct snapshot_growth *compare(
	struct pair *p, const char *before, const char *now)
{
	arena_init(&p->arena);
	parse(&p->arena, before, &p->before);
	parse(&p->arena, now, &p->now);
	histogram_growth_find(&p->before, 1234, &p->arena, &p->now);
	return &p->now.growth;
}

static const char early[] =
	"1: 60000 13000000 [B\n2: 20000 480000 java.lang.String\n"
	"3: 5000 120000 shop.Cart\n4: 900 90000 java.util.HashMap$Node\n"
	"5: 300 9000 shop.Gone\nTotal 86200 13699000\n";

static void names_the_classes_that_grow(void **state)
{
	(void)state;
	struct pair p;
	const struct snapshot_growth *g = compare(&p, early,
		"1: 90000 19500000 [B\n2: 24000 576000 java.lang.String\n"
		"3: 35000 840000 shop.Cart\n4: 910 91000 java.util.HashMap$Node\n"
		"5: 50 1000 shop.New\nTotal 149960 21008000\n");
	assert_int_equal(g->verdict, SNAPSHOT_CLASS_GROWTH);
	assert_int_equal(g->before_unix_ms, 1234);
	assert_int_equal(g->before_total_bytes, 13699000);
	assert_int_equal(g->grown_bytes, 7309000);
	assert_string_equal(g->words,
		"The live objects grew by 7.0 MiB; these classes grow: +30000 "
		"shop.Cart of 703 KiB.");
	assert_int_equal(g->change_count, 6);
	assert_string_equal(g->changes[0].is.name, "shop.Cart");
	assert_string_equal(g->changes[1].is.name, "byte[]");
	assert_int_equal(g->changes[1].added, 30000);
	assert_int_equal(g->changes[1].added_bytes, 6500000);
	for (size_t i = 0; i < g->change_count; i++) {
		bool is_gone = strcmp(g->changes[i].is.name, "shop.Gone") == 0;
		assert_int_equal(g->changes[i].removed, is_gone ? 300 : 0);
	}
	arena_finish(&p.arena);
}

static void says_nothing_of_a_heap_that_stays(void **state)
{
	(void)state;
	struct pair p;
	const struct snapshot_growth *g = compare(&p, early, early);
	assert_int_equal(g->verdict, SNAPSHOT_NO_LEAK);
	assert_int_equal(g->change_count, 0);
	assert_string_equal(g->words,
		"No leak visible: the live objects grew by 0 KiB, "
		"and no class of objects grows clearly.");
	arena_finish(&p.arena);
	/* A hundred more of one class, in a heap that is a hundred times as large. */
	g = compare(&p, early,
		"1: 60000 13000000 [B\n2: 20000 480000 java.lang.String\n"
		"3: 6000 144000 shop.Cart\nTotal 86200 13723000\n");
	assert_int_equal(g->verdict, SNAPSHOT_NO_LEAK);
	arena_finish(&p.arena);
}

static void is_no_verdict_on_arrays_and_strings(void **state)
{
	(void)state;
	struct pair p;
	const struct snapshot_growth *g = compare(&p, early,
		"1: 90000 19500000 [B\n2: 44000 1056000 java.lang.String\n"
		"3: 5000 120000 shop.Cart\nTotal 139000 20676000\n");
	assert_int_equal(g->verdict, SNAPSHOT_NO_LEAK);
	assert_string_equal(g->words,
		"No leak visible: the live objects grew by 6.7 MiB, the most by "
		"+30000 byte[] of 6.2 MiB, and no class of objects grows clearly.");
	arena_finish(&p.arena);
}

static void tells_when_it_shrank(void **state)
{
	(void)state;
	struct pair p;
	const struct snapshot_growth *g = compare(
		&p, early, "1: 6000 1300000 [B\nTotal 6000 1300000\n");
	assert_int_equal(g->verdict, SNAPSHOT_NO_LEAK);
	assert_int_equal(g->grown_bytes, 1300000 - 13699000);
	assert_memory_equal(
		g->words, "No leak visible: the live objects shrank by ", 43);
	arena_finish(&p.arena);
}

static void compares_with_what_was_kept(void **state)
{
	(void)state;
	struct pair p;
	compare(&p, early, early);
	struct buf text = {0};
	histogram_format(&p.before, &text);
	struct snapshot again = {0};
	struct err e;
	assert_true(histogram_parse(text.data, text.length, &p.arena, &again, &e));
	assert_int_equal(again.total_bytes, p.before.total_bytes);
	assert_int_equal(again.node_count, p.before.node_count);
	assert_int_equal(again.classes_length, p.before.classes_length);
	for (size_t i = 0; i < again.classes_length; i++) {
		assert_string_equal(
			again.classes[i].is.name, p.before.classes[i].is.name);
		assert_int_equal(again.classes[i].count, p.before.classes[i].count);
	}
	buf_finish(&text);
	arena_finish(&p.arena);
}

static void fits_on_the_wire_however_many_classes_there_are(void **state)
{
	(void)state;
	struct arena a;
	struct buf early_text = {0}, late_text = {0};
	arena_init(&a);
	uint64_t total = 0;
	for (unsigned i = 1; i <= 5000; i++) {
		const char *format =
			"%u: %u %u com.example.a.rather.deep.tree.of.packages."
			"TheClass%u$And$Its$Inner$ClassNumber%u\n";
		buf_printf(&early_text, format, i, i, i * 100, i, i);
		buf_printf(&late_text, format, i, 2 * i, 2 * i * 100, i, i);
		total += i * 100;
	}
	buf_printf(&early_text, "Total 1 %llu\n", (unsigned long long)total);
	buf_printf(&late_text, "Total 2 %llu\n", (unsigned long long)(2 * total));
	struct snapshot before, now;
	parse(&a, early_text.data, &before);
	parse(&a, late_text.data, &now);
	assert_int_equal(now.classes_length, 5000);
	histogram_growth_find(&before, 1, &a, &now);
	assert_int_equal(now.growth.change_count, SNAPSHOT_CHANGES_MAX);
	histogram_fit(&now);
	assert_true(wire_snapshot_bytes(&now) <= SNAPSHOT_BYTES_MAX - 1024);
	assert_true(wire_snapshot_bytes(&now) > SNAPSHOT_BYTES_MAX / 4 * 3);
	assert_true(now.classes_length >= 200);
	assert_true(now.growth.change_count > 0);
	assert_int_equal(now.class_count, 5000);
	buf_finish(&early_text);
	buf_finish(&late_text);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_classes_that_grow),
		cmocka_unit_test(says_nothing_of_a_heap_that_stays),
		cmocka_unit_test(is_no_verdict_on_arrays_and_strings),
		cmocka_unit_test(tells_when_it_shrank),
		cmocka_unit_test(compares_with_what_was_kept),
		cmocka_unit_test(fits_on_the_wire_however_many_classes_there_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
