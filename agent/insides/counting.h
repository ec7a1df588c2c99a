/*
 * Counting: a census of one process's heap, when it may bear one.
 *
 * For listeners and closures the process's heap is walked, which blocks it like a small
 * snapshot and leaves memory with its allocator.  That is done only when the longer of
 * the two pauses is expected to stay within census_pause_max, by the process's own pace
 * once that is known, and when its control group has the memory.  Timers are only
 * looked up: they are counted in any case.
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
 * done, and why; what was left out of one that was done is in census_problem. */
bool counting_run(const struct reader *rd, struct reading *r, int64_t now_ms,
	struct arena *a, struct err *e);

#endif
