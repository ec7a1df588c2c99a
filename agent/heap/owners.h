/*
 * Owners: the sizes of hidden and array nodes go to the one node that holds them.
 *
 * DevTools' calculateShallowSizes: what exactly one node owns counts as part of it.
 * Fills `self` of the graph from `raw`.  Nothing moves when the root has no child from
 * which distances count.  ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_OWNERS_H
#define TIDEMARK_AGENT_HEAP_OWNERS_H

#include "agent/heap/graph_data.h"

bool owners_move_sizes(struct graph *g, struct err *e);

#endif
