/*
 * Holders: the objects that hold many.
 *
 * Accumulators hold many that nothing else holds (in the dominator tree); fan-out is
 * many references going out, whoever else holds what they lead to.  What lies in a
 * store that V8 made for an object (elements, a map's table) counts as the object's.
 * Synthetic roots are no objects.
 *
 * O(nodes + edges) time, no memory per node.  Results are in the caller's arena.  One
 * thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_HOLDERS_H
#define TIDEMARK_AGENT_HEAP_HOLDERS_H

#include "agent/heap/classes.h"
#include "agent/heap/describe.h"
#include "agent/heap/groups.h"

enum { HOLDERS_TOP = 50, HOLDERS_MANY = 10 };

struct holders_holder {
	uint32_t node, sample; /* sample: one of the children */
	uint64_t count, bytes; /* of the children of the sample's group */
	uint64_t references;   /* fan-out only: all that go out, but weak ones */
};

struct holders_list {
	struct holders_holder *holders;
	size_t count;
};

/* The first HOLDERS_TOP by bytes and those by count, largest bytes first.  At least
 * HOLDERS_MANY children each. */
struct holders_list holders_accumulators(
	const struct graph *g, struct groups *groups, struct arena *arena);

/* The first HOLDERS_TOP by references. */
struct holders_list holders_fanout(
	const struct graph *g, struct groups *groups, struct arena *arena);

struct snapshot_holder holders_describe(
	const struct describe *d, const struct holders_holder *h);

#endif
