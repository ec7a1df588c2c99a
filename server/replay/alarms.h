/*
 * Alarms: the times at which something stood at a level, from what it was told.
 *
 * An alarm of ANALYSE_EARLY spans the whole time at that level or above, one of
 * ANALYSE_CONFIRMED the time at that level.  What it says is of its first moment.  One
 * that begins less than three hours after the one before of its level ended is the
 * same.
 *
 * Grows in the caller's arena.
 */
#ifndef TIDEMARK_SERVER_REPLAY_ALARMS_H
#define TIDEMARK_SERVER_REPLAY_ALARMS_H

#include "common/arena.h"
#include "server/analyse/analyse.h"

enum { ALARMS_APART_MS = 3 * 3600 * 1000 };

struct alarms_alarm {
	enum analyse_level level;
	enum analyse_kind kind;
	int64_t from_ms, to_ms; /* to 0: still on */
	struct analyse_rate rate;
	struct analyse_moment onset, exhaust;
};

struct alarms {
	struct alarms_alarm
		*items; /* by from_ms; of equal ones the early level first */
	size_t count, room;
};

/* What is said from now on; its level may be ANALYSE_QUIET.  Its times from_ms and
 * to_ms are not looked at. */
void alarms_note(struct alarms *a, int64_t at_ms, const struct alarms_alarm *now,
	struct arena *arena);

#endif
