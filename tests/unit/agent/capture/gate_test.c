/* Who is refused, who is asked about, and in which words. */
#include "agent/capture/gate.h"

#include "tests/unit/cmocka_all.h"

#include <signal.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

/* A process that nothing speaks against; each case changes one thing. */
struct world {
	struct facts facts;
	struct card card;
	struct room room;
	struct ways ways;
	struct gate_question q;
	bool is_jvm, is_self_handled;
};

static void setup(struct world *w)
{
	*w = (struct world){0};
	w->facts = (struct facts){
		.pid = 7, .state = 'S', .is_node = true, .program = "node"};
	w->facts.signals_caught = UINT64_C(1) << (SIGUSR1 - 1);
	card_estimate(&w->card, 10 * MIB, true); /* needs 184 MiB, pauses 1.0 s */
	w->room = (struct room){.free_bytes = 430 * MIB,
		.where = "control group /x: limit 512 MiB, used 82 MiB"};
	w->q = (struct gate_question){
		.facts = &w->facts,
		.way = WAY_INSPECTOR,
		.ways = &w->ways,
		.card = &w->card,
		.room = &w->room,
		.now_unix_ms = 1000000000,
		.pause_max_ms = 2000,
		.cooldown_ms = 600000,
	};
}

static void expect(struct world *w, enum snapshot_gate gate, const char *reasons)
{
	struct buf text = {0};
	ways_look(&w->facts, w->is_jvm, w->is_self_handled, &w->ways);
	enum snapshot_gate got = gate_judge(&w->q, &text);
	assert_string_equal(text.data ? text.data : "", reasons);
	assert_int_equal(got, gate);
	buf_finish(&text);
}

static void nothing_against_it(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	expect(&w, SNAPSHOT_ALLOWED, "");
}

static void too_little_memory_is_refused(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	card_estimate(&w.card, 45 * MIB + MIB * 2 / 3, true);
	w.q.pause_max_ms = 10000;
	expect(&w, SNAPSHOT_REFUSED,
		"needs 612 MiB, 0.7 of what is free is 301 MiB (control group /x: "
		"limit "
		"512 MiB, used 82 MiB)");
	w.card.heap_is_measured = false;
	expect(&w, SNAPSHOT_REFUSED,
		"needs up to 612 MiB, 0.7 of what is free is 301 MiB (control group "
		"/x: "
		"limit 512 MiB, used 82 MiB)");
	/* What will be measured is not judged by its upper bound. */
	w.q.will_measure = true;
	expect(&w, SNAPSHOT_ALLOWED, "");
}

static void a_long_pause_asks(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	w.card.pause_ms = 2001;
	expect(&w, SNAPSHOT_ASKS,
		"the process would answer nothing for about 2.0 s; the limit is 2.0 s");
	w.card.pause_ms = 2000;
	expect(&w, SNAPSHOT_ALLOWED, "");
	w.card.pause_ms = 600000;
	w.card.heap_is_measured = false;
	expect(&w, SNAPSHOT_ASKS,
		"the process would answer nothing for up to 10 min; the limit is 2.0 "
		"s");
}

static void too_soon_asks(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	w.q.last_unix_ms = w.q.now_unix_ms - 180000;
	expect(&w, SNAPSHOT_ASKS,
		"the last capture of this service was 3 min ago; at least 10 min "
		"should "
		"lie between two");
	w.q.last_unix_ms = w.q.now_unix_ms - 600000;
	expect(&w, SNAPSHOT_ALLOWED, "");
	w.q.last_unix_ms = w.q.now_unix_ms + 5; /* the clock was set back */
	expect(&w, SNAPSHOT_ALLOWED, "");
}

static void refusals_outweigh_and_all_are_said(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	w.facts.state = 'T';
	w.card.pause_ms = 3000;
	w.room.free_bytes = 100 * MIB;
	expect(&w, SNAPSHOT_REFUSED,
		"the process is stopped and would not answer\n"
		"needs 184 MiB, 0.7 of what is free is 70 MiB (control group /x: limit "
		"512 MiB, used 82 MiB)\n"
		"the process would answer nothing for about 3.0 s; the limit is 2.0 s");
}

