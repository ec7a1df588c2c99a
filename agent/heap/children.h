/*
 * Children: the dominator tree downwards.
 *
 * The dominators say of each node who holds it; who goes from a holder to what it alone
 * keeps alive needs the other direction.  Fills first_child and child, in which the
 * children of a node lie together, in file order.  ERR_BUSY: out of memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_CHILDREN_H
#define TIDEMARK_AGENT_HEAP_CHILDREN_H

#include "agent/heap/graph_data.h"

bool children_build(struct graph *g, struct err *e);

#endif
