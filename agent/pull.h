/*
 * Pull: the raw file of a capture on its way to the server, part by part.
 *
 * The server orders what it misses, some parts at a time.  An order that comes while
 * no part is under way (the uplink sees to that) counts at once, also when it goes back
 * to a part that has got lost; one of another file waits until this one's are sent, and
 * is repeated.  A file that is not there (any more) is answered by a part that says so.
 *
 * Caller's storage; owns the open file and one part.  One thread.
 */
#ifndef TIDEMARK_AGENT_PULL_H
#define TIDEMARK_AGENT_PULL_H

#include "agent/capture/raw.h"
#include "common/buf.h"
#include "schema/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

struct pull {
	const char *state_dir; /* borrowed */
	struct raw raw;
	bool is_open, has_part, is_missing;
	uint64_t capture; /* 0: nothing is to be sent */
	uint32_t next, to;
	struct buf bytes;
	struct snapshot_raw_part part;
};

void pull_init(struct pull *p, const char *state_dir);
void pull_finish(struct pull *p);

void pull_order(struct pull *p, const struct snapshot_order *order);

/* The part to send next, until pull_sent; NULL: none.  Reading fails quietly: the
 * server orders again. */
const struct snapshot_raw_part *pull_part(struct pull *p);
void pull_sent(struct pull *p);

/* The file is to be removed: stops sending it. */
void pull_stop(struct pull *p, uint64_t capture);

#endif
