#include "agent/heap/detached.h"

#include "agent/heap/bits.h"
#include "agent/heap/stack.h"

struct detached {
	struct graph *graph;
	struct bits visited;
	struct stack attached, detached;
	struct map renamed; /* old name to new name */
};

static unsigned detached_state(const struct graph *g, uint32_t node)
{
	return ((const uint8_t *)g->kind.data)[node] >> GRAPH_KIND_BITS;
}

static bool detached_rename(struct detached *d, uint32_t node, struct err *e)
{
	struct graph *g = d->graph;
	uint32_t *name = (uint32_t *)g->name.data + node;
	uint64_t *renamed = map_put(&d->renamed, *name, NAMES_NONE, e);
	if (!renamed)
		return false;
	if (*renamed == NAMES_NONE)
		*renamed = names_add(
			&g->names, "Detached ", names_text(&g->names, *name), e);
	if (*renamed == NAMES_NONE)
		return false;
	*name = (uint32_t)*renamed;
	return true;
}

static bool detached_visit(
	struct detached *d, uint32_t node, unsigned state, struct err *e)
{
	struct graph *g = d->graph;
	if (bits_test_and_set(&d->visited, node))
		return true;
	if (graph_kind(g, node) != GRAPH_NATIVE)
		return true;
	((uint8_t *)g->kind.data)[node] = (uint8_t)(GRAPH_NATIVE |
						    state << GRAPH_KIND_BITS);
	if (state == GRAPH_ATTACHED)
		return stack_push(&d->attached, node, e);
	if (state != GRAPH_DETACHED)
		return true;
	return detached_rename(d, node, e) && stack_push(&d->detached, node, e);
}

static bool detached_children(
	struct detached *d, uint32_t node, unsigned state, struct err *e)
{
	const struct graph *g = d->graph;
	uint64_t end = graph_first(g, node + 1);
	for (uint64_t edge = graph_first(g, node); edge < end; edge++) {
		unsigned link = graph_link(g, edge);
		if (link == GRAPH_LINK_HIDDEN || link == GRAPH_LINK_WEAK ||
			link == GRAPH_LINK_INVISIBLE)
			continue;
		if (!detached_visit(d, graph_target(g, edge), state, e))
			return false;
	}
	return true;
}

static bool detached_run(struct detached *d, struct err *e)
{
	const struct graph *g = d->graph;
	uint32_t node;
	for (node = 0; node < g->node_count; node++) {
		unsigned state = detached_state(g, node);
		if (state != GRAPH_UNKNOWN && !detached_visit(d, node, state, e))
			return false;
	}
	while (stack_pop(&d->attached, &node)) {
		if (!detached_children(d, node, GRAPH_ATTACHED, e))
			return false;
	}
	while (stack_pop(&d->detached, &node)) {
		if (detached_state(g, node) != GRAPH_ATTACHED &&
			!detached_children(d, node, GRAPH_DETACHED, e))
			return false;
	}
	return true;
}

bool detached_spread(struct graph *g, struct err *e)
{
	if (!g->has_detachedness)
		return true;
	struct detached d = {.graph = g};
	bool ok = bits_create(&d.visited, g->node_count, e) && detached_run(&d, e);
	bits_destroy(&d.visited);
	stack_finish(&d.attached);
	stack_finish(&d.detached);
	map_finish(&d.renamed);
	return ok;
}
