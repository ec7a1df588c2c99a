/*
 * Pair: two instances of each of two versions, of which one may leak, for the tests of
 * turns; and what the watch said of them.
 */
#ifndef TIDEMARK_TESTS_UNIT_SERVER_WATCH_PAIR_H
#define TIDEMARK_TESTS_UNIT_SERVER_WATCH_PAIR_H

#include "common/clock.h"
#include "tests/unit/server/watch/town.h"

#include <string.h>

static struct town town;

static inline int pair_start(void **state)
{
	(void)state;
	town_start(&town);
	return 0;
}

static inline int pair_stop(void **state)
{
	(void)state;
	town_stop(&town);
	return 0;
}

static inline int pair_reset(void **state)
{
	(void)state;
	town_reset(&town);
	return 0;
}

/* Two instances of each version; 1.1.0 gains `mib_min` a minute. */
struct pair {
	long long clean[2], leaky[2];
	double mib_min;
};

static inline struct pair begin(double mib_min)
{
	struct pair p = {.mib_min = mib_min};
	for (int i = 0; i < 2; i++) {
		p.clean[i] = town_process(&town, 1 + i, 0, 1);
		p.leaky[i] = town_process(&town, 1 + i, 1, 2);
	}
	return p;
}

static inline void live(const struct pair *p, double minutes)
{
	town_wait(&town, minutes);
	for (int i = 0; i < 2; i++) {
		town_read(&town, p->clean[i], 60, 0);
		town_read(&town, p->leaky[i], 60, p->mib_min);
	}
}

/* The same, with a turn every few minutes. */
static inline void live_with_turns(const struct pair *p, double minutes, double every)
{
	for (double at = 0; at < minutes; at += every) {
		live(p, every);
		town_turn(&town);
	}
}

/* Everything that the detector says, but for when it said so. */
static inline char *verdicts(void)
{
	return arena_printf(&town.arena, "%s\n--\n%s\n--\n%s",
		town_sql(&town,
			"SELECT string_agg(concat_ws(' ', slot_id, generation_id, "
			"fingerprint_id, level, kind, verdict, series, silent, "
			"round(rate_kb_h), round(rate_low_kb_h), limit_kb, onset_at, "
			"exhaust_at, restarts, summary, reasons), E'\\n' ORDER BY "
			"slot_id) FROM slot_verdict"),
		town_sql(&town,
			"SELECT string_agg(concat_ws(' ', fingerprint_id, level, kind, "
			"verdict, round(rate_kb_h), slots, slots_leaking, summary, "
			"reasons), E'\\n' ORDER BY fingerprint_id) FROM "
			"version_verdict"),
		town_sql(&town,
			"SELECT string_agg(concat_ws(' ', id, kind, level, active, "
			"cause, onset_at, summary), E'\\n' ORDER BY id) FROM finding"));
}

/* What must not change when it is said again. */
static inline char *levels(void)
{
	return arena_printf(&town.arena, "%s\n--\n%s\n--\n%s",
		town_sql(&town,
			"SELECT string_agg(concat_ws(' ', slot_id, generation_id, "
			"fingerprint_id, level, kind, verdict, series, silent, "
			"limit_kb, "
			"restarts), E'\\n' ORDER BY slot_id) FROM slot_verdict"),
		town_sql(&town,
			"SELECT string_agg(concat_ws(' ', fingerprint_id, level, kind, "
			"verdict, slots, slots_leaking), E'\\n' ORDER BY "
			"fingerprint_id) "
			"FROM version_verdict"),
		town_sql(&town,
			"SELECT string_agg(concat_ws(' ', id, kind, level, active, "
			"cause), E'\\n' ORDER BY id) FROM finding"));
}

/* Says what differs first; cmocka would cut it off. */
static inline void assert_same(const char *is, const char *was)
{
	size_t at = 0;
	while (is[at] && is[at] == was[at])
		at++;
	if (!is[at] && !was[at])
		return;
	while (at > 0 && is[at - 1] != '\n')
		at--;
	fail_msg("it says: %.400s\n  where it said: %.400s", is + at, was + at);
}

static inline void restart(void)
{
	turn_destroy(town.turn);
	town.turn = turn_create();
}

static inline void stop_in_order(void)
{
	struct err e;
	assert_true(turn_keep(
		town.turn, town.db, town.now_ms, clock_mono_ms() + 10000, &e));
	restart();
}

static inline const char *level_of(long long generation)
{
	return town_sql(&town,
		"SELECT level FROM slot_verdict WHERE generation_id = %lld",
		generation);
}

static long long states(void)
{
	return town_int(&town, "SELECT count(*) FROM slot_state");
}

#endif
