#include "agent/heap/paths.h"

#include <string.h>

/* The smaller, the more it says; links that hold nothing rank last. */
enum { PATHS_HOLDS_NOT = 100 };

/* So many equally near holders are looked at for one that holds by a name: what a
 * million closures hold is told as well by the first few. */
enum { PATHS_TIES = 256 };

static int paths_rank(enum graph_link link)
{
	switch (link) {
	case GRAPH_LINK_PROPERTY:
		return 0;
	case GRAPH_LINK_CONTEXT:
		return 1;
	case GRAPH_LINK_ELEMENT:
		return 2;
	case GRAPH_LINK_INTERNAL:
		return 3;
	case GRAPH_LINK_HIDDEN:
		return 4;
	case GRAPH_LINK_SHORTCUT:
		return 5;
	case GRAPH_LINK_WEAK:
	case GRAPH_LINK_INVISIBLE:
		return PATHS_HOLDS_NOT;
	case GRAPH_LINK_OTHER:
		break;
	}
	return 6;
}

/* Roots' system side has distances above all others; the unreachable come last. */
static uint32_t paths_distance(const struct graph *g, uint32_t node)
{
	int32_t distance = graph_node_distance(g, node);
	return distance == GRAPH_DISTANCE_NONE ? UINT32_MAX : (uint32_t)distance;
}

/* The edge of `holder` to `node` that says most; false when it holds only weakly. */
static bool paths_edge(const struct graph *g, uint32_t holder, uint32_t node,
	uint64_t *edge, int *rank)
{
	*rank = PATHS_HOLDS_NOT;
	uint64_t end = graph_edges(g, holder + 1);
	for (uint64_t i = graph_edges(g, holder); i<end && * rank> 0; i++) {
		if (graph_edge_target(g, i) != node)
			continue;
		int of_this = paths_rank(graph_edge_link(g, i));
		if (of_this < *rank) {
			*rank = of_this;
			*edge = i;
		}
	}
	return *rank < PATHS_HOLDS_NOT;
}

/* The nearest holder.  Edges of one holder lie together, so a holder is looked at
 * once, and a step costs at most all edges once. */
static bool paths_step_up(const struct graph *g, uint32_t node, struct paths_step *out)
{
	uint32_t nearest = paths_distance(g, node), previous = UINT32_MAX;
	int best = PATHS_HOLDS_NOT, ties = 0;
	uint64_t end = graph_retainers(g, node + 1);
	for (uint64_t k = graph_retainers(g, node); k < end; k++) {
		uint32_t holder = graph_retainer(g, k);
		uint32_t distance = paths_distance(g, holder);
		if (holder == previous || holder == 0)
			continue;
		previous = holder;
		bool is_tie = distance == nearest;
		if (distance > nearest || (is_tie && best == PATHS_HOLDS_NOT) ||
			(is_tie && (best == 0 || ++ties > PATHS_TIES)))
			continue;
		uint64_t edge = 0;
		int rank;
		if (!paths_edge(g, holder, node, &edge, &rank))
			continue;
		if (is_tie && rank >= best)
			continue;
		nearest = distance;
		best = rank;
		*out = (struct paths_step){.edge = edge, .holder = holder};
	}
	return best < PATHS_HOLDS_NOT;
}

void paths_find(const struct graph *g, uint32_t node, struct paths_path *out)
{
	out->count = 0;
	out->is_cut = false;
	while (graph_node_distance(g, node) != 1) {
		struct paths_step step;
		if (!paths_step_up(g, node, &step))
			return;
		if (out->count == SNAPSHOT_STEPS_MAX) {
			out->is_cut = true;
			return;
		}
		out->steps[out->count++] = step;
		node = step.holder;
	}
}

bool paths_is_internal(const struct graph *g, uint32_t node)
{
	enum graph_type type = graph_node_type(g, node);
	return type == GRAPH_ARRAY || type == GRAPH_HIDDEN || type == GRAPH_SHAPE;
}
