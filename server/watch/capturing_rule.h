/*
 * Capturing rule: what a snapshot policy does next about a finding.
 *
 * Pure.  In this order:
 *   a capture of the policy is quoted    confirmed when its card allows it; else left
 * to people any capture of the service under way nothing a policy's capture or its
 * refusal, or anybody's snapshot, was less than CAPTURING_COOL_MS ago nothing no first
 * snapshot of a process that  the leaking process with the clearest slope still runs
 *   that process has grown by enough     the same process again, once
 *   a control is wanted                  the oldest steady process of another version,
 *                                        once
 * No cause is tried more than CAPTURING_TRIES times for a finding.  A process is never
 * chosen when no other of its service runs.
 *
 * Growth is counted from the lowest memory soon after the first snapshot, because a
 * capture itself leaves the process larger than it was.
 */
#ifndef TIDEMARK_SERVER_WATCH_CAPTURING_RULE_H
#define TIDEMARK_SERVER_WATCH_CAPTURING_RULE_H

#include "server/store/snapshot_policy.h"

#include <stdint.h>

#define CAPTURING_COOL_MS (INT64_C(30) * 60 * 1000)
enum { CAPTURING_TRIES = 3 };

#define CAPTURING_FIRST   "policy: first"
#define CAPTURING_GROWTH  "policy: after growth"
#define CAPTURING_CONTROL "policy: control"

enum capturing_what {
	CAPTURING_NOTHING,
	CAPTURING_CONFIRM, /* capture_id */
	CAPTURING_LEAVE,   /* capture_id: not for a policy to overrule */
	CAPTURING_ASK,     /* seat, cause */
	CAPTURING_SKIP,    /* it would be asked, but is the last one that runs */
};

struct capturing_decision {
	enum capturing_what what;
	int64_t capture_id;
	const struct snapshot_policy_seat *seat;
	const char *cause;
};

struct capturing_decision capturing_rule_decide(const struct snapshot_policy_case *c,
	const struct snapshot_policy_facts *facts, int64_t now_ms);

#endif
