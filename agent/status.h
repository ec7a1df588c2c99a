/*
 * Status: what a running agent says about itself, as text for people.
 *
 * The agent writes it into its state directory at each tick; `tidemark-agent status`
 * shows it.  Pure.
 */
#ifndef TIDEMARK_AGENT_STATUS_H
#define TIDEMARK_AGENT_STATUS_H

#include "agent/identity.h"
#include "agent/sight.h"
#include "agent/spool.h"
#include "agent/state.h"
#include "agent/uplink.h"
#include "common/buf.h"

#include <stddef.h>
#include <stdint.h>

struct status {
	const struct identity *identity;
	const struct state_enrolment *enrolment; /* NULL: not enrolled */
	struct uplink_stats uplink;
	struct spool_stats spool;
	int64_t started_unix_ms, interval_ms;
	uint64_t ticks, skipped;
	int64_t tick_ms; /* the last one took */
	size_t followed, processes;
	struct sight sight;
};

void status_format(const struct status *s, int64_t now_unix_ms, struct buf *out);

/* "2026-11-22 09:30:00 UTC". */
void status_format_time(int64_t unix_ms, struct buf *out);

#endif
