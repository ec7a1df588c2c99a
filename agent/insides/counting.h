/*
 * Counting: a census of one process's heap, when it may bear one.
 *
 * Counting blocks the process like a small snapshot: about 20 ms for each MiB of heap
 * on a busy machine, until its own pace is known.  It is done only when the longest of
 * its three pauses is expected to stay within snapshot_pause_max, and there is memory
 * for it in the process's control group.
 *
 * One thread.
 */
#ifndef TIDEMARK_AGENT_INSIDES_COUNTING_H
#define TIDEMARK_AGENT_INSIDES_COUNTING_H

#include "agent/insides/reader.h"

#include <stdbool.h>

/* Whether a census is due, of one that has just been read. */
bool counting_is_due(
	const struct config *c, const struct subject_inside *in, int64_t now_ms);

/* Counts, and sets when it is due again.  Adds to the reading's values.  False: not
 * done, and why. */
bool counting_run(const struct reader *rd, struct reading *r, int64_t now_ms,
	struct arena *a, struct err *e);

#endif
