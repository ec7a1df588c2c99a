/*
 * Growth: what grew between two snapshots of one process, and what holds it.
 *
 * From the root down the dominator tree: of the objects that are in both snapshots, go
 * into the one whose retained size grew by at least half of its holder's growth; where
 * none does, the growth itself hangs.  That object, how it is reached, and what is new
 * under it is the verdict.  A store that V8 made anew for an object (a table, elements)
 * is looked through.
 *
 * Things that have two owners (a timer is in a list and in a map) hang from no single
 * object; then the classes that grew are the verdict.  Compiled code, shapes and V8's
 * own objects grow in every process that warms up, and are not counted as a leak.
 *
 * Results are in the caller's arena and refer to the diff.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_GROWTH_H
#define TIDEMARK_AGENT_HEAP_GROWTH_H

#include "agent/heap/classes.h"
#include "agent/heap/diff.h"
#include "agent/heap/paths.h"
#include "common/arena.h"
#include "schema/snapshot.h"

struct growth {
	enum snapshot_verdict verdict;
	int64_t grown_bytes;      /* of what the root retains */
	uint64_t explained_bytes; /* by the object, or by the classes */
	uint64_t before_bytes;    /* retained by the root */

	/* Of SNAPSHOT_ACCUMULATION. */
	uint32_t object;
	struct paths_path path;
	uint32_t child; /* one of the new ones; 0 when there are none */
	uint64_t child_count, child_bytes;

	/* The classes that grow, those that say most first; not the noise. */
	const struct diff_row **classes;
	size_t class_count;
};

struct growth *growth_find(const struct diff *diff, const struct digest *before,
	const struct graph *after, const struct classes *classes, struct arena *arena);

#endif
