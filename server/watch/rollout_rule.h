/*
 * Rollout rule: whether a stage of a rollout goes on, waits, or is taken back.
 *
 * Taken back when agents that are judged by have fallen silent, cost more than they
 * may, could not get through with it, or do not acknowledge it.  Of canaries one is
 * enough; later more than one in ROLLOUT_RULE_ONE_IN, since in a big fleet some host is
 * always being restarted.  Goes on when all (but so many) have acknowledged and nothing
 * was wrong for the time of soaking.  While the fleet is not heard (an outage of ours)
 * nothing is said of agents that are not, and what has soaked soaks again.  Pure.
 */
#ifndef TIDEMARK_SERVER_WATCH_ROLLOUT_RULE_H
#define TIDEMARK_SERVER_WATCH_ROLLOUT_RULE_H

#include "common/arena.h"
#include "server/store/rollouts.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	ROLLOUT_RULE_ONE_IN = 20,
	/* Or twice what counts as silence, or so many times between two words of the
	 * agents that are late: they hear of it with one and answer with the next. */
	ROLLOUT_RULE_ACK_MS = 10 * 60 * 1000,
	ROLLOUT_RULE_WORDS = 3,
};

enum rollout_rule_verdict {
	ROLLOUT_RULE_WAIT,
	ROLLOUT_RULE_GO_ON, /* to the next stage, or it is good */
	ROLLOUT_RULE_BACK,
};

struct rollout_rule_answer {
	enum rollout_rule_verdict verdict;
	bool settled;       /* all of the stage have acknowledged */
	const char *reason; /* of BACK, and of a WAIT that people should know of; "" */
};

struct rollout_rule_now {
	int64_t ms;
	int64_t heard_ms; /* since when the fleet is heard; later than ms: it is not */
};

struct rollout_rule_answer rollout_rule_judge(const struct rollouts_row *row,
	const struct rollouts_counts *counts, struct rollout_rule_now now,
	struct arena *a);

#endif
