#include "agent/heap/essential.h"

#include "agent/heap/bits.h"
#include "agent/heap/stack.h"

enum { ESSENTIAL_ROOT = 0 };

static bool essential_add(
	struct bits *page, struct stack *stack, uint32_t node, struct err *e)
{
	return bits_test_and_set(page, node) || stack_push(stack, node, e);
}

static bool essential_page_roots(
	const struct graph *g, struct bits *page, struct stack *stack, struct err *e)
{
	uint64_t end = graph_first(g, ESSENTIAL_ROOT + 1);
	for (uint64_t edge = graph_first(g, ESSENTIAL_ROOT); edge < end; edge++) {
		unsigned link = graph_link(g, edge);
		uint32_t target = graph_target(g, edge);
		bool is_trees = link == GRAPH_LINK_ELEMENT &&
				graph_kind(g, target) == GRAPH_SYNTHETIC &&
				graph_node_code(g, target) == NAMES_DOM_TREES;
		if ((is_trees || link == GRAPH_LINK_SHORTCUT) &&
			!essential_add(page, stack, target, e))
			return false;
	}
	return true;
}

static bool essential_page(const struct graph *g, struct bits *page, struct err *e)
{
	struct stack stack = {0};
	uint32_t node;
	bool ok = essential_page_roots(g, page, &stack, e);
	while (ok && stack_pop(&stack, &node)) {
		uint64_t end = graph_first(g, node + 1);
		for (uint64_t edge = graph_first(g, node); ok && edge < end; edge++) {
			if (graph_link(g, edge) != GRAPH_LINK_WEAK)
				ok = essential_add(
					page, &stack, graph_target(g, edge), e);
		}
	}
	stack_finish(&stack);
	return ok;
}

/* A value in a WeakMap is held by its key, not by the table. */
static bool essential_is_from_table(
	const struct graph *g, uint32_t source, uint64_t edge)
{
	uint64_t table_id;
	const char *pair;
	if (graph_edge_code(g, edge) != NAMES_EPHEMERON)
		return false;
	const char *name = graph_edge_name(g, edge);
	return names_ephemeron(name, &table_id, &pair) &&
	       table_id == graph_node_id(g, source);
}

static bool essential_judge(
	const struct graph *g, const struct bits *page, uint32_t source, uint64_t edge)
{
	unsigned link = graph_link(g, edge);
	uint32_t target = graph_target(g, edge);
	if (link == GRAPH_LINK_WEAK || target == source)
		return false;
	if (link == GRAPH_LINK_INTERNAL && essential_is_from_table(g, source, edge))
		return false;
	if (source == ESSENTIAL_ROOT)
		return true;
	/* The source first: it is the same for many edges. */
	return link != GRAPH_LINK_SHORTCUT &&
	       (bits_test(page, source) || !bits_test(page, target));
}

bool essential_mark(struct graph *g, struct err *e)
{
	struct bits page = {0};
	bool ok = bits_create(&page, g->node_count, e) && essential_page(g, &page, e);
	uint32_t *labels = g->label.data;
	for (uint32_t node = 0; ok && node < g->node_count; node++) {
		uint64_t end = graph_first(g, node + 1);
		for (uint64_t edge = graph_first(g, node); edge < end; edge++) {
			if (essential_judge(g, &page, node, edge))
				labels[edge] |= GRAPH_ESSENTIAL;
		}
	}
	bits_destroy(&page);
	return ok;
}
