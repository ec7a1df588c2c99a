#include "agent/refusal.h"

#include "agent/list.h"

#include <inttypes.h>
#include <stdio.h>

static bool refusal_is_late(
	const struct refusal_question *q, char why[REFUSAL_WHY_BYTES])
{
	int64_t late_ms = q->now_unix_ms - q->order->deadline_unix_ms;
	if (!q->order->deadline_unix_ms || late_ms <= 0)
		return false;
	snprintf(why, REFUSAL_WHY_BYTES,
		"it came too late: by this host's clock it was to be begun %" PRId64
		" s before",
		(late_ms + 999) / 1000);
	return true;
}

static bool refusal_is_not_opted_in(const struct refusal_question *q,
	const char *service, char why[REFUSAL_WHY_BYTES])
{
	if (list_matches(q->opted_in, service))
		return false;
	if (*q->opted_in)
		snprintf(why, REFUSAL_WHY_BYTES,
			"snapshots = %.100s does not name %.100s; set it in the "
			"agent's configuration",
			q->opted_in, service);
	else
		snprintf(why, REFUSAL_WHY_BYTES,
			"'snapshots' is not set in the agent's configuration, where it "
			"is to name %.100s",
			service);
	return true;
}

enum snapshot_state refusal_of(
	const struct refusal_question *q, char why[REFUSAL_WHY_BYTES])
{
	const struct life *life = lives_find(q->lives, q->order->pid);
	bool is_its = life && life->is.start_ticks == q->order->start_ticks;
	const char *service = is_its ? life->is.service : q->order->service;
	if (refusal_is_late(q, why))
		return SNAPSHOT_FAILED;
	if (refusal_is_not_opted_in(q, service, why))
		return SNAPSHOT_DENIED;
	if (is_its && life->runs)
		return 0;
	if (life && life->runs)
		snprintf(why, REFUSAL_WHY_BYTES,
			"process %" PRIu32 " is another one by now: the one that was "
			"meant has ended",
			q->order->pid);
	else
		snprintf(why, REFUSAL_WHY_BYTES,
			"process %" PRIu32 " does not run here (any more)",
			q->order->pid);
	return SNAPSHOT_DENIED;
}
