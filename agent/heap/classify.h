/*
 * Classify: forms the classes of a graph and their rows.
 *
 * DevTools' names and keys (classes.h), counts, distances and sizes; retained bytes of
 * a class are those of its nodes that no other node of the class dominates.  Fills
 * `row` of the graph.  ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_CLASSIFY_H
#define TIDEMARK_AGENT_HEAP_CLASSIFY_H

#include "agent/heap/classes_data.h"

/* Rows of `g`, with the interfaces of `like`; NULL: with those that its own objects
 * propose.  The caller owns *out. */
bool classify_run(struct graph *g, const struct classes *like, struct classes **out,
	struct err *e);

#endif
