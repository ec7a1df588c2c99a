/*
 * Essential: which edges keep their target alive, in the sense of the dominators.
 *
 * First the nodes that belong to the page are marked (DevTools' markPageOwnedNodes),
 * then every edge is judged (computeIsEssentialEdge) and GRAPH_ESSENTIAL set in its
 * label.  ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_ESSENTIAL_H
#define TIDEMARK_AGENT_HEAP_ESSENTIAL_H

#include "agent/heap/graph_data.h"

bool essential_mark(struct graph *g, struct err *e);

#endif
