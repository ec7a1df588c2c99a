/*
 * Interfaces: names for plain objects, from the properties that many of them share.
 *
 * DevTools' inferInterfaceDefinitions and applyInterfaceDefinitions.  Objects with the
 * same properties in the same order are one shape, and are looked at once.
 *
 * The caller owns the struct; definitions live in the caller's arena.  ERR_BUSY: out of
 * memory.
 */
#ifndef TIDEMARK_AGENT_HEAP_INTERFACES_H
#define TIDEMARK_AGENT_HEAP_INTERFACES_H

#include "agent/heap/classes.h"
#include "agent/heap/graph_data.h"
#include "common/arena.h"

#define INTERFACES_NONE UINT32_MAX

struct interfaces {
	const struct graph *graph;
	struct pages shape_of; /* uint32_t, per plain object in their order */
	struct pages shapes;   /* struct interfaces_shape */
	struct map by_hash;
	uint32_t object_count, shape_count;
};

void interfaces_finish(struct interfaces *i);

bool interfaces_is_plain(const struct graph *g, uint32_t node);

/* Finds the shapes of all plain objects. */
bool interfaces_read(struct interfaces *i, const struct graph *g, struct err *e);

/* What the objects propose, the most popular first, in the arena. */
bool interfaces_infer(struct interfaces *i, struct arena *arena,
	struct classes_interface **out, size_t *count, struct err *e);

/* Which of the definitions each shape satisfies; from then on interfaces_of answers. */
bool interfaces_apply(struct interfaces *i, const struct classes_interface *definitions,
	size_t count, struct err *e);

/* Of the plain object that is the `object`-th in the file: an index or
 * INTERFACES_NONE. */
uint32_t interfaces_of(const struct interfaces *i, uint32_t object);

#endif
