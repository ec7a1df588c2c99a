/*
 * Rollout rule: whether a stage of a rollout goes on, waits, or is taken back.
 *
 * Taken back when agents that are judged by have fallen silent, cost more than they
 * may, could not get through with it, or do not acknowledge it.  Of canaries one is
 * enough; later more than one in ROLLOUT_RULE_ONE_IN, since in a big fleet some host is
 * always being restarted.  Goes on when all (but so many) have acknowledged and nothing
 * was wrong for the time of soaking.  Pure.
 */
#ifndef TIDEMARK_SERVER_WATCH_ROLLOUT_RULE_H
#define TIDEMARK_SERVER_WATCH_ROLLOUT_RULE_H

#include "common/arena.h"
#include "server/store/rollouts.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	ROLLOUT_RULE_ONE_IN = 20,
	ROLLOUT_RULE_ACK_MS = 10 * 60 * 1000, /* or twice what counts as silence */
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

struct rollout_rule_answer rollout_rule_judge(const struct rollouts_row *row,
	const struct rollouts_counts *counts, int64_t now_ms, struct arena *a);

#endif
