/*
 * Children: the dominator tree downwards.
 *
 * The graph knows each node's dominator; who goes from a holder to what it alone keeps
 * alive needs the other direction.  Eight bytes per node while it lives.
 *
 * Owns its memory, refers to the graph.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_CHILDREN_H
#define TIDEMARK_AGENT_HEAP_CHILDREN_H

#include "agent/heap/graph.h"

struct children {
	uint32_t *starts; /* of node n: nodes[starts[n]] up to nodes[starts[n + 1]] */
	uint32_t *nodes;
};

void children_init(struct children *c, const struct graph *g);
void children_finish(struct children *c);

#endif
