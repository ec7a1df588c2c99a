/*
 * Paths: by what an object is held, from itself up to a root.
 *
 * As DevTools' Retainers view is opened: of all who hold it, not weakly and not as the
 * synthetic root, the one nearest to a root; and so on until a holder that a root
 * holds itself.  Each step comes nearer, so a path ends.  Among equally near holders
 * one that holds by a name is taken first, because a reader looks for names.
 *
 * Pure; a path is plain data in the caller's storage.
 */
#ifndef TIDEMARK_AGENT_HEAP_PATHS_H
#define TIDEMARK_AGENT_HEAP_PATHS_H

#include "agent/heap/graph.h"
#include "schema/snapshot.h"

struct paths_step {
	uint64_t edge;   /* of the graph */
	uint32_t holder; /* whose edge it is */
};

struct paths_path {
	struct paths_step
		steps[SNAPSHOT_STEPS_MAX]; /* from the object towards the root */
	size_t count;
	bool is_cut;
};

void paths_find(const struct graph *g, uint32_t node, struct paths_path *out);

/* A node that V8 made to store what belongs to an object (elements, tables, property
 * stores): a reader thinks of the object instead. */
bool paths_is_internal(const struct graph *g, uint32_t node);

#endif
