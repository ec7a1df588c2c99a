#include "agent/heap/owners.h"

#include "agent/heap/stack.h"

#include <string.h>

#define OWNERS_NONE    UINT32_MAX
#define OWNERS_SEVERAL (UINT32_MAX - 1)
#define OWNERS_ROOT    0

static bool owners_may_be_owned(const struct graph *g, uint32_t node)
{
	switch (graph_kind(g, node)) {
	case GRAPH_HIDDEN:
	case GRAPH_ARRAY:
		return true;
	case GRAPH_NATIVE:
		return graph_node_code(g, node) == NAMES_EXTERNAL_STRING;
	default:
		return false;
	}
}

static bool owners_have_user_root(const struct graph *g)
{
	uint64_t end = graph_first(g, OWNERS_ROOT + 1);
	for (uint64_t edge = graph_first(g, OWNERS_ROOT); edge < end; edge++) {
		if (graph_is_user_root(g, graph_target(g, edge)))
			return true;
	}
	return false;
}

/* Tells the children of `node` who owns it.  A child changes at most twice: from nobody
 * to one, from one to several. */
static bool owners_tell(const struct graph *g, uint32_t *owners, uint32_t node,
	struct stack *changed, struct err *e)
{
	uint32_t owner = owners[node];
	uint64_t end = graph_first(g, node + 1);
	for (uint64_t edge = graph_first(g, node); edge < end; edge++) {
		uint32_t target = graph_target(g, edge);
		uint32_t known = owners[target];
		if (known == target || known == owner || known == OWNERS_SEVERAL)
			continue;
		if (graph_link(g, edge) == GRAPH_LINK_WEAK)
			continue;
		owners[target] = known == OWNERS_NONE ? owner : OWNERS_SEVERAL;
		if (!stack_push(changed, target, e))
			return false;
	}
	return true;
}

static bool owners_spread(const struct graph *g, uint32_t *owners, struct err *e)
{
	struct stack changed = {0};
	bool ok = true;
	for (uint32_t node = 0; node < g->node_count; node++)
		owners[node] = owners_may_be_owned(g, node) ? OWNERS_NONE : node;
	for (uint32_t node = 0; ok && node < g->node_count; node++) {
		uint32_t next = node;
		if (owners[node] != node)
			continue;
		do
			ok = owners_tell(g, owners, next, &changed, e);
		while (ok && stack_pop(&changed, &next));
	}
	stack_finish(&changed);
	return ok;
}

static bool owners_move(struct graph *g, const uint32_t *owners, struct err *e)
{
	for (uint32_t node = 0; node < g->node_count; node++) {
		uint32_t owner = owners[node];
		if (owner == node || owner >= OWNERS_SEVERAL || owner == OWNERS_ROOT ||
			graph_kind(g, owner) == GRAPH_SYNTHETIC)
			continue;
		uint64_t size_bytes = wide_get(&g->self, node);
		if (size_bytes && (!wide_set(&g->self, node, 0, e) ||
					  !wide_add(&g->self, owner, size_bytes, e)))
			return false;
	}
	return true;
}

bool owners_move_sizes(struct graph *g, struct err *e)
{
	if (!wide_copy(&g->self, &g->raw, e))
		return false;
	if (!owners_have_user_root(g))
		return true;
	struct pages owners = {0};
	bool ok = pages_borrow(
			  &owners, &g->spares, g->node_count, sizeof(uint32_t), e) &&
		  owners_spread(g, owners.data, e) && owners_move(g, owners.data, e);
	pages_give(&owners, &g->spares);
	return ok;
}
