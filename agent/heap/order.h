/*
 * Order: the nodes of a graph by their ids.
 *
 * Four bytes per node, and as many again while it is made.  The caller frees the
 * result.  Pure.
 */
#ifndef TIDEMARK_AGENT_HEAP_ORDER_H
#define TIDEMARK_AGENT_HEAP_ORDER_H

#include "agent/heap/graph.h"

/* Ordinals, smallest id first; equal ids in the order of the file. */
uint32_t *order_by_id(const struct graph *g);

#endif
