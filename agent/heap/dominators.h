/*
 * Dominators: who would free what, and how much.
 *
 * Lengauer and Tarjan's algorithm ("A fast algorithm for finding dominators in a
 * flowgraph", 1979) with simple linking, over the essential edges, as DevTools runs it:
 * what cannot be reached hangs on the root.  Fills `dominator` and `retained`.
 * ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_DOMINATORS_H
#define TIDEMARK_AGENT_HEAP_DOMINATORS_H

#include "agent/heap/graph_data.h"

bool dominators_compute(struct graph *g, struct err *e);

#endif
