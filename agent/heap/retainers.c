#include "agent/heap/retainers.h"

bool retainers_build(struct graph *g, struct err *e)
{
	if (!pages_resize(&g->first_retainer, (uint64_t)g->node_count + 1, 4, e) ||
		!pages_resize(&g->retainer, g->edge_count, 4, e))
		return false;
	uint32_t *first = g->first_retainer.data, *retainer = g->retainer.data;
	const uint32_t *targets = g->target.data, *labels = g->label.data;
	for (uint64_t edge = 0; edge < g->edge_count; edge++)
		first[targets[edge]]++;
	uint32_t sum = 0;
	for (uint32_t node = 0; node <= g->node_count; node++) {
		sum += first[node];
		first[node] = sum;
	}
	/* From behind, so that each node's end moves down to its start. */
	for (uint32_t node = g->node_count; node-- > 0;) {
		uint64_t start = graph_first(g, node);
		for (uint64_t edge = graph_first(g, node + 1); edge-- > start;) {
			bool essential = labels[edge] & GRAPH_ESSENTIAL;
			retainer[--first[targets[edge]]] =
				node | (essential ? 0 : GRAPH_UNESSENTIAL);
		}
	}
	return true;
}
