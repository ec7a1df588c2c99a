/* Who takes which seat: restarts, new instances, deploys, restarts of the agent. */
#include "agent/slots.h"

#include "common/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW    INT64_C(1800000000000)
#define MINUTE INT64_C(60000)

static uint32_t take_as(
	struct slots *s, const char *version, const char *program, int pid, int64_t now)
{
	const struct slots_sitter who = {
		"shop", version, program, pid, (uint64_t)pid * 10};
	return slots_take(s, &who, now);
}

static uint32_t take(struct slots *s, int pid, int64_t now)
{
	return take_as(s, "1.0", "node", pid, now);
}

static void give(struct slots *s, uint32_t slot, int64_t now)
{
	slots_give(s, "shop", slot, now);
}

static void new_processes_take_the_lowest_ordinal(void **state)
{
	(void)state;
	struct slots *s = slots_create("boot");
	assert_int_equal(take(s, 1, NOW), 0);
	assert_int_equal(take(s, 2, NOW), 1);
	assert_int_equal(take(s, 3, NOW), 2);
	const struct slots_sitter other = {"mail", "", "exim", 4, 40};
	assert_int_equal(slots_take(s, &other, NOW), 0);
	give(s, 1, NOW);
	/* Long after, nobody comes back: the gap is filled first. */
	assert_int_equal(take_as(s, "2.0", "bun", 5, NOW + 60 * MINUTE), 1);
	slots_destroy(s);
}

static void a_restart_takes_the_seat_of_the_process_that_ended(void **state)
{
	(void)state;
	struct slots *s = slots_create("boot");
	take(s, 1, NOW);
	take(s, 2, NOW);
	take(s, 3, NOW);
	give(s, 2, NOW + 1000);
	give(s, 0, NOW + 2000);
	assert_int_equal(take(s, 4, NOW + 3000), 0); /* the one that ended last */
	assert_int_equal(take(s, 5, NOW + 3000), 2);
	assert_int_equal(take(s, 6, NOW + 3000), 3);
	give(s, 0, NOW + 4000);
	give(s, 2, NOW + 5000);
	assert_int_equal(take(s, 7, NOW + 6000), 2);
	slots_destroy(s);
}

static void a_restart_prefers_its_own_version(void **state)
{
	(void)state;
	struct slots *s = slots_create("boot");
	take_as(s, "1.0", "node", 1, NOW);
	take_as(s, "1.1", "node", 2, NOW);
	give(s, 0, NOW + 1000);
	give(s, 1, NOW + 2000);
	assert_int_equal(take_as(s, "1.0", "node", 3, NOW + 3000), 0);
	assert_int_equal(take_as(s, "1.1", "node", 4, NOW + 3000), 1);
	slots_destroy(s);
}

static void a_deploy_continues_the_seats_of_the_old_version(void **state)
{
	(void)state;
	struct slots *s = slots_create("boot");
	take_as(s, "1.0", "node", 1, NOW);
	take_as(s, "1.0", "node", 2, NOW);
	give(s, 1, NOW + 1000);
	assert_int_equal(take_as(s, "2.0", "node", 3, NOW + 2000), 1);
	give(s, 0, NOW + 3000);
	assert_int_equal(take_as(s, "2.0", "node", 4, NOW + 4000), 0);
	slots_destroy(s);
}

static void other_programs_of_the_service_do_not_take_a_seat_that_was_just_left(
	void **state)
{
	(void)state;
	struct slots *s = slots_create("boot");
	take_as(s, "", "nginx", 1, NOW);
	take_as(s, "", "node", 2, NOW);
	give(s, 1, NOW + 1000);
	give(s, 0, NOW + 2000);
	assert_int_equal(take_as(s, "", "logger", 3, NOW + 3000), 2);
	assert_int_equal(take_as(s, "", "node", 4, NOW + 4000), 1);
	assert_int_equal(take_as(s, "", "nginx", 5, NOW + 4000), 0);
	slots_destroy(s);
}

/* What a new agent on the same state knows. */
static struct slots *reload(struct slots *before, const char *boot, int64_t now)
{
	struct buf text = {0};
	slots_format(before, now, &text);
	slots_destroy(before);
	struct slots *s = slots_create(boot);
	struct err e;
	if (!slots_parse(s, text.data, now, &e))
		fail_msg("%s", e.text);
	assert_false(slots_changed(s));
	buf_finish(&text);
	return s;
}

