/*
 * Close: until when five minutes are done, so that what still comes for them is late.
 *
 * They end when CLOSE_GRACE_MS are over and nine of ten agents that report have
 * delivered past that, by the clocks of both: an outage of hours, or a past that is
 * simulated, is waited for.  Agents that report and never get further are waited for
 * CLOSE_PATIENCE_MS.  While nobody reports, nothing new is closed but what is older
 * than the newest reading.
 *
 * In the first CLOSE_START_MS nothing is closed at all, nor when agents report again
 * after none did, or after the database was away: who comes back first has little to
 * deliver, and what all others kept would be late.  And never is anything closed that
 * is newer than the newest reading of any agent, so that a clock that is set ahead for
 * a while makes nothing late afterwards.
 *
 * Pure; owner: the compactor's thread.
 */
#ifndef TIDEMARK_SERVER_COMPACT_CLOSE_H
#define TIDEMARK_SERVER_COMPACT_CLOSE_H

#include "server/store/storage.h"

#include <stdint.h>

enum {
	CLOSE_GRACE_MS = 30 * 1000,
	CLOSE_PATIENCE_MS = 10 * 60 * 1000,
	CLOSE_START_MS = 60 * 1000,
	CLOSE_REPORT_MS = 2 * 60 * 1000, /* who was seen within reports */
};

struct close {
	int64_t started_mono_ms;
	int64_t asked_mono_ms;      /* when it was asked last; at first the start */
	int64_t silent_mono_ms;     /* when nobody reported, as seen last; 0: never */
	int64_t open_ms;            /* the oldest open five minutes, as seen last */
	int64_t open_since_mono_ms; /* since when they are due */
};

/* Where closed_to may move on to, or 0: it stays.  closed_ms as in struct
 * storage_bounds. */
int64_t close_bound(struct close *c, int64_t closed_ms,
	const struct storage_agents *agents, int64_t now_ms, int64_t mono_ms);

#endif
