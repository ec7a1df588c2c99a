/*
 * Analysis: from a finished heap to the summary that leaves the host.
 *
 * Compares with the newest digest of the same process that is kept in the state
 * directory, and keeps one of this heap.  Names are hashed under a key of the site,
 * which is derived from the agent's own; without one it is made up for this run.
 *
 * In a process of its own; the caller has the host's turn or writes no digests.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_ANALYSIS_H
#define TIDEMARK_AGENT_CAPTURE_ANALYSIS_H

#include "agent/capture/digests.h"
#include "agent/heap/heap.h"
#include "common/arena.h"
#include "schema/snapshot.h"

#include <stdint.h>

struct analysis_options {
	const char *state_dir; /* NULL: compare with nothing, keep nothing */
	const struct digests_owner *owner; /* NULL: likewise */
	uint64_t max_bytes;                /* for an earlier digest */
	/* Objects keep their numbers until the next capture: not through the inspector,
	 * see likeness.h. */
	bool ids_hold;
	int64_t taken_unix_ms;
};

/* Fills everything but capture, route, process and raw; texts in the arena.  A digest
 * that cannot be read or kept costs the comparison only: `*remark` says so ("" when
 * all went well). */
void analysis_run(const struct heap *h, const struct analysis_options *options,
	struct arena *a, struct snapshot *out, const char **remark);

/* The same for a class histogram: fills the growth, and leaves what fits on the wire.
 */
void analysis_run_jvm(const struct analysis_options *options, struct arena *a,
	struct snapshot *s, const char **remark);

#endif