static void a_seat_counts_who_sat_in_it(void **state)
{
	(void)state;
	struct slots *s = slots_create("boot");
	assert_int_equal(slots_lives(s, "shop", 0), 0);
	take(s, 1, NOW);
	take(s, 2, NOW);
	give(s, 0, NOW + 1000);
	take(s, 3, NOW + 2000);
	assert_int_equal(slots_lives(s, "shop", 0), 2);
	assert_int_equal(slots_lives(s, "shop", 1), 1);
	s = reload(s, "boot", NOW + 3000);
	take(s, 3, NOW + 4000); /* the same process, known again */
	assert_int_equal(slots_lives(s, "shop", 0), 2);
	slots_settle(s, NOW + 4000);
	take(s, 4, NOW + 5000); /* in the place of 2, which ended meanwhile */
	assert_int_equal(slots_lives(s, "shop", 1), 2);
	slots_destroy(s);
	/* As earlier agents wrote it. */
	char text[] = "tidemark-slots 1 boot\n0\t1\t10\t0\tshop\t1.0\tnode\n";
	struct err e;
	s = slots_create("boot");
	assert_true(slots_parse(s, text, NOW, &e));
	assert_int_equal(slots_lives(s, "shop", 0), 1);
	slots_destroy(s);
}

static void a_clock_that_steps_moves_nobody(void **state)
{
	(void)state;
	static const int64_t steps[] = {
		-48 * 60 * MINUTE, -MINUTE, MINUTE, 24 * 60 * MINUTE};
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct slots *s = slots_create("boot");
		take(s, 1, NOW);
		take(s, 2, NOW);
		take(s, 3, NOW);
		give(s, 1, NOW + 1000);
		assert_int_equal(take(s, 4, NOW + 2000 + steps[i]), 1);
		/* Nor is anything forgotten for it, when it comes back. */
		give(s, 1, NOW + steps[i]);
		s = reload(s, "boot", NOW + 3000);
		take(s, 1, NOW + 4000);
		take(s, 3, NOW + 4000);
		assert_int_equal(take(s, 5, NOW + 4000), 1);
		slots_destroy(s);
	}
}

static void an_agent_restart_keeps_every_seat(void **state)
{
	(void)state;
	struct slots *s = slots_create("boot");
	take(s, 1, NOW);
	take(s, 2, NOW);
	take(s, 3, NOW);
	s = reload(s, "boot", NOW + 1000);
	assert_true(slots_waits(s, 2, 20));
	assert_false(slots_waits(s, 2, 21)); /* the pid is another process now */
	assert_false(slots_waits(s, 9, 90));
	/* In any order, and while a stranger looks for a seat too. */
	assert_int_equal(take(s, 9, NOW + 1000), 3);
	assert_int_equal(take(s, 3, NOW + 1000), 2);
	assert_int_equal(take(s, 1, NOW + 1000), 0);
	assert_false(slots_waits(s, 1, 10));
	slots_settle(s, NOW + 1000);
	/* 2 ended while the agent was away. */
	assert_false(slots_waits(s, 2, 20));
	assert_int_equal(take(s, 10, NOW + 2000), 1);
	slots_destroy(s);
}

static void after_a_reboot_seats_are_left_but_remembered(void **state)
{
	(void)state;
	struct slots *s = slots_create("boot one");
	take_as(s, "1.0", "node", 1, NOW);
	take_as(s, "1.1", "node", 2, NOW);
	s = reload(s, "boot two", NOW + MINUTE);
	assert_false(slots_waits(s, 1, 10));
	assert_int_equal(take_as(s, "1.1", "node", 1, NOW + MINUTE), 1);
	assert_int_equal(take_as(s, "1.0", "node", 2, NOW + MINUTE), 0);
	slots_destroy(s);
}

static void only_changes_are_worth_writing(void **state)
{
	(void)state;
	struct slots *s = slots_create("boot");
	assert_false(slots_changed(s));
	take(s, 1, NOW);
	assert_true(slots_changed(s));
	s = reload(s, "boot", NOW);
	take(s, 1, NOW); /* its own seat again */
	slots_settle(s, NOW);
	assert_false(slots_changed(s));
	give(s, 0, NOW);
	assert_true(slots_changed(s));
	slots_destroy(s);
}

