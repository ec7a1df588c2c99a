#include "agent/heap/interfaces.h"

#include "agent/heap/interfaces_shapes.h"

#include <string.h>

void interfaces_finish(struct interfaces *i)
{
	pages_finish(&i->shape_of);
	pages_finish(&i->shapes);
	map_finish(&i->by_hash);
}

bool interfaces_is_plain(const struct graph *g, uint32_t node)
{
	return graph_kind(g, node) == GRAPH_OBJECT &&
	       graph_node_code(g, node) == NAMES_OBJECT;
}

bool interfaces_same_name(const struct graph *g, uint32_t slot, uint32_t other)
{
	const struct names *n = &g->names;
	return slot == other ||
	       (names_hash(n, slot) == names_hash(n, other) &&
		       strcmp(names_text(n, slot), names_text(n, other)) == 0);
}

static uint64_t interfaces_hash_node(const struct graph *g, uint32_t node)
{
	uint64_t edge = graph_first(g, node), end = graph_first(g, node + 1), hash = 0;
	uint32_t slot;
	while (interfaces_next(g, &edge, end, &slot))
		hash = interfaces_hash(hash, names_hash(&g->names, slot));
	return hash;
}

static bool interfaces_same_shape(const struct graph *g, uint32_t node, uint32_t other)
{
	uint64_t edge = graph_first(g, node), end = graph_first(g, node + 1);
	uint64_t at = graph_first(g, other), other_end = graph_first(g, other + 1);
	uint32_t slot, other_slot;
	while (interfaces_next(g, &edge, end, &slot)) {
		if (!interfaces_next(g, &at, other_end, &other_slot) ||
			!interfaces_same_name(g, slot, other_slot))
			return false;
	}
	return !interfaces_next(g, &at, other_end, &other_slot);
}

static bool interfaces_put_shape(
	struct interfaces *i, uint32_t node, uint32_t *shape, struct err *e)
{
	const struct graph *g = i->graph;
	uint64_t key = interfaces_hash_node(g, node);
	for (;; key++) {
		key &= UINT64_MAX >> 1;
		uint64_t *known = map_put(&i->by_hash, key, i->shape_count, e);
		if (!known)
			return false;
		*shape = (uint32_t)*known;
		if (*known == i->shape_count)
			break;
		struct interfaces_shape *shapes = i->shapes.data;
		if (interfaces_same_shape(g, node, shapes[*known].node))
			return true;
	}
	if (!pages_reserve(&i->shapes, (uint64_t)i->shape_count + 1, UINT32_MAX,
		    sizeof(struct interfaces_shape), e))
		return false;
	((struct interfaces_shape *)i->shapes.data)[i->shape_count++] =
		(struct interfaces_shape){node, 0, INTERFACES_NONE};
	return true;
}

bool interfaces_read(struct interfaces *i, const struct graph *g, struct err *e)
{
	*i = (struct interfaces){.graph = g};
	for (uint32_t node = 0; node < g->node_count; node++) {
		uint32_t shape;
		if (!interfaces_is_plain(g, node))
			continue;
		if (!interfaces_put_shape(i, node, &shape, e) ||
			!pages_reserve(&i->shape_of, (uint64_t)i->object_count + 1,
				UINT32_MAX, sizeof(uint32_t), e))
			return false;
		((uint32_t *)i->shape_of.data)[i->object_count++] = shape;
		((struct interfaces_shape *)i->shapes.data)[shape].objects++;
	}
	map_finish(&i->by_hash);
	return true;
}

uint32_t interfaces_of(const struct interfaces *i, uint32_t object)
{
	uint32_t shape = graph_u32(&i->shape_of)[object];
	return ((const struct interfaces_shape *)i->shapes.data)[shape].interface;
}
