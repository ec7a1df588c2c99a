#include "agent/heap/children.h"

#include <string.h>

bool children_build(struct graph *g, struct err *e)
{
	uint64_t ends = (uint64_t)g->node_count + 1;
	if (!pages_borrow(&g->first_child, &g->spares, ends, 4, e) ||
		!pages_borrow(&g->child, &g->spares, g->node_count, 4, e))
		return false;
	uint32_t *first = g->first_child.data, *children = g->child.data;
	memset(first, 0, ends * sizeof *first);
	const uint32_t *dominator = g->dominator.data;
	for (uint32_t node = 1; node < g->node_count; node++)
		first[dominator[node]]++;
	uint32_t sum = 0;
	for (uint32_t node = 0; node <= g->node_count; node++) {
		sum += first[node];
		first[node] = sum;
	}
	/* From behind, so that each node's end moves down to its start. */
	for (uint32_t node = g->node_count; node-- > 1;)
		children[--first[dominator[node]]] = node;
	return true;
}
