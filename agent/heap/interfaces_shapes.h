/*
 * Interfaces shapes: what the parts of interfaces.h share.
 */
#ifndef TIDEMARK_AGENT_HEAP_INTERFACES_SHAPES_H
#define TIDEMARK_AGENT_HEAP_INTERFACES_SHAPES_H

#include "agent/heap/interfaces.h"

struct interfaces_shape {
	uint32_t node;    /* the first that has it */
	uint32_t objects; /* that have it */
	uint32_t interface;
};

/* The properties of a node one after the other; begin with graph_first(g, node).
 * `*slot` is the property's name, in the graph's names. */
static inline bool interfaces_next(
	const struct graph *g, uint64_t *edge, uint64_t end, uint32_t *slot)
{
	while (*edge < end) {
		uint64_t at = (*edge)++;
		if (graph_link(g, at) != GRAPH_LINK_PROPERTY)
			continue;
		*slot = graph_label_value(g, at);
		return true;
	}
	return false;
}

static inline uint64_t interfaces_hash(uint64_t hash, uint32_t name_hash)
{
	return (hash ^ name_hash) * UINT64_C(0x9e3779b97f4a7c15) ^ hash >> 29;
}

/* Names are nearly always stored once; but nothing promises it. */
bool interfaces_same_name(const struct graph *g, uint32_t slot, uint32_t other);

#endif
