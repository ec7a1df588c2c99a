/*
 * Map: from numbers to numbers, for the few things that arrays do not hold.
 *
 * A zeroed struct is an empty map.  Keys are below UINT64_MAX.  Allocation failure is
 * ERR_BUSY.  The caller owns the struct; map_finish frees the memory.  One thread.
 */
#ifndef TIDEMARK_AGENT_HEAP_MAP_H
#define TIDEMARK_AGENT_HEAP_MAP_H

#include "agent/heap/pages.h"

struct map {
	struct pages slots;
	uint64_t capacity, count; /* capacity: 0 or a power of two */
};

void map_finish(struct map *m);

/* NULL when there is none; valid until the next map_put. */
uint64_t *map_find(const struct map *m, uint64_t key);

/* The value of `key`, which is made with `fresh` when there is none; NULL and ERR_BUSY
 * without memory.  Valid until the next map_put. */
uint64_t *map_put(struct map *m, uint64_t key, uint64_t fresh, struct err *e);

/* Spreads the bits of a number over all of it. */
uint64_t map_mix(uint64_t key);

#endif
