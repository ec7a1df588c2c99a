/*
 * Digests: what is kept of earlier snapshots, in state_dir/digests, to tell growth.
 *
 * The newest of each process, DIGESTS_ALL in all and DIGESTS_BYTES_MAX; the oldest
 * leave.  A process is one life: boot, pid and start time.  Of a Java process a class
 * histogram is kept in place of a digest.
 *
 * One writer at a time (turn.h).
 */
#ifndef TIDEMARK_AGENT_CAPTURE_DIGESTS_H
#define TIDEMARK_AGENT_CAPTURE_DIGESTS_H

#include "agent/heap/digest.h"
#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { DIGESTS_ALL = 48, DIGESTS_BYTES_MAX = 256 << 20 };

struct digests_owner {
	const char *boot_id;
	uint32_t pid;
	uint64_t start_ticks;
};

/* The newest of the process; *out is NULL when there is none.  ERR_INPUT: it is
 * damaged, ERR_BUSY: it needs more than `max_bytes`. */
bool digests_find(const char *state_dir, const struct digests_owner *owner,
	uint64_t max_bytes, struct digest **out, struct err *e);

bool digests_keep(const char *state_dir, const struct digests_owner *owner,
	const struct digest *d, struct err *e);

/* The bytes themselves, of either kind; *at_ms is when they were taken, 0: none. */
bool digests_load(const char *state_dir, const struct digests_owner *owner,
	int64_t *at_ms, struct buf *out, struct err *e);

/* ERR_INPUT: more than DIGESTS_BYTES_MAX, of which nothing is kept. */
bool digests_store(const char *state_dir, const struct digests_owner *owner,
	int64_t at_ms, const struct buf *bytes, struct err *e);

#endif
