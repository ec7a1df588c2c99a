#include "agent/heap/aggregate.h"

#include "agent/heap/stack.h"

/* On the stack, beside a node: its subtree ends. */
#define AGGREGATE_LEAVE UINT32_C(0x80000000)

struct aggregate {
	const struct graph *graph;
	struct classes *classes;
	struct pages depth; /* by class: how many of it are above */
	struct stack stack;
};

static bool aggregate_enter(struct aggregate *a, uint32_t node, struct err *e)
{
	const struct graph *g = a->graph;
	const uint32_t *children = g->child.data;
	uint32_t first = graph_u32(&g->first_child)[node];
	uint32_t end = graph_u32(&g->first_child)[node + 1];
	uint32_t *depth = a->depth.data, row = graph_u32(&g->row)[node];
	struct classes_row *rows = a->classes->rows.data;
	if (row != CLASSES_NONE && depth[row] == 0)
		rows[row].retained_bytes += wide_get(&g->retained, node);
	if (first == end)
		return true;
	if (row != CLASSES_NONE) {
		depth[row]++;
		if (!stack_push(&a->stack, node | AGGREGATE_LEAVE, e))
			return false;
	}
	for (uint32_t i = first; i < end; i++) {
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
			depth[graph_u32(&a->graph->row)[node & ~AGGREGATE_LEAVE]]--;
		else if (!aggregate_enter(a, node, e))
			return false;
	}
	return true;
}

bool aggregate_retained(const struct graph *g, struct classes *c, struct err *e)
{
	struct aggregate a = {.graph = g, .classes = c};
	bool ok = pages_resize(&a.depth, (uint64_t)c->row_count + 1, 4, e) &&
		  aggregate_walk(&a, e);
	pages_finish(&a.depth);
	stack_finish(&a.stack);
	return ok;
}
