/*
 * Distances: how many steps from a root of the user a node is.
 *
 * DevTools' calculateDistances, with its filter of edges that mislead.  What only the
 * system's roots reach counts from GRAPH_DISTANCE_SYSTEM, what nothing reaches has
 * GRAPH_DISTANCE_NONE.  Fills `distance`.  ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_DISTANCES_H
#define TIDEMARK_AGENT_HEAP_DISTANCES_H

#include "agent/heap/graph_data.h"

bool distances_compute(struct graph *g, struct err *e);

#endif
