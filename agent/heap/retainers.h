/*
 * Retainers: the edges of a graph the other way round, in file order.
 *
 * After the essential edges are marked: what is not essential carries
 * GRAPH_UNESSENTIAL.  ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_RETAINERS_H
#define TIDEMARK_AGENT_HEAP_RETAINERS_H

#include "agent/heap/graph_data.h"

bool retainers_build(struct graph *g, struct err *e);

#endif