static void seats_that_were_empty_for_long_are_forgotten(void **state)
{
	(void)state;
	struct slots *s = slots_create("boot");
	take(s, 1, NOW);
	take(s, 2, NOW);
	give(s, 0, NOW);
	struct buf text = {0};
	slots_format(s, NOW + 8 * 24 * 60 * MINUTE, &text);
	assert_non_null(strstr(text.data, "1\t2\t20\t"));
	assert_null(strstr(text.data, "0\t0\t0\t"));
	buf_finish(&text);
	assert_int_equal(take(s, 3, NOW + 8 * 24 * 60 * MINUTE), 0);
	slots_destroy(s);
}

static void the_text_stays_bounded_and_keeps_those_who_sit(void **state)
{
	(void)state;
	struct slots *s = slots_create("boot");
	enum { MANY = 20000 };
	for (int i = 0; i < MANY; i++) {
		char name[128];
		snprintf(name, sizeof name, "service-with-a-rather-long-name-%d", i);
		const struct slots_sitter who = {name, "1.0.0", "program", i + 1, 1};
		assert_int_equal(slots_take(s, &who, NOW), 0);
		if (i < MANY - 1)
			slots_give(s, name, 0, NOW);
	}
	struct buf text = {0};
	slots_format(s, NOW, &text);
	assert_true(text.length <= SLOTS_TEXT_MAX);
	assert_non_null(strstr(text.data, "0\t20000\t1\t"));
	struct slots *again = slots_create("boot");
	struct err e;
	assert_true(slots_parse(again, text.data, NOW, &e));
	slots_destroy(again);
	slots_destroy(s);
	buf_finish(&text);
}

static void damaged_texts_are_refused_with_their_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *error;
	} rows[] = {
		{"", "line 1: not a list of slots"},
		{"hello\n", "line 1: not a list of slots"},
		{"tidemark-slots 1 boot\n0\t1\t10\t0\tshop\t1.0\tno", "cut"},
		{"tidemark-slots 1 boot\n0\t1\t10\t0\tshop\t1.0\n",
			"line 2: not a seat"},
		{"tidemark-slots 1 boot\n0\t1\t10\t0\t\t1.0\tnode\n", "line 2"},
		{"tidemark-slots 1 boot\n70000\t1\t10\t0\tshop\t\tnode\n", "line 2"},
		{"tidemark-slots 1 boot\n-1\t1\t10\t0\tshop\t\tnode\n", "line 2"},
		{"tidemark-slots 1 boot\n0\t1\t10\t0\tshop\t\tnode\textra\n", "line 2"},
		{"tidemark-slots 1 boot\n0\t1\t10\t0\tshop\t\tnode\t1\t2\n", "line 2"},
		{"tidemark-slots 1 boot\n0\t1\t10\t0\tshop\t\tnode\t9999999999\n",
			"line 2"},
		{"tidemark-slots 1 boot\n0\t1\t10\t0\tshop\t\tnode\n"
		 "0\t2\t20\t0\tshop\t\tnode\n",
			"line 3"},
		{"tidemark-slots 1 boot\n\n0\t1\t10\t0\tshop\t\tnode\n", "line 2"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct slots *s = slots_create("boot");
		char text[256];
		snprintf(text, sizeof text, "%s", rows[i].text);
		struct err e;
		assert_false(slots_parse(s, text, NOW, &e));
		if (!strstr(e.text, rows[i].error))
			fail_msg("row %zu: %s", i, e.text);
		/* It works all the same. */
		take(s, 77, NOW);
		slots_settle(s, NOW);
		slots_destroy(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_processes_take_the_lowest_ordinal),
		cmocka_unit_test(a_restart_takes_the_seat_of_the_process_that_ended),
		cmocka_unit_test(a_restart_prefers_its_own_version),
		cmocka_unit_test(a_deploy_continues_the_seats_of_the_old_version),
		cmocka_unit_test(
			other_programs_of_the_service_do_not_take_a_seat_that_was_just_left),
		cmocka_unit_test(a_seat_counts_who_sat_in_it),
		cmocka_unit_test(a_clock_that_steps_moves_nobody),
		cmocka_unit_test(an_agent_restart_keeps_every_seat),
		cmocka_unit_test(after_a_reboot_seats_are_left_but_remembered),
		cmocka_unit_test(only_changes_are_worth_writing),
		cmocka_unit_test(seats_that_were_empty_for_long_are_forgotten),
		cmocka_unit_test(the_text_stays_bounded_and_keeps_those_who_sit),
		cmocka_unit_test(damaged_texts_are_refused_with_their_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