static void signals_that_would_harm_are_not_sent(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	w.facts.signals_caught = 0;
	expect(&w, SNAPSHOT_REFUSED,
		"the route inspector does not work: it does not catch SIGUSR1, which "
		"would end it; routes that would work: preload (if it was set up)");
	setup(&w);
	w.facts.signals_ignored = w.facts.signals_caught;
	expect(&w, SNAPSHOT_REFUSED,
		"the route inspector does not work: it does not catch SIGUSR1, which "
		"would end it; routes that would work: preload (if it was set up)");
	setup(&w);
	w.facts.flags.disable_sigusr1 = true;
	w.facts.flags.heap_signal = SIGUSR2;
	w.facts.signals_caught |= UINT64_C(1) << (SIGUSR2 - 1);
	expect(&w, SNAPSHOT_REFUSED,
		"the route inspector does not work: it was started with "
		"--disable-sigusr1; routes that would work: preload (if it was set "
		"up), "
		"signal");
	setup(&w);
	w.facts.flags.permission = true;
	expect(&w, SNAPSHOT_REFUSED,
		"the route inspector does not work: it was started with --permission, "
		"under which no inspector opens; routes that would work: preload (if "
		"it "
		"was set up)");
	setup(&w);
	w.is_self_handled = true;
	expect(&w, SNAPSHOT_REFUSED,
		"the route inspector does not work: this service has answered SIGUSR1 "
		"with something of its own before, and no inspector opened (noted in "
		"the file 'captures' of the state directory); routes that would work: "
		"preload (if it was set up)");
	setup(&w);
	w.facts.signals_caught = 0;
	w.facts.flags.inspect = true; /* no signal is needed */
	expect(&w, SNAPSHOT_ALLOWED, "");
}

static void expect_notes(struct world *w, const char *notes)
{
	struct buf text = {0};
	gate_note(&w->q, &text);
	assert_string_equal(text.data ? text.data : "", notes);
	buf_finish(&text);
}

static void notes_tell_what_stays_and_which_limit_is_near(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	w.facts.rss_bytes = 80 * MIB;
	w.room.available_bytes = 4000 * MIB;
	expect_notes(&w,
		"it stays resident as large as the capture makes it, up to 264 MiB: a "
		"restart at a limit of resident memory, as pm2 does it, may follow; "
		"that takes up to 42 % of what is left below the limit of its control "
		"group /x: limit 512 MiB, used 82 MiB");
	w.room.free_bytes = 4000 * MIB; /* a limit that is far, or none */
	expect_notes(&w,
		"it stays resident as large as the capture makes it, up to 264 MiB: a "
		"restart at a limit of resident memory, as pm2 does it, may follow");
	w.q.will_measure = true;
	expect_notes(&w, "");
	w.q.will_measure = false;
	w.q.way = WAY_JVM;
	expect_notes(&w, "");
}

static void who_is_neither_is_refused(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	w.facts.is_node = false;
	strcpy(w.facts.program, "redis-server");
	w.q.way = WAYS;
	expect(&w, SNAPSHOT_REFUSED,
		"no route leads into 'redis-server': it is neither Node.js nor a Java "
		"machine");
	assert_int_equal(ways_next(&w.ways, 0), WAYS);
	w.q.way = WAY_INSPECTOR;
	expect(&w, SNAPSHOT_REFUSED,
		"the route inspector does not work: 'redis-server' is not Node.js; "
		"routes that would work: none");
	w.is_jvm = true;
	w.q.way = WAY_JVM;
	expect(&w, SNAPSHOT_ALLOWED, "");
	assert_int_equal(ways_next(&w.ways, 0), WAY_JVM);
}

static void ways_have_their_order(void **state)
{
	struct world w;
	(void)state;
	setup(&w);
	ways_look(&w.facts, false, false, &w.ways);
	assert_int_equal(ways_next(&w.ways, 0), WAY_PRELOAD);
	assert_int_equal(ways_next(&w.ways, WAY_PRELOAD + 1), WAY_INSPECTOR);
	assert_int_equal(ways_next(&w.ways, WAY_INSPECTOR + 1), WAYS);
	assert_int_equal(ways_parse("signal"), WAY_SIGNAL);
	assert_int_equal(ways_parse(""), WAYS);
	assert_int_equal(ways_parse("door"), WAYS);
	assert_string_equal(ways_name(WAY_JVM), "jvm");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_against_it),
		cmocka_unit_test(too_little_memory_is_refused),
		cmocka_unit_test(a_long_pause_asks),
		cmocka_unit_test(too_soon_asks),
		cmocka_unit_test(refusals_outweigh_and_all_are_said),
		cmocka_unit_test(signals_that_would_harm_are_not_sent),
		cmocka_unit_test(notes_tell_what_stays_and_which_limit_is_near),
		cmocka_unit_test(who_is_neither_is_refused),
		cmocka_unit_test(ways_have_their_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
