/*
 * What may be the cause, on arrays: each suspect gets the verdict that the figures
 * support, and no more.
 */
#include "server/analyse/suspects.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

enum { STEPS = 60 };

static struct arena arena;
static double rising[STEPS], flat[STEPS], easing[STEPS], wave[STEPS], none[STEPS];

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	for (int i = 0; i < STEPS; i++) {
		rising[i] = 100000 + 2000 * i;
		flat[i] = 100000;
		easing[i] = 100000 + 60000 * (1 - exp(-i / 6.0));
		wave[i] = 50 + 5 * sin(i);
		none[i] = (double)NAN;
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static const struct suspects_row *find(
	const struct suspects_rows *rows, const char *key)
{
	for (size_t i = 0; i < rows->count; i++)
		if (strcmp(rows->items[i].key, key) == 0)
			return &rows->items[i];
	return NULL;
}

static void is(const struct suspects_rows *rows, const char *key,
	enum suspects_verdict verdict, const char *words)
{
	const struct suspects_row *row = find(rows, key);
	if (!row)
		fail_msg("no row '%s'", key);
	if (row->verdict != verdict || !strstr(row->result, words))
		fail_msg("%s: %s, not %s with '%s': %s", key,
			suspects_verdict_name(row->verdict),
			suspects_verdict_name(verdict), words, row->result);
}

static struct cause_version version(
	const struct fleet_part *parts, size_t count, size_t hosts, size_t leaking)
{
	return (struct cause_version){.parts = parts,
		.part_count = count,
		.slots = hosts,
		.slots_leaking = leaking,
		.hosts = hosts,
		.hosts_leaking = leaking};
}

static void examine(
	const struct cause_version *versions, size_t count, struct suspects_rows *out)
{
	static const char *const labels[] = {"a", "b", "c", "d"};
	const struct suspects_case c = {.versions = versions,
		.labels = labels,
		.version_count = count,
		.kind = ANALYSE_KIND_LEAK,
		.cause = "@pm2/io 4.2.1"};
	suspects_examine(&c, &arena, out);
}

/* The second seed story: pm2 3.5.1 is blamed, but it is @pm2/io 4.2.1, which the lock
 * files of some services on 3.4.1 hold as well. */
static void the_dependency_and_not_what_came_with_it(void **state)
{
	(void)state;
	static const struct fleet_part a[] = {{"version", "2.1"},
		{"runtime", "node 10"}, {"@pm2/io", "4.2.1"}, {"left-pad", "1.0"},
		{"pm2", "3.5.1"}};
	static const struct fleet_part b[] = {{"version", "2.0"},
		{"runtime", "node 10"}, {"@pm2/io", "4.2.1"}, {"left-pad", "1.0"},
		{"pm2", "3.4.1"}};
	static const struct fleet_part c[] = {{"version", "1.9"},
		{"runtime", "node 10"}, {"@pm2/io", "4.1.2"}, {"left-pad", "1.1"},
		{"pm2", "3.4.1"}};
	static const struct fleet_part d[] = {{"version", "1.8"},
		{"runtime", "node 10"}, {"@pm2/io", "4.1.2"}, {"left-pad", "1.0"},
		{"pm2", "3.5.1"}};
	const struct cause_version versions[] = {version(a, 5, 8, 8),
		version(b, 5, 4, 4), version(c, 5, 5, 0), version(d, 5, 4, 0)};
	struct suspects_rows rows;
	examine(versions, 4, &rows);
	is(&rows, "package:@pm2/io", SUSPECTS_CONFIRMED,
		"12 of 12 hosts with @pm2/io 4.2.1 leak, 0 of 9 without");
	assert_string_equal(
		find(&rows, "package:@pm2/io")->cause, "@pm2/io 4.1.2 → 4.2.1");
	is(&rows, "package:pm2", SUSPECTS_OPEN, "8 of 12 hosts with pm2 3.5.1 leak");
	is(&rows, "runtime", SUSPECTS_REFUTED, "All run node 10");
	/* 4 of the 13 without 2.1 leak as well. */
	is(&rows, "code", SUSPECTS_LIKELY, "8 of 8 hosts with 2.1 leak, 4 of 13");
}

static void what_leaks_on_both_sides_is_refuted(void **state)
{
	(void)state;
	static const struct fleet_part a[] = {{"version", "2"}, {"pm2", "3.4.1"}};
	static const struct fleet_part b[] = {{"version", "1"}, {"pm2", "3.5.1"}};
	const struct cause_version versions[] = {
		version(a, 2, 6, 6), version(b, 2, 6, 6)};
	struct suspects_rows rows;
	examine(versions, 2, &rows);
	is(&rows, "package:pm2", SUSPECTS_REFUTED, "they leak without it as well");
	assert_string_equal(find(&rows, "package:pm2")->cause, "pm2 3.5.1 → 3.4.1");
	is(&rows, "code", SUSPECTS_REFUTED, "6 of 6 without");
}

static void what_is_always_together_is_equally_suspect(void **state)
{
	(void)state;
	static const struct fleet_part a[] = {
		{"version", "2"}, {"left", "2"}, {"right", "2"}, {"gone", "1"}};
	static const struct fleet_part b[] = {
		{"version", "1"}, {"left", "1"}, {"right", "1"}};
	const struct cause_version versions[] = {
		version(a, 4, 9, 9), version(b, 3, 9, 0)};
	struct suspects_rows rows;
	examine(versions, 2, &rows);
	is(&rows, "code", SUSPECTS_CONFIRMED, "9 of 9 hosts with 2 leak, 0 of 9");
	is(&rows, "package:left", SUSPECTS_LIKELY, "the code is as suspect");
	is(&rows, "package:left", SUSPECTS_LIKELY, "Always deployed with it: ");
	assert_string_equal(find(&rows, "package:gone")->cause, "gone none → 1");
}

static void what_nobody_knows_is_said(void **state)
{
	(void)state;
	static const struct fleet_part a[] = {{"version", "2"}, {"runtime", ""}};
	struct cause_version alone = version(a, 2, 3, 3);
	struct suspects_rows rows;
	alone.lacks_parts = true;
	examine(&alone, 1, &rows);
	is(&rows, "code", SUSPECTS_OPEN, "none is known without");
	is(&rows, "packages", SUSPECTS_NO_DATA, "is not known");
	is(&rows, "runtime", SUSPECTS_NO_DATA, "not known");
	is(&rows, "queue", SUSPECTS_NO_DATA, "No queue");
	is(&rows, "load", SUSPECTS_NO_DATA, "Neither");
	is(&rows, "warmup", SUSPECTS_NO_DATA, "No process");
	is(&rows, "fragmentation", SUSPECTS_NO_DATA, "nothing of its heap");
	is(&rows, "restarts", SUSPECTS_NO_DATA, "No process");
}

/* One leaking line and one clean one, of twenty minutes a step. */
static void course(const struct suspects_line *leak, const struct suspects_line *clean,
	const double *depth, struct suspects_rows *out)
{
	static const struct fleet_part a[] = {{"version", "2"}};
	static const char *const labels[] = {"2"};
	const struct cause_version one = version(a, 1, 1, 1);
	struct suspects_line lines[2] = {*leak};
	const struct suspects_queue queue = {"jobs", depth};
	size_t count = 1;
	lines[0].leaks = true;
	if (clean)
		lines[count++] = *clean;
	for (size_t i = 0; i < count; i++) {
		lines[i].to = STEPS;
		if (!lines[i].age_ms)
			lines[i].age_ms = STEPS * 1200000;
	}
	const struct suspects_case c = {.versions = &one,
		.labels = labels,
		.version_count = 1,
		.kind = ANALYSE_KIND_LEAK,
		.cause = "",
		.lines = lines,
		.line_count = count,
		.steps = STEPS,
		.step_ms = 1200000,
		.queues = &queue,
		.queue_count = depth != NULL};
	suspects_examine(&c, &arena, out);
}

static void a_leak_under_even_load_is_none_of_the_rest(void **state)
{
	(void)state;
	const struct suspects_line leak = {
		.memory_kb = rising, .heap_kb = rising, .load = wave, .restarts = 2};
	const struct suspects_line clean = {.memory_kb = flat, .load = wave};
	struct suspects_rows rows;
	course(&leak, &clean, wave, &rows);
	is(&rows, "load", SUSPECTS_REFUTED, "Memory changed by +67 %");
	is(&rows, "queue", SUSPECTS_REFUTED, "The depth of jobs went from 50 to 50");
	is(&rows, "warmup", SUSPECTS_REFUTED, "does not ease off");
	is(&rows, "fragmentation", SUSPECTS_REFUTED, "is in the heap");
	is(&rows, "restarts", SUSPECTS_REFUTED, "2 restarts");
}

static void what_follows_the_load_is_load(void **state)
{
	(void)state;
	const struct suspects_line leak = {.memory_kb = rising, .load = rising};
	struct suspects_rows rows;
	course(&leak, NULL, rising, &rows);
	is(&rows, "load", SUSPECTS_LIKELY, "correlation 1.00");
	is(&rows, "queue", SUSPECTS_LIKELY, "correlation 1.00");
	/* Unless others do the same work without it. */
	const struct suspects_line clean = {.memory_kb = flat, .load = rising};
	course(&leak, &clean, NULL, &rows);
	is(&rows, "load", SUSPECTS_REFUTED, "their memory changed by 0 %");
}

static void what_eases_off_is_warmup(void **state)
{
	(void)state;
	const struct suspects_line leak = {.memory_kb = easing, .heap_kb = flat};
	struct suspects_rows rows;
	course(&leak, NULL, NULL, &rows);
	is(&rows, "warmup", SUSPECTS_LIKELY, "later");
	is(&rows, "fragmentation", SUSPECTS_LIKELY, "ever slower");
	const struct suspects_line steady = {.memory_kb = rising, .heap_kb = flat};
	course(&steady, NULL, NULL, &rows);
	is(&rows, "fragmentation", SUSPECTS_UNLIKELY, "rather native");
}

static void clean_ones_that_live_briefly_prove_little(void **state)
{
	(void)state;
	const struct suspects_line leak = {.memory_kb = rising, .load = none};
	const struct suspects_line clean = {.memory_kb = flat, .age_ms = 3600000};
	struct suspects_rows rows;
	course(&leak, &clean, NULL, &rows);
	is(&rows, "restarts", SUSPECTS_OPEN, "perhaps too short");
	is(&rows, "load", SUSPECTS_NO_DATA, "Neither");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dependency_and_not_what_came_with_it),
		cmocka_unit_test(what_leaks_on_both_sides_is_refuted),
		cmocka_unit_test(what_is_always_together_is_equally_suspect),
		cmocka_unit_test(what_nobody_knows_is_said),
		cmocka_unit_test(a_leak_under_even_load_is_none_of_the_rest),
		cmocka_unit_test(what_follows_the_load_is_load),
		cmocka_unit_test(what_eases_off_is_warmup),
		cmocka_unit_test(clean_ones_that_live_briefly_prove_little),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
