/*
 * What a snapshot policy does next, case by case.
 */
#include "server/watch/capturing_rule.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

#define MINUTE       INT64_C(60000)
#define NOW          (INT64_C(1795341600000))
#define AGO(minutes) (NOW - (minutes)*MINUTE)

/* Version 20 leaks in seats 1 (process 101) and 2 (102); version 10 is steady in seats
 * 3 (103) and 4 (104), of which 4 is the older. */
static const struct snapshot_policy_seat town[] = {
	{1, 1, 101, 20, true, "leak", true, 50000, 200 << 10, AGO(90), false},
	{1, 2, 102, 20, true, "leak", true, 58000, 220 << 10, AGO(60), false},
	{1, 3, 103, 10, true, "steady", true, -90, 60 << 10, AGO(90), false},
	{1, 4, 104, 10, true, "steady", true, -80, 60 << 10, AGO(400), false},
	{2, 5, 105, 30, true, "steady", true, 0, 60 << 10, AGO(900), false},
};

#define FIRST(number, process, state, ago, low_mib)                                    \
	{                                                                              \
		number, 1, 7, process, CAPTURING_FIRST, state, "allowed", AGO(ago),    \
			AGO(ago), (low_mib) << 10, false                               \
	}
#define OF(number, process, cause, state, gate, ago)                                   \
	{                                                                              \
		number, 1, 7, process, cause, state, gate, AGO(ago), AGO(ago), -1,     \
			false                                                          \
	}

struct scene {
	const char *name;
	struct snapshot_policy_past past[4];
	size_t past_count;
	bool without_control, was_refused, is_skip_noted;
	uint32_t away; /* bit i: seat i + 1 does not run */
	uint32_t full; /* it will soon reach its limit */
	enum capturing_what what;
	int64_t capture, seat;
	const char *cause;
};

