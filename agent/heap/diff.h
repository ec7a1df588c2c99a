/*
 * Diff: what came and went between two snapshots, class by class.
 *
 * Of one process as DevTools compares: an object is the same when its id is; the older
 * snapshot is classed by what the newer one calls interfaces; sizes are own (moved)
 * sizes, and growth of one object counts for nothing.  Rows in which nothing was added
 * and nothing removed are dropped.
 *
 * Of two processes ids mean nothing: then all of the older counts as removed, all of
 * the newer as added, and classes belong together by "path:line:column" and name.
 * Whether they are of one process is found by comparing the objects behind equal ids,
 * unless the caller knows.  A process whose ids were given anew in between counts as
 * another one, unless the digest was made by paths: likeness.h.
 *
 * The result belongs to the caller and refers to graph, classes and digest.  One
 * thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_DIFF_H
#define TIDEMARK_AGENT_HEAP_DIFF_H

#include "agent/heap/classes.h"
#include "agent/heap/digest.h"
#include "agent/heap/graph.h"
#include "common/arena.h"

/* Of a node that was not there before. */
#define DIFF_NEW UINT64_MAX

enum diff_process {
	DIFF_FIND_OUT,
	DIFF_SAME,
	DIFF_OTHER,
};

struct diff_row {
	const char *key, *name, *location;
	uint64_t added, removed, added_bytes, removed_bytes;
};

struct diff {
	bool is_same_process;
	struct diff_row *rows; /* largest growth first */
	size_t row_count;
	/* Per node of the newer graph: what it retained before, or DIFF_NEW. */
	uint64_t *before_bytes;
	struct arena arena; /* of rows */
};

struct diff *diff_create(const struct digest *before, const struct graph *after,
	const struct classes *classes, enum diff_process process);
void diff_destroy(struct diff *d);

#endif
