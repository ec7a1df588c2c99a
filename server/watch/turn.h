/*
 * Turn: one turn of the watch, in one transaction.
 *
 * Holds the fleet in memory and brings it up to now: what was stored since the last
 * turn is fed, the fleet is stepped, and what the step found changed is written, with
 * the states whose hour is over.  The first turns of a new watch load the states and
 * catch up with what came after them, and say nothing until they have: a restart
 * changes no verdict.  A turn that fails changes nothing and forgets what it holds; the
 * next one begins anew.
 *
 * Belongs to the watch's thread, but for turn_stop.
 */
#ifndef TIDEMARK_SERVER_WATCH_TURN_H
#define TIDEMARK_SERVER_WATCH_TURN_H

#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct turn;

struct turn *turn_create(void);
void turn_destroy(struct turn *r);

/* From another thread: the turn that runs, and every later one, fails soon. */
void turn_stop(struct turn *r);

struct turn_report {
	bool claimed; /* false: another server watches */
	bool behind;  /* there is more to catch up with: the next turn need not wait */
	size_t slots; /* known */
	size_t readings, written;
	bool alerts_changed;
	int64_t step_ms; /* of the time that it took, in the detector */
};

bool turn_run(struct turn *r, struct db *db, int64_t now_ms, struct turn_report *report,
	struct err *e);

/* At the end: keeps what can be kept until a deadline on the monotonic clock, so that
 * the next start need not feed it again. */
bool turn_keep(struct turn *r, struct db *db, int64_t now_ms, int64_t deadline_mono_ms,
	struct err *e);

#endif
