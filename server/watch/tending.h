/*
 * Tending: whether what people have dealt with has got worse than they thought.
 *
 * An alert that is archived comes back when it breaks a condition of its archive: it
 * grows by more than so much, or more hosts than so many leak.  One that is
 * acknowledged escalates when it is clearly worse than when somebody last took a step
 * on it: the lower end of its growth is TENDING_WORSE times what it grew by then, or so
 * many times the hosts leak.  What ends by the clock, evidence_expire does.  Pure.
 */
#ifndef TIDEMARK_SERVER_WATCH_TENDING_H
#define TIDEMARK_SERVER_WATCH_TENDING_H

#include "common/arena.h"
#include "server/analyse/fleet.h"
#include "server/store/evidence.h"

#define TENDING_WORSE 2

/* It grows, at the lower end, TENDING_WORSE times as fast as when somebody last worked
 * on it. */
bool tending_is_worse(
	const struct fleet_finding *finding, const struct evidence_alert *alert);

/* Why it comes back, for people; NULL: it does not. */
const char *tending_reason(const struct evidence_alert *alert,
	const struct fleet_finding *finding, struct arena *a);

#endif
