#include "agent/heap/essential.h"

#include "agent/heap/bits.h"
#include "agent/heap/stack.h"

enum { ESSENTIAL_ROOT = 0 };

/* The spreading of "belongs to the page", in the file's order as far as that goes:
 * memory is read as it lies. */
struct essential_page {
	const struct graph *graph;
	struct bits *has;    /* by node */
	uint32_t reached;    /* the file's nodes up to here had their turn */
	struct stack behind; /* those that were met too late for theirs */
};

static void essential_page_roots(const struct graph *g, struct bits *has)
{
	uint64_t end = graph_first(g, ESSENTIAL_ROOT + 1);
	for (uint64_t edge = graph_first(g, ESSENTIAL_ROOT); edge < end; edge++) {
		unsigned link = graph_link(g, edge);
		uint32_t target = graph_target(g, edge);
		bool is_trees = link == GRAPH_LINK_ELEMENT &&
				graph_kind(g, target) == GRAPH_SYNTHETIC &&
				graph_node_code(g, target) == NAMES_DOM_TREES;
		if (is_trees || link == GRAPH_LINK_SHORTCUT)
			bits_test_and_set(has, target);
	}
}

static bool essential_page_spread(
	struct essential_page *p, uint32_t node, struct err *e)
{
	const struct graph *g = p->graph;
	uint64_t end = graph_first(g, node + 1);
	for (uint64_t edge = graph_first(g, node); edge < end; edge++) {
		uint32_t target = graph_target(g, edge);
		if (bits_test(p->has, target) || graph_link(g, edge) == GRAPH_LINK_WEAK)
			continue;
		bits_test_and_set(p->has, target);
		if (target <= p->reached && !stack_push(&p->behind, target, e))
			return false;
	}
	return true;
}

static bool essential_page(const struct graph *g, struct bits *has, struct err *e)
{
	struct essential_page p = {.graph = g, .has = has};
	bool ok = true;
	essential_page_roots(g, has);
	for (; ok && p.reached < g->node_count; p.reached++) {
		uint32_t node = p.reached;
		if (!bits_test(has, node))
			continue;
		do
			ok = essential_page_spread(&p, node, e);
		while (ok && stack_pop(&p.behind, &node));
	}
	stack_finish(&p.behind);
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
