/*
 * Turn: one turn of the watch, in one transaction.
 *
 * Belongs to the watch's thread, but for turn_stop.  A turn that fails changes nothing
 * and can be run again; what it had caught up with of the past, hours at a time, stays.
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
	bool claimed; /* false: another server has this turn */
	size_t slots, versions;
	bool alerts_changed;
};

bool turn_run(struct turn *r, struct db *db, int64_t now_ms, struct turn_report *report,
	struct err *e);

#endif
