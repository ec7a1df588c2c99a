#include "agent/heap/aggregate.h"

#include "agent/heap/stack.h"

#include <string.h>

/* On the stack, beside a node: its subtree ends. */
#define AGGREGATE_LEAVE UINT32_C(0x80000000)

/* The dominator tree, downwards: the children of a node lie together. */
struct aggregate {
	struct graph *graph;
	struct classes *classes;
	struct pages first, children, depth;
	struct stack stack;
};

static bool aggregate_build(struct aggregate *a, struct err *e)
{
	struct graph *g = a->graph;
	if (!pages_borrow(&a->first, &g->spares, (uint64_t)g->node_count + 1, 4, e) ||
		!pages_borrow(&a->children, &g->spares, g->node_count, 4, e))
		return false;
	uint32_t *first = a->first.data, *children = a->children.data;
	memset(first, 0, ((size_t)g->node_count + 1) * sizeof *first);
	const uint32_t *dominator = g->dominator.data;
	for (uint32_t node = 1; node < g->node_count; node++)
		first[dominator[node]]++;
	uint32_t sum = 0;
	for (uint32_t node = 0; node <= g->node_count; node++) {
		sum += first[node];
		first[node] = sum;
	}
	for (uint32_t node = g->node_count; node-- > 1;)
		children[--first[dominator[node]]] = node;
	return true;
}

static bool aggregate_enter(struct aggregate *a, uint32_t node, struct err *e)
{
	const struct graph *g = a->graph;
	const uint32_t *first = a->first.data, *children = a->children.data;
	uint32_t *depth = a->depth.data, row = graph_node_class(g, node);
	struct classes_row *rows = a->classes->rows.data;
	if (row != CLASSES_NONE && depth[row] == 0)
		rows[row].retained_bytes += wide_get(&g->retained, node);
	if (first[node] == first[node + 1])
		return true;
	if (row != CLASSES_NONE) {
		depth[row]++;
		if (!stack_push(&a->stack, node | AGGREGATE_LEAVE, e))
			return false;
	}
	for (uint32_t i = first[node]; i < first[node + 1]; i++) {
		if (!stack_push(&a->stack, children[i], e))
			return false;
	}
	return true;
}

static bool aggregate_walk(struct aggregate *a, struct err *e)
{
	uint32_t *depth = a->depth.data, node;
	if (!stack_push(&a->stack, 0, e))
		return false;
	while (stack_pop(&a->stack, &node)) {
		if (node & AGGREGATE_LEAVE)
			depth[graph_node_class(a->graph, node & ~AGGREGATE_LEAVE)]--;
		else if (!aggregate_enter(a, node, e))
			return false;
	}
	return true;
}

bool aggregate_retained(struct graph *g, struct classes *c, struct err *e)
{
	struct aggregate a = {.graph = g, .classes = c};
	bool ok = aggregate_build(&a, e) &&
		  pages_resize(&a.depth, (uint64_t)c->row_count + 1, 4, e) &&
		  aggregate_walk(&a, e);
	pages_give(&a.first, &g->spares);
	pages_give(&a.children, &g->spares);
	pages_finish(&a.depth);
	stack_finish(&a.stack);
	return ok;
}
