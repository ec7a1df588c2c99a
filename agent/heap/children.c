#include "agent/heap/children.h"

#include "common/err.h"

#include <stdlib.h>

void children_init(struct children *c, const struct graph *g)
{
	size_t count = graph_node_count(g);
	c->starts = calloc(count + 2, sizeof *c->starts);
	c->nodes = calloc(count + 1, sizeof *c->nodes);
	BUG_ON(!c->starts || !c->nodes);
	/* Counted two places ahead, summed one place ahead: filling then moves each
	 * start to where it belongs. */
	for (uint32_t n = 1; n < count; n++)
		c->starts[graph_node_dominator(g, n) + 2]++;
	for (size_t n = 2; n < count + 2; n++)
		c->starts[n] += c->starts[n - 1];
	for (uint32_t n = 1; n < count; n++)
		c->nodes[c->starts[graph_node_dominator(g, n) + 1]++] = n;
}

void children_finish(struct children *c)
{
	free(c->starts);
	free(c->nodes);
	*c = (struct children){0};
}