/* `value` of process 102 is 220 MiB; a second is wanted 50 MiB after the first. */
static const struct scene scenes[] = {
	{.name = "nothing was taken yet",
		.what = CAPTURING_ASK,
		.seat = 2,
		.cause = CAPTURING_FIRST},
	{.name = "the clearest one is away",
		.away = 1 << 1,
		.what = CAPTURING_ASK,
		.seat = 1,
		.cause = CAPTURING_FIRST},
	{.name = "nobody who leaks runs", .away = 3, .what = CAPTURING_NOTHING},
	{.name = "the last one of the service",
		.away = 1 | 1 << 2 | 1 << 3,
		.what = CAPTURING_SKIP,
		.seat = 2,
		.cause = CAPTURING_FIRST},
	{.name = "the last one, which was said",
		.away = 1 | 1 << 2 | 1 << 3,
		.is_skip_noted = true,
		.what = CAPTURING_NOTHING},
	{.name = "all that run leak, and there is another",
		.away = 1 << 2 | 1 << 3,
		.what = CAPTURING_ASK,
		.seat = 2,
		.cause = CAPTURING_FIRST},
	{.name = "the other one will soon reach its limit",
		.away = 1 << 2 | 1 << 3,
		.full = 1,
		.what = CAPTURING_SKIP,
		.seat = 2,
		.cause = CAPTURING_FIRST},
	{.name = "the control is the only one that does not leak",
		.away = 1 << 2,
		.past = {OF(2, 102, CAPTURING_GROWTH, "done", "allowed", 31),
			FIRST(1, 102, "done", 70, 100)},
		.past_count = 2,
		.what = CAPTURING_SKIP,
		.seat = 4,
		.cause = CAPTURING_CONTROL},
	{.name = "the other that does not leak will soon reach its limit",
		.full = 1 << 2,
		.past = {OF(2, 102, CAPTURING_GROWTH, "done", "allowed", 31),
			FIRST(1, 102, "done", 70, 100)},
		.past_count = 2,
		.what = CAPTURING_SKIP,
		.seat = 4,
		.cause = CAPTURING_CONTROL},
	{.name = "a question was refused lately",
		.was_refused = true,
		.what = CAPTURING_NOTHING},
	{.name = "an agent makes a card",
		.past = {OF(1, 102, CAPTURING_FIRST, "quoting", NULL, 1)},
		.past_count = 1,
		.what = CAPTURING_NOTHING},
	{.name = "a card allows it",
		.past = {OF(1, 102, CAPTURING_FIRST, "quoted", "allowed", 1)},
		.past_count = 1,
		.what = CAPTURING_CONFIRM,
		.capture = 1},
	{.name = "a card asks",
		.past = {OF(1, 102, CAPTURING_FIRST, "quoted", "asks", 1)},
		.past_count = 1,
		.what = CAPTURING_LEAVE,
		.capture = 1},
	{.name = "a card refuses",
		.past = {OF(1, 102, CAPTURING_FIRST, "quoted", "refused", 1)},
		.past_count = 1,
		.what = CAPTURING_LEAVE,
		.capture = 1},
	{.name = "a card asks, which was said",
		.past = {{1, 1, 7, 102, CAPTURING_FIRST, "quoted", "asks", AGO(1), 0,
			-1, true}},
		.past_count = 1,
		.what = CAPTURING_NOTHING},
	{.name = "it could not be ordered, which was said",
		.past = {{1, 1, 7, 102, CAPTURING_FIRST, "quoted", "allowed", AGO(1), 0,
			-1, true}},
		.past_count = 1,
		.what = CAPTURING_NOTHING},
	{.name = "people have a card before them",
		.past = {{1, 1, 0, 104, "console", "quoted", "allowed", AGO(1), 0, -1,
			false}},
		.past_count = 1,
		.what = CAPTURING_NOTHING},
	{.name = "people took one lately",
		.past = {{1, 1, 0, 104, "console", "done", "allowed", AGO(20), AGO(20),
			-1, false}},
		.past_count = 1,
		.what = CAPTURING_NOTHING},
	{.name = "people only asked",
		.past = {{1, 1, 0, 104, "console", "cancelled", "asks", AGO(20), 0, -1,
			false}},
		.past_count = 1,
		.what = CAPTURING_ASK,
		.seat = 2,
		.cause = CAPTURING_FIRST},
	{.name = "another service is busy",
		.past = {{1, 2, 0, 105, "console", "running", "allowed", AGO(1), AGO(1),
			-1, false}},
		.past_count = 1,
		.what = CAPTURING_ASK,
		.seat = 2,
		.cause = CAPTURING_FIRST},
	{.name = "the first failed lately",
		.past = {OF(1, 102, CAPTURING_FIRST, "failed", "allowed", 29)},
		.past_count = 1,
		.what = CAPTURING_NOTHING},
	{.name = "the first failed a while ago",
		.past = {OF(1, 102, CAPTURING_FIRST, "failed", "allowed", 30)},
		.past_count = 1,
		.what = CAPTURING_ASK,
		.seat = 2,
		.cause = CAPTURING_FIRST},
	{.name = "the first was tried three times",
		.past = {OF(3, 102, CAPTURING_FIRST, "expired", NULL, 40),
			OF(2, 102, CAPTURING_FIRST, "denied", "refused", 80),
			OF(1, 101, CAPTURING_FIRST, "failed", "allowed", 120)},
		.past_count = 3,
		.what = CAPTURING_NOTHING},
	{.name = "another finding's tries do not count",
		.past = {{3, 1, 8, 102, CAPTURING_FIRST, "failed", NULL, AGO(40),
				 AGO(40), -1, false},
			{2, 1, 8, 102, CAPTURING_FIRST, "failed", NULL, AGO(80),
				AGO(80), -1, false},
			{1, 1, 8, 101, CAPTURING_FIRST, "failed", NULL, AGO(120),
				AGO(120), -1, false}},
		.past_count = 3,
		.what = CAPTURING_ASK,
		.seat = 2,
		.cause = CAPTURING_FIRST},
	{.name = "the first has not cooled down",
		.past = {FIRST(1, 102, "done", 29, 100)},
		.past_count = 1,
		.what = CAPTURING_NOTHING},
	{.name = "it has grown by 50 MiB",
		.past = {FIRST(1, 102, "done", 45, 170)},
		.past_count = 1,
		.what = CAPTURING_ASK,
		.seat = 2,
		.cause = CAPTURING_GROWTH},
	{.name = "it has grown by 49 MiB, so the control is next",
		.past = {FIRST(1, 102, "done", 45, 171)},
		.past_count = 1,
		.what = CAPTURING_ASK,
		.seat = 4,
		.cause = CAPTURING_CONTROL},
	{.name = "it has not grown, nor is a control wanted",
		.past = {FIRST(1, 102, "done", 45, 219)},
		.past_count = 1,
		.without_control = true,
		.what = CAPTURING_NOTHING},
	{.name = "no control runs",
		.past = {FIRST(1, 102, "done", 45, 171)},
		.past_count = 1,
		.away = 1 << 2 | 1 << 3,
		.what = CAPTURING_NOTHING},
	{.name = "the second of the first's process, though another grows faster",
		.past = {FIRST(1, 101, "done", 45, 100)},
		.past_count = 1,
		.what = CAPTURING_ASK,
		.seat = 1,
		.cause = CAPTURING_GROWTH},
	{.name = "the first's process has ended: a new pair",
		.past = {FIRST(1, 99, "done", 45, 100)},
		.past_count = 1,
		.what = CAPTURING_ASK,
		.seat = 2,
		.cause = CAPTURING_FIRST},
	{.name = "no new pair any more, but the control",
		.past = {FIRST(3, 99, "done", 45, 100), FIRST(2, 98, "done", 90, 100),
			FIRST(1, 97, "done", 140, 100)},
		.past_count = 3,
		.what = CAPTURING_ASK,
		.seat = 4,
		.cause = CAPTURING_CONTROL},
	{.name = "the pair is whole: the control",
		.past = {OF(2, 102, CAPTURING_GROWTH, "done", "allowed", 31),
			FIRST(1, 102, "done", 70, 100)},
		.past_count = 2,
		.what = CAPTURING_ASK,
		.seat = 4,
		.cause = CAPTURING_CONTROL},
	{.name = "everything is there",
		.past = {OF(3, 104, CAPTURING_CONTROL, "done", "allowed", 31),
			OF(2, 102, CAPTURING_GROWTH, "done", "allowed", 70),
			FIRST(1, 102, "done", 120, 100)},
		.past_count = 3,
		.what = CAPTURING_NOTHING},
	{.name = "a control that failed is tried again",
		.past = {OF(3, 104, CAPTURING_CONTROL, "failed", "allowed", 31),
			OF(2, 102, CAPTURING_GROWTH, "done", "allowed", 70),
			FIRST(1, 102, "done", 120, 100)},
		.past_count = 3,
		.what = CAPTURING_ASK,
		.seat = 4,
		.cause = CAPTURING_CONTROL},
};

