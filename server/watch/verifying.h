/*
 * Verifying: whether the versions in which alerts were resolved hold.
 *
 * Counted are the hours for which hosts have been seen with processes of that version
 * or a later one (releases.h), a host once however many it has, from when the version
 * began on it; of a version that leaked itself from when the alert was resolved.  Hours
 * of hosts on which one of these processes grows now do not count.  What was not seen,
 * for want of an agent, does not either.  With enough hours, and while nothing of these
 * versions is found, the alert is verified, and stays so until it regresses.
 *
 * Counts anew each turn from what is stored, so that nothing is lost when the watch
 * moves to another server.  Inside the transaction of the turn.
 */
#ifndef TIDEMARK_SERVER_WATCH_VERIFYING_H
#define TIDEMARK_SERVER_WATCH_VERIFYING_H

#include "common/arena.h"
#include "common/err.h"
#include "server/analyse/fleet.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

/* *changed becomes true when an alert did, so that people must hear of it. */
bool verifying_run(struct db *db, const struct fleet_report *report, int64_t now_ms,
	struct arena *a, bool *changed, struct err *e);

#endif
