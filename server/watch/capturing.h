/*
 * Capturing: follows the snapshot policies.
 *
 * For each active finding of a service whose policy is on, takes the one step that
 * capturing_rule.h says, as actor "policy", never overruling anything.  At most one
 * question for each service at a time.  What is left to people, because the gate does
 * not simply allow it or because no other healthy process of the service runs, is said
 * once in the audit ("policy.left", "policy.skipped").
 *
 * Not inside a transaction: each step is one.  Two servers that do this at the same
 * moment do no harm, for the store lets one capture be under way.
 */
#ifndef TIDEMARK_SERVER_WATCH_CAPTURING_H
#define TIDEMARK_SERVER_WATCH_CAPTURING_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

/* `cooldown_ms`: between two captures of one service, a day at most. */
bool capturing_run(struct db *db, int64_t now_ms, int64_t cooldown_ms, struct arena *a,
	struct err *e);

#endif
