/*
 * Rolling: takes rollouts of agents' settings from stage to stage, or back.
 *
 * One step is one transaction under the turn of rollouts.h: of all servers that watch
 * one takes it, and the others leave it out.  It puts agents into the groups that the
 * rules say, tells as many more of them as each stage wants, and does what
 * rollout_rule.h says; what it takes back or finds good stands in the audit
 * ("config.rollback", "config.stage", "config.good") in the name of "server".
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

/* *assign_ms is when all are looked at next; 0: now. */
bool rolling_step(struct db *db, int64_t now_ms, int64_t *assign_ms, struct arena *a,
	struct err *e);

#endif
