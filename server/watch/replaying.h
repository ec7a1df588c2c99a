/*
 * Replaying: "what would this have raised?", answered beside the turns.
 *
 * Takes one replay at a time, the one that has waited longest, and feeds what is stored
 * of the service in its time to a fleet of its own, as feed.h does after a start: of
 * what is older than two hours the lowest reading of each minute, stepped every ten
 * minutes.  The two days before are fed as well, unheard, so that the fleet knows the
 * service when its time begins.  The alarms are the seats inside findings, as alerts
 * are made of them, with the times at which they stood at "watch" (or above) and at
 * "confirmed" (server/replay/alarms.h); an alarm that stood before begins with it.
 *
 * Works in slices, so that no turn waits for it.  What a stop leaves half done begins
 * anew.  A replay that fails says why and is done with, when the database is to blame
 * after three tries.  Belongs to the watch's thread.
 */
#ifndef TIDEMARK_SERVER_WATCH_REPLAYING_H
#define TIDEMARK_SERVER_WATCH_REPLAYING_H

#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

struct replaying;

struct replaying *replaying_create(void);
void replaying_destroy(struct replaying *r);

/* One slice of work, of about a second at most.  *more: there is more to do. */
bool replaying_work(
	struct replaying *r, struct db *db, int64_t now_ms, bool *more, struct err *e);

/* Forgets what it is at: another server may have gone on with it. */
void replaying_forget(struct replaying *r);

#endif