static void play(const struct scene *s)
{
	struct snapshot_policy_case c = {.finding_id = 7,
		.service_id = 1,
		.fingerprint_id = 20,
		.grown_bytes = 50 << 20,
		.with_control = !s->without_control,
		.refused_ms = s->was_refused ? AGO(29) : 0,
		.is_skip_noted = s->is_skip_noted};
	enum { SEATS = sizeof town / sizeof *town };
	struct snapshot_policy_seat seats[SEATS];
	struct snapshot_policy_past past[4];
	for (size_t i = 0; i < SEATS; i++) {
		seats[i] = town[i];
		seats[i].runs = !(s->away & 1u << i);
		seats[i].is_near_limit = s->full & 1u << i;
	}
	for (size_t i = 0; i < 4; i++)
		past[i] = s->past[i];
	struct snapshot_policy_facts facts = {seats, SEATS, past, s->past_count};
	struct capturing_decision d = capturing_rule_decide(
		&c, &facts, NOW, 30 * 60000);
	int64_t seat = d.seat ? d.seat->slot_id : 0;
	bool is_step = s->what == CAPTURING_ASK || s->what == CAPTURING_SKIP;
	if (d.what != s->what || d.capture_id != s->capture ||
		(is_step && (seat != s->seat || strcmp(d.cause, s->cause) != 0)))
		fail_msg("%s: %d of capture %d or seat %d, %s", s->name, (int)d.what,
			(int)d.capture_id, (int)seat, d.cause ? d.cause : "");
}

static void each_scene_has_its_step(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
		play(&scenes[i]);
}

static void memory_that_is_not_known_is_no_growth(void **state)
{
	(void)state;
	struct scene s = {.name = "no floor yet",
		.past = {FIRST(1, 102, "done", 45, 0)},
		.past_count = 1,
		.without_control = true,
		.what = CAPTURING_NOTHING};
	s.past[0].low_kb = -1;
	play(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_scene_has_its_step),
		cmocka_unit_test(memory_that_is_not_known_is_no_growth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
