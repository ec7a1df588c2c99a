/*
 * Shutter: makes a process close its inspector, and proves that it did.
 *
 * The process is asked by the one expression that is safe on every version: what it
 * needs is resolved while it is evaluated, the closing itself happens a moment later,
 * when our connection is gone, in a callback that cannot throw.  Proven is that the
 * kernel no longer has the listening socket, and that the port refuses us.
 *
 * Plain data, borrowed.  One thread.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_SHUTTER_H
#define TIDEMARK_AGENT_CAPTURE_SHUTTER_H

#include "agent/capture/handle.h"
#include "agent/capture/session.h"

struct shutter {
	const char *procfs;
	const struct facts *facts;
	const struct handle *handle;
	const struct session_target *target;
	uint64_t inode; /* of the listening socket */
	bool is_proven; /* the kernel says whose it is: it need not say its number */
};

/* Through `session`, which is closed in any case (NULL: none), or a new one when that
 * does not work; again until `deadline_ms`.  A process that has ended has closed it. */
bool shutter_close(const struct shutter *s, struct session *session,
	int64_t deadline_ms, struct err *e);

#endif
