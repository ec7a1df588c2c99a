/*
 * Day: all readings of one UTC day of one group (members.h) become chunks and rollups.
 *
 * Readings come from the segments of the group, from late rows, and from chunks that
 * were written before; equal times of one subject are one reading, of which a chunk's
 * values count first, then a segment's.  One transaction writes what is new and takes
 * away what it replaces.  Memory is bounded by taking some seats at a time.
 *
 * Hours of a seat are made of all its processes: those that nothing new is known of are
 * read from their chunks.  Bands of versions change by what a seat had before and has
 * now, so that no other host's readings are needed.
 *
 * A damaged column is named in the log and left out: what is damaged stays damaged, and
 * all else must go on.
 */
#ifndef TIDEMARK_SERVER_COMPACT_DAY_H
#define TIDEMARK_SERVER_COMPACT_DAY_H

#include "common/err.h"
#include "server/compact/step.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct day_group {
	int64_t day_ms;
	int32_t service, block;
	bool segments;       /* it may have some */
	const int32_t *late; /* subjects of it that have late rows, rising */
	size_t late_count;
};

bool day_run(struct step *s, const struct day_group *group, struct err *e);

#endif
