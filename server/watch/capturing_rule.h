/*
 * Capturing rule: what a snapshot policy does next about a finding.
 *
 * Pure.  The first of these that fits:
 *   its capture is quoted             confirm what the card allows; else, or when it
 *                                     cannot be ordered, leave it to people
 *   the service is captured, or was   nothing
 *   asked for or captured by a policy,
 *   or captured by anybody, less than
 *   the policy's cool-down ago
 *   no first of a process that runs   ask for the one with the clearest slope
 *   the first's process has grown     ask for it again, once
 *   a control is wanted               ask for the oldest steady one of another
 *                                     version, once
 *
 * No cause is tried more than CAPTURING_TRIES times for a finding.  A process is never
 * chosen when no other of its service runs that is not about to reach its limit; nor is
 * the last one as a control that does not leak.
 *
 * Growth is counted from the lowest memory soon after the first snapshot, because a
 * capture itself leaves the process larger than it was.
 */
#ifndef TIDEMARK_SERVER_WATCH_CAPTURING_RULE_H
#define TIDEMARK_SERVER_WATCH_CAPTURING_RULE_H

#include "server/store/snapshot_policy.h"

#include <stdint.h>

enum { CAPTURING_TRIES = 3 };

#define CAPTURING_FIRST   "policy: first"
#define CAPTURING_GROWTH  "policy: after growth"
#define CAPTURING_CONTROL "policy: control"

enum capturing_what {
	CAPTURING_NOTHING,
	CAPTURING_CONFIRM, /* capture_id */
	CAPTURING_LEAVE,   /* capture_id: not for a policy to overrule */
	CAPTURING_ASK,     /* seat, cause */
	CAPTURING_SKIP,    /* it would be asked, but is the last healthy one */
};

struct capturing_decision {
	enum capturing_what what;
	int64_t capture_id;
	const struct snapshot_policy_seat *seat;
	const char *cause;
};

struct capturing_decision capturing_rule_decide(const struct snapshot_policy_case *c,
	const struct snapshot_policy_facts *facts, int64_t now_ms, int64_t cooldown_ms);

#endif
