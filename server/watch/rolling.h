/*
 * Rolling: takes rollouts of agents' settings from stage to stage, or back.
 *
 * One step is one transaction under the turn of rollouts.h: of all servers that watch
 * one takes it, and the others leave it out; a group in which something fails keeps no
 * other from its step.  It puts agents into the groups that the
 * rules say, tells as many more of them as each stage wants, and does what
 * rollout_rule.h says; what it takes back or finds good stands in the audit
 * ("config.rollback", "config.stage", "config.good") in the name of "server".  What is
 * paused is only ever taken back.
 *
 * Agents that are silent are held against a change only as long as the fleet is heard:
 * an outage of ingest or database silences all.
 */
#ifndef TIDEMARK_SERVER_WATCH_ROLLING_H
#define TIDEMARK_SERVER_WATCH_ROLLING_H

#include "common/arena.h"
#include "common/err.h"
#include "server/store/db.h"

#include <stdbool.h>
#include <stdint.h>

/* Labels of hosts change the group of some agent now and then: all are looked at so
 * often, which takes a second for ten thousand. New agents are at each step, and
 * whoever changes a rule does it himself. */
enum { ROLLING_ASSIGN_MS = 60 * 1000 };

/* Agents that were turned away try again so late. */
enum { ROLLING_RETURN_MS = 10 * 60 * 1000 };

/* Of one watch, all zero at first. */
struct rolling_memory {
	int64_t assign_ms; /* when all are looked at next; 0: now */
	int64_t heard_ms;  /* since when the fleet is heard; 0: nobody has looked */
};

/* At now_ms of the database's clock (rollouts_clock).  False also when it was done for
 * some groups only. */
bool rolling_step(struct db *db, int64_t now_ms, struct rolling_memory *memory,
	struct arena *a, struct err *e);

#endif
