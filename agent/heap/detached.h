/*
 * Detached: which native nodes are attached to a document and which are not.
 *
 * DevTools' propagateDOMState: what nodes say of themselves is passed on to native
 * children, attached first; a detached node's name gets "Detached " in front.  Without
 * the field nothing is done.  ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_DETACHED_H
#define TIDEMARK_AGENT_HEAP_DETACHED_H

#include "agent/heap/graph_data.h"

bool detached_spread(struct graph *g, struct err *e);

#endif
